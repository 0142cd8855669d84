//! The matrix while it grows: rows go in, columns lie together.
//!
//! Shape: one flat vector, column `j` at `j * capacity`. It grows and is put in order in place, so
//! that at no time two matrices are in memory: at a million rows of twenty features that is 160 MB
//! saved. Concurrency: single owner. Turned down: a vector of rows turned round at the end (twice
//! the memory), and a vector a column (ndarray could not view it as one matrix).

use ndarray::{Array2, ShapeBuilder, ShapeError};

/// Values that are reserved at first, whatever the caller expects: 2 GiB, which are no memory before
/// they are written.
const RESERVED_VALUES: usize = 1 << 28;

/// A column-major matrix that takes rows.
#[derive(Debug)]
pub(super) struct Columns {
    values: Vec<f64>,
    width: usize,
    rows: usize,
    capacity_rows: usize,
}

impl Columns {
    /// An empty matrix of `width` columns (at least one) with room for about `expected_rows`.
    pub(super) fn new(width: usize, expected_rows: usize) -> Self {
        let width = width.max(1);
        let capacity_rows = expected_rows.clamp(1, (RESERVED_VALUES / width).max(1));
        Self {
            values: vec![0.0; width * capacity_rows],
            width,
            rows: 0,
            capacity_rows,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Value of a row already pushed.
    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        self.values[column * self.capacity_rows + row]
    }

    /// Adds one row of `width` values.
    pub(super) fn push(&mut self, row: &[f64]) {
        debug_assert_eq!(row.len(), self.width, "a row has one value a column");
        if self.rows == self.capacity_rows {
            self.grow();
        }
        let places = self
            .values
            .iter_mut()
            .skip(self.rows)
            .step_by(self.capacity_rows);
        for (place, value) in places.zip(row) {
            *place = *value;
        }
        self.rows += 1;
    }

    /// The matrix with its rows in the given order (`order[new] = old`), `(rows, width)` and
    /// column-major.
    ///
    /// # Errors
    /// Never, as long as `order` is a permutation of the rows.
    pub(super) fn into_matrix(mut self, order: &[usize]) -> Result<Array2<f64>, ShapeError> {
        let mut column_in_order = Vec::with_capacity(self.rows);
        for column in 0..self.width {
            let from = column * self.capacity_rows;
            let old = &self.values[from..from + self.rows];
            column_in_order.clear();
            column_in_order.extend(order.iter().map(|row| old[*row]));
            // Never past `from`: the columns close up from the left.
            let to = column * self.rows;
            self.values[to..to + self.rows].copy_from_slice(&column_in_order);
        }
        self.values.truncate(self.width * self.rows);
        self.values.shrink_to_fit();
        Array2::from_shape_vec((self.rows, self.width).f(), self.values)
    }

    /// Keeps only the rows of these numbers, which rise.
    pub(super) fn retain(&mut self, rows: &[usize]) {
        for column in 0..self.width {
            let from = column * self.capacity_rows;
            for (new, old) in rows.iter().enumerate() {
                self.values[from + new] = self.values[from + old];
            }
        }
        self.rows = rows.len();
    }

    fn grow(&mut self) {
        let larger = self.capacity_rows + (self.capacity_rows / 2).max(1_024);
        self.values.resize(larger * self.width, 0.0);
        // From the right, so that no column runs over one that has not moved yet.
        for column in (1..self.width).rev() {
            let from = column * self.capacity_rows;
            self.values
                .copy_within(from..from + self.rows, column * larger);
        }
        self.capacity_rows = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_survive_growth_and_come_out_in_order() {
        let mut columns = Columns::new(3, 2);
        let rows = 3_000;
        for row in 0..rows {
            columns.push(&[row as f64, row as f64 + 0.25, -(row as f64)]);
        }
        assert_eq!(columns.at(2_999, 1), 2_999.25);
        let order: Vec<usize> = (0..rows).rev().collect();
        let matrix = columns.into_matrix(&order).unwrap();
        assert_eq!(matrix.dim(), (rows, 3));
        assert_eq!(matrix.strides(), [1, rows as isize]);
        for (new, old) in order.into_iter().enumerate() {
            let expected = [old as f64, old as f64 + 0.25, -(old as f64)];
            assert_eq!(matrix.row(new).to_vec(), expected);
        }
    }

    #[test]
    fn rows_that_are_not_kept_make_room() {
        let mut columns = Columns::new(2, 4);
        for row in 0..1_000 {
            columns.push(&[row as f64, -(row as f64)]);
            if columns.rows == 6 {
                columns.retain(&[1, 2, 5]);
            }
        }
        assert_eq!((columns.rows, columns.width()), (4, 2));
        assert_eq!([columns.at(3, 0), columns.at(3, 1)], [999.0, -999.0]);
        assert_eq!(columns.at(0, 0), -columns.at(0, 1));
    }

    #[test]
    fn an_absurd_expectation_reserves_little_and_none_is_fine() {
        let columns = Columns::new(2, usize::MAX);
        assert!(columns.values.len() <= RESERVED_VALUES);
        assert_eq!(Columns::new(2, 0).into_matrix(&[]).unwrap().dim(), (0, 2));
    }
}
