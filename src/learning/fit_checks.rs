//! What is odd about the rows of a fit: refused without a penalty, told with one.
//!
//! Shape: findings by column, gathered before the fit, and the warnings that follow from them and
//! from the fit. Concurrency: columns side by side. Turned down: mending what is odd (a column that
//! is left out in silence is missed in every explanation).

use std::sync::atomic::AtomicBool;

use super::classes::Classes;
use super::dependence::dependent_columns;
use super::descent::Solution;
use super::fit::FitError;
use super::moments::Range;
use super::not_trainable::NotTrainable;
use super::params::Recipe;
use super::scaler::Scaler;
use super::schema::Schema;
use super::separation::{Separating, separating_columns};
use super::subset::Subset;
use super::training_set::Part;
use super::warning::{Warning, listed};

/// The largest class has at least this many times the rows of the smallest.
const HEAVY_IMBALANCE: u64 = 100;
/// Rows below which a range says little about its ends.
const RANGE_ROWS: usize = 20;
/// Share of a feature's range that one row adds.
const RULED_SHARE: f64 = 0.5;

/// What was found in the rows of one fit.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    schema: &'a Schema,
    classes: &'a Classes,
    penalty: f64,
    constant: Vec<usize>,
    dependent: Vec<Vec<usize>>,
    separating: Vec<Separating>,
    ruled: Vec<usize>,
}

impl<'a> Findings<'a> {
    pub(super) fn of(
        schema: &'a Schema,
        part: Part<'_>,
        classes: &'a Classes,
        (scaler, ranges): (&Scaler, &[Range]),
        recipe: &Recipe,
        stop: &AtomicBool,
    ) -> Result<Self, FitError> {
        let Recipe {
            penalty, threads, ..
        } = *recipe;
        let columns = part.features.ncols();
        let dependent = dependent_columns(part, scaler, threads, penalty == 0.0, stop);
        let separating = separating_columns(part, scaler, classes, threads, stop);
        Ok(Self {
            schema,
            classes,
            penalty,
            constant: (0..columns).filter(|at| !scaler.varies(*at)).collect(),
            dependent: dependent.ok_or(FitError::Stopped)?,
            separating: separating.ok_or(FitError::Stopped)?,
            ruled: (0..columns)
                .filter(|at| is_ruled(part, *at, &ranges[*at]))
                .collect(),
        })
    }

    /// Without a penalty, columns that determine each other or tell classes apart.
    pub(super) fn refuse_unpenalised(&self) -> Result<(), NotTrainable> {
        if self.penalty > 0.0 {
            return Ok(());
        }
        if let Some(group) = self.dependent.first() {
            return Err(NotTrainable::Dependent {
                columns: self.names(group),
            });
        }
        if !self.separating.is_empty() {
            let columns: Vec<usize> = self.separating.iter().map(|one| one.column).collect();
            let complete = self.separating.iter().any(|one| one.complete);
            return Err(NotTrainable::Separated {
                columns: self.names(&columns),
                complete,
            });
        }
        Ok(())
    }

    /// Everything to look at, the fit itself first.
    pub(super) fn warnings(
        &self,
        solution: &Solution,
        per_class: &[u64],
        with_inference: bool,
    ) -> Vec<Warning> {
        let not_converged = (!solution.converged).then(|| {
            let words = "the fit did not reach its tolerance, so its numbers are not exact: set a larger penalty, or look for extreme values";
            Warning::new("not_converged", words)
        });
        let penalised = (!with_inference).then(|| {
            let words = "standard errors, p-values and intervals are not given: under a penalty they would not be valid";
            Warning::new("penalised_no_inference", words)
        });
        let mut warnings: Vec<Warning> = not_converged.into_iter().collect();
        warnings.extend(self.about(
            &self.constant,
            "constant_feature",
            "have one value only in every row, and no coefficient",
        ));
        warnings.extend(self.dependent.iter().map(|group| self.dependence(group)));
        warnings.extend(self.separation(solution));
        warnings.extend(self.imbalance(per_class));
        warnings.extend(self.about(&self.ruled, "range_ruled_by_one_row", "have a range of which a single row makes up more than half: look whether that value is right"));
        warnings.extend(penalised);
        warnings
    }

