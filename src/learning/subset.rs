//! The rows that one fit sees: a part, or a part without one fold, or one fold alone.
//!
//! Shape: a view and a filter; the folds of a search share one matrix, and what is left out is
//! skipped while a block is standardised. Concurrency: `Copy`, immutable. Turned down: a matrix a
//! fold (five copies of the table side by side).

use std::borrow::Cow;

use ndarray::Axis;

use super::training_set::Part;

/// Of a row that is in every training part and never tested: the only one of its class.
pub(super) const NO_FOLD: u8 = u8::MAX;

/// Rows of a part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subset<'a> {
    pub(super) part: Part<'a>,
    filter: Option<Filter<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Filter<'a> {
    fold_of: &'a [u8],
    fold: u8,
    inside: bool,
}

/// Writes the values that are wanted one after the other, and tells how many they are. Each is
/// written and stays if it is wanted: a branch a row would be guessed wrong in one of five.
pub(super) fn compact<T>(to: &mut [T], values: impl Iterator<Item = (T, bool)>) -> usize {
    let mut count = 0;
    for (value, wanted) in values {
        if let Some(to) = to.get_mut(count) {
            *to = value;
        }
        count += usize::from(wanted);
    }
    count
}

impl<'a> Subset<'a> {
    /// Every row.
    pub(super) fn all(part: Part<'a>) -> Self {
        Self { part, filter: None }
    }

    /// The rows of the other folds.
    pub(super) fn without_fold(part: Part<'a>, fold_of: &'a [u8], fold: u8) -> Self {
        Self::filtered(part, fold_of, fold, false)
    }

    /// The rows of one fold.
    pub(super) fn of_fold(part: Part<'a>, fold_of: &'a [u8], fold: u8) -> Self {
        Self::filtered(part, fold_of, fold, true)
    }

    fn filtered(part: Part<'a>, fold_of: &'a [u8], fold: u8, inside: bool) -> Self {
        debug_assert_eq!(fold_of.len(), part.rows(), "one fold a row");
        let filter = Some(Filter {
            fold_of,
            fold,
            inside,
        });
        Self { part, filter }
    }

    /// Whether all rows of the part are in it.
    pub(super) fn is_whole(&self) -> bool {
        self.filter.is_none()
    }

    /// Whether a row of the part is in it.
    pub(super) fn has(&self, row: usize) -> bool {
        self.filter
            .is_none_or(|filter| (filter.fold_of[row] == filter.fold) == filter.inside)
    }

    /// How many rows are in it.
    pub(super) fn rows(&self) -> usize {
        match self.filter {
            None => self.part.rows(),
            Some(_) => (0..self.part.rows()).filter(|row| self.has(*row)).count(),
        }
    }

    /// The values of one feature, in row order: a copy where some are left out.
    pub(super) fn column(&self, feature: usize) -> Cow<'a, [f64]> {
        let values = self.part.features.index_axis_move(Axis(1), feature);
        match values.to_slice() {
            Some(values) if self.is_whole() => Cow::Borrowed(values),
            _ => {
                let mut there = vec![0.0; values.len()];
                let rows = values.iter().copied().zip((0..).map(|row| self.has(row)));
                let count = compact(&mut there, rows);
                there.truncate(count);
                Cow::Owned(there)
            }
        }
    }

    /// Rows of each of `classes` classes.
    pub(super) fn rows_per_class(&self, classes: usize) -> Vec<u64> {
        let mut rows = vec![0; classes];
        for (row, label) in self.part.labels.iter().enumerate() {
            if self.has(row)
                && let Some(count) = rows.get_mut(usize::from(*label))
            {
                *count += 1;
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn a_column_has_the_rows_of_the_subset_in_their_order() {
        let features = Array2::from_shape_fn((7, 2), |(row, column)| (10 * column + row) as f64);
        let part = Part {
            features: features.view(),
            labels: &[0; 7],
        };
        let folds = [1, 0, 2, 2, 0, 1, 2];
        let of = |subset: Subset<'_>| subset.column(1).into_owned();
        assert_eq!(
            of(Subset::without_fold(part, &folds, 2)),
            [10.0, 11.0, 14.0, 15.0]
        );
        assert_eq!(of(Subset::of_fold(part, &folds, 2)), [12.0, 13.0, 16.0]);
        assert_eq!(of(Subset::all(part)).len(), 7);
    }
}
