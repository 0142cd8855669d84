//! Champion and challenger on the same rows, which neither of them saw.
//!
//! Shape: of the rows that the challenger's training held out, those count that the champion's
//! division says it did not see, and that do not hold what a row had that it did. On each of them
//! the log loss of either, from scores without clipping, and of the classes' shares of the
//! challenger's training part (the base rate). All intervals are of paired differences. Concurrency:
//! pure; it may take long, run it off any async runtime. Turned down: each version's own evaluation
//! (other rows, so mostly noise), and the champion's own class shares as its base rate (a table in
//! which the classes have moved would go unnoticed).

use thiserror::Error;

use super::class_scores::row_losses;
use super::classifier::Classifier;
use super::division::Division;
use super::estimate::{Estimate, estimates};
use super::moved_rows::moved_rows;
use super::training_set::{Part, TrainingSet};

/// Fewer rows say too little.
pub const LEAST_COMPARED_ROWS: usize = 30;

/// Champion and challenger on the same rows; losses are means a row, with natural logarithms.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Rows that count.
    pub rows: u64,
    /// Of the challenger's training part's class shares.
    pub base_rate_log_loss: f64,
    /// The challenger's.
    pub challenger_log_loss: f64,
    /// The champion's.
    pub champion_log_loss: f64,
    /// Base rate less challenger: above 0 the challenger is better.
    pub challenger_gain: Estimate,
    /// Base rate less champion.
    pub champion_gain: Estimate,
    /// Challenger less champion: above 0 the challenger is worse.
    pub difference: Estimate,
}

/// Why there is no fair comparison.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotComparable {
    /// Too few rows that neither saw.
    #[error(
        "only {rows} held-out rows were seen by neither version, {LEAST_COMPARED_ROWS} are needed"
    )]
    FewRows {
        /// Rows that neither saw.
        rows: usize,
    },
    /// A class that none of these rows has.
    #[error("none of the {rows} held-out rows that neither version saw has the class {class:?}")]
    ClassMissing {
        /// The class.
        class: String,
        /// Rows that neither saw.
        rows: usize,
    },
    /// Rows that the champion was fitted on count as new by their keys or their order.
    #[error(
        "{moved} of {found} remembered rows that the champion was fitted on now count as rows it never saw: their keys or their order have changed"
    )]
    RowsMoved {
        /// Remembered rows that are still there.
        found: usize,
        /// Of these, rows that only stand among those the champion did not see.
        moved: usize,
    },
}

/// Compares the fit that did not see the held-out rows of `set` with a champion that was fitted on
/// the rows that `division` says. `seed` draws the resamples of an interval. Both have the classes
/// of the set, perhaps in another order.
///
/// # Errors
/// [`NotComparable`].
pub fn compare(
    set: &TrainingSet,
    challenger: &Classifier,
    champion: &Classifier,
    division: &Division,
    seed: u64,
) -> Result<Comparison, NotComparable> {
    let counts = counting(set, division)?;
    let held_out = set.held_out();
    let of = |classifier: &Classifier| {
        let losses = row_losses(classifier, held_out, &places(set, classifier));
        kept(losses, &counts)
    };
    let (challenger, champion) = (of(challenger), of(champion));
    let base = kept(
        base_losses(held_out, set.training(), set.classes().len()),
        &counts,
    );
    let less = |one: &[f64], two: &[f64]| -> Vec<f64> {
        one.iter().zip(two).map(|(one, two)| one - two).collect()
    };
    let lists = [
        less(&base, &challenger),
        less(&base, &champion),
        less(&challenger, &champion),
    ];
    let [challenger_gain, champion_gain, difference] =
        estimates([&lists[0], &lists[1], &lists[2]], seed);
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    Ok(Comparison {
        rows: base.len() as u64,
        base_rate_log_loss: mean(&base),
        challenger_log_loss: mean(&challenger),
        champion_log_loss: mean(&champion),
        challenger_gain,
        champion_gain,
        difference,
    })
}

/// Whether each of the held-out rows counts.
fn counting(set: &TrainingSet, division: &Division) -> Result<Vec<bool>, NotComparable> {
    let moved = moved_rows(set, division)?;
    let first = set.training().rows();
    let seen = set.held_out_seen_by(division).into_iter();
    let counts: Vec<bool> = (first..)
        .zip(seen)
        .map(|(row, seen)| !seen && moved.binary_search(&row).is_err())
        .collect();
    let rows = counts.iter().filter(|counts| **counts).count();
    if rows < LEAST_COMPARED_ROWS {
        return Err(NotComparable::FewRows { rows });
    }
    let mut present = vec![false; set.classes().len()];
    for (label, _) in set.held_out().labels.iter().zip(&counts).filter(|of| *of.1) {
        present[usize::from(*label)] = true;
    }
    match present.iter().position(|there| !there) {
        None => Ok(counts),
        Some(at) => Err(NotComparable::ClassMissing {
            class: set.classes().names()[at].clone(),
            rows,
        }),
    }
}

/// The place of each class of the set among the classifier's.
fn places(set: &TrainingSet, classifier: &Classifier) -> Vec<usize> {
    let own = classifier.classes().names();
    let place = |name: &String| own.iter().position(|own| own == name).unwrap_or_default();
    set.classes().names().iter().map(place).collect()
}

/// The log loss of each held-out row under the class shares of the training part.
pub(super) fn base_losses(held_out: Part<'_>, training: Part<'_>, classes: usize) -> Vec<f64> {
    let rows = training.rows() as f64;
    let losses = training.rows_per_class(classes).into_iter();
    let losses: Vec<f64> = losses.map(|of| -(of as f64 / rows).ln()).collect();
    let of = |label: &u16| losses[usize::from(*label)];
    held_out.labels.iter().map(of).collect()
}

fn kept(losses: Vec<f64>, counts: &[bool]) -> Vec<f64> {
    let rows = losses.into_iter().zip(counts);
    rows.filter(|(_, counts)| **counts)
        .map(|(loss, _)| loss)
        .collect()
}

#[cfg(test)]
mod tests;
