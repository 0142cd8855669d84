//! Single columns that tell classes apart, and the columns of a direction that does.
//!
//! Shape: a column separates when the classes fall into two groups of which one lies, value by
//! value, not above the other: then moving its coefficient on and on lowers no row's own score
//! against another (Albert and Anderson 1984; a dummy that only one class ever has is the usual
//! case). Directions of several columns are found by the steps of `newton.rs`. Concurrency: columns
//! side by side. Turned down: sorting the rows of a column; a range a class tells as much.

use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Array1;

use super::blocks::in_parallel;
use super::classes::Classes;
use super::scaler::Scaler;
use super::training_set::Part;

/// Share of a direction's largest entry below which a column has no part in it.
const LEAST_PART: f64 = 1e-3;

/// Rows after which the ranges are looked at again.
const LOOK_ROWS: usize = 4_096;

/// A column that separates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Separating {
    pub(super) column: usize,
    /// Of two classes, every row is told apart.
    pub(super) complete: bool,
}

/// The columns that separate by themselves; a missing value counts as the mean. `None` when `stop`
/// was set.
pub(super) fn separating_columns(
    part: Part<'_>,
    scaler: &Scaler,
    classes: &Classes,
    threads: usize,
    stop: &AtomicBool,
) -> Option<Vec<Separating>> {
    let of_column = |column: usize| {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); classes.len()];
        let values = part.features.column(column);
        for (at, (value, label)) in values.iter().zip(part.labels).enumerate() {
            let value = if value.is_nan() {
                scaler.means()[column]
            } else {
                *value
            };
            let range = &mut ranges[usize::from(*label)];
            *range = (range.0.min(value), range.1.max(value));
            // Ranges only grow: what they leave no room between stays so.
            if at % LOOK_ROWS == LOOK_ROWS - 1 && cut(&ranges).is_none() {
                return Some(None);
            }
        }
        Some(scaler.varies(column).then(|| cut(&ranges)).flatten())
    };
    let found = in_parallel(part.features.ncols(), threads, of_column)?;
    let found = found.into_iter().enumerate();
    let found = found
        .filter_map(|(column, complete)| {
            Some(Separating {
                column,
                complete: complete?,
            })
        })
        .collect();
    Some(found)
}

/// Whether some classes lie not above the others, and whether they lie below with two classes.
fn cut(ranges: &[(f64, f64)]) -> Option<bool> {
    let mut ranges = ranges.to_vec();
    ranges.sort_by(|one, two| one.0.total_cmp(&two.0).then(one.1.total_cmp(&two.1)));
    let mut highest = f64::NEG_INFINITY;
    for (at, range) in ranges.iter().enumerate() {
        if at > 0 && highest <= range.0 {
            return Some(ranges.len() == 2 && highest < range.0);
        }
        highest = highest.max(range.1);
    }
    None
}

/// The features with a part in a direction of `terms` entries an equation, the largest first.
pub(super) fn columns_of(direction: &Array1<f64>, terms: usize) -> Vec<usize> {
    let weight = |feature: usize| {
        let entries = direction.iter().skip(feature).step_by(terms);
        entries.fold(0.0, |most: f64, value| most.max(value.abs()))
    };
    let weights: Vec<f64> = (0..terms - 1).map(weight).collect();
    let largest = weights
        .iter()
        .fold(0.0, |most: f64, weight| most.max(*weight));
    let mut columns: Vec<usize> = (0..weights.len())
        .filter(|at| weights[*at] > LEAST_PART * largest)
        .collect();
    columns.sort_by(|one, two| weights[*two].total_cmp(&weights[*one]).then(one.cmp(two)));
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_do_not_overlap_are_a_cut() {
        assert_eq!(cut(&[(3.0, 4.0), (1.0, 2.0)]), Some(true));
        assert_eq!(cut(&[(2.0, 4.0), (1.0, 2.0)]), Some(false));
        // A dummy that only the second class has.
        assert_eq!(cut(&[(0.0, 0.0), (0.0, 1.0), (0.0, 0.0)]), Some(false));
        assert_eq!(cut(&[(0.0, 1.0), (1.0, 1.0)]), Some(false));
        assert_eq!(cut(&[(0.0, 3.0), (1.0, 2.0)]), None);
        assert_eq!(cut(&[(0.0, 1.0), (0.0, 1.0), (0.5, 2.0)]), None);
    }

    #[test]
    fn a_direction_names_its_columns_by_weight() {
        let direction = Array1::from_vec(vec![0.1, 1e-9, 9.0, 0.0, -3.0, 1e-9, 0.0, 9.0]);
        assert_eq!(columns_of(&direction, 4), [2, 0]);
    }
}