    fn about(&self, columns: &[usize], code: &str, words: &str) -> Option<Warning> {
        (!columns.is_empty()).then(|| Warning::about(code, self.names(columns), words))
    }

    fn dependence(&self, group: &[usize]) -> Warning {
        match group {
            [_, _] => Warning::about(
                "duplicated_columns",
                self.names(group),
                "are the same but for unit and zero: one of them can be left out",
            ),
            _ => Warning::about(
                "dependent_columns",
                self.names(group),
                "determine each other: their coefficients share one effect, only the penalty says how",
            ),
        }
    }

    fn separation(&self, solution: &Solution) -> Option<Warning> {
        let words = "tell classes apart without an error: how large their coefficients are, only the penalty says";
        let columns: Vec<usize> = self.separating.iter().map(|one| one.column).collect();
        if !columns.is_empty() {
            return self.about(&columns, "separated", words);
        }
        (solution.local.smallest_margin > 0.0).then(|| {
            let words = format!("the features together {words}");
            Warning::new("separated", words)
        })
    }

    fn imbalance(&self, per_class: &[u64]) -> Option<Warning> {
        let (least, most) = (per_class.iter().min()?, per_class.iter().max()?);
        if *least * HEAVY_IMBALANCE > *most {
            return None;
        }
        let places = (0..per_class.len()).filter(|at| per_class[*at] * HEAVY_IMBALANCE <= *most);
        let rare: Vec<String> = places.map(|at| self.classes.names()[at].clone()).collect();
        let words = format!(
            "of the classes {} there are {least} rows or little more, of the largest {most}: accuracy says little, and rare classes are learned from few rows",
            listed(&rare)
        );
        Some(Warning::new("imbalanced_classes", words))
    }

    fn names(&self, columns: &[usize]) -> Vec<String> {
        columns
            .iter()
            .map(|at| self.schema.features()[*at].name.clone())
            .collect()
    }
}

/// Whether one row makes up more than half of the range of a feature, which goes from end to end.
fn is_ruled(part: Part<'_>, column: usize, ends: &Range) -> bool {
    if part.rows() < RANGE_ROWS {
        return false;
    }
    let values = Subset::all(part).column(column);
    // Halved, so that a range from one end of the doubles to the other does not overflow.
    let range = ends.maximum / 2.0 - ends.minimum / 2.0;
    let without =
        |low: f64, high: f64| (ends.maximum / 2.0 - low / 2.0).min(high / 2.0 - ends.minimum / 2.0);
    // The two smallest and the two largest of the values so far.
    let (mut lows, mut highs) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for value in values.iter().copied().filter(|value| !value.is_nan()) {
        if value < lows[1] {
            lows = if value < lows[0] {
                [value, lows[0]]
            } else {
                [lows[0], value]
            };
        }
        if value > highs[1] {
            highs = if value > highs[0] {
                [value, highs[0]]
            } else {
                [highs[0], value]
            };
        }
        // More values only bring the second ones further out: most columns are told by a few.
        if without(lows[1], highs[1]) >= RULED_SHARE * range {
            return false;
        }
    }
    range > 0.0 && without(lows[1], highs[1]) < RULED_SHARE * range
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn ruled(values: &[f64]) -> bool {
        let features = Array2::from_shape_fn((values.len(), 1), |(row, _)| values[row]);
        let labels = vec![0; values.len()];
        let part = Part {
            features: features.view(),
            labels: &labels,
        };
        is_ruled(part, 0, &Range::of(values))
    }

    #[test]
    fn one_far_row_rules_a_range() {
        let mut values: Vec<f64> = (0..40).map(f64::from).collect();
        assert!(!ruled(&values));
        values[7] = 5_000.0;
        assert!(ruled(&values));
        values[8] = 4_900.0;
        assert!(!ruled(&values));
        values[9] = f64::NAN;
        values[10] = -1e300;
        assert!(ruled(&values));
        assert!(!ruled(&[3.0; 30]));
        assert!(!ruled(&[1.0, 2.0, 900.0]));
    }
}
