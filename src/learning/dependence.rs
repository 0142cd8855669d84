//! Columns that determine each other.
//!
//! Shape: a large table is asked by its first rows alone where they let every column stand on its
//! own, since no combination of columns can be in all rows and not in them. Otherwise the correlation
//! matrix of the standardised columns (and a column of ones) is factored
//! column by column; where next to nothing of a column is left beside those before it, the
//! combination is held against every row. It is a dependence when what the combination leaves of
//! the column is, in the root mean square of the rows, below 1e-7 of its deviation (the tolerance
//! of R's `lm`). Dummies that sum to one are one case, two equal columns another. Concurrency: as
//! the blocks'. Turned down: a condition number alone (it names no column), and the correlation
//! matrix alone (squaring the columns leaves half their digits).

use std::sync::atomic::AtomicBool;

use ndarray::linalg::general_mat_vec_mul;
use ndarray::{Array1, Array2, Axis, Slice};

use super::scaler::Scaler;
use super::standardized::StandardizedRows;
use super::subset::Subset;
use super::symmetric::{add_upper, mirror};
use super::training_set::Part;

/// Share of a column's variance that the others leave, below which the rows are asked.
const SUSPECT_SHARE: f64 = 1e-10;
/// Root mean square that is left of a column of deviation 1, below which it is no column of its own.
const DEPENDENT: f64 = 1e-7;
/// Share of the combination below which a column has no part in it.
const LEAST_PART: f64 = 1e-6;
/// Rows that are looked at first, and how many there may be to each of them: a combination that
/// leaves 1e-7 of a column over all rows cannot leave more than the root of this times as much here.
const FIRST_ROWS: usize = 4_096;
const ROWS_TO_EACH: usize = 1_000;
/// Multiplications spent on the matrix when only a warning depends on it: a few seconds.
const WARNING_WORK: usize = 20_000_000_000;
/// Columns beyond which no warning looks for combinations.
const WARNING_COLUMNS: usize = 1_000;

/// Looks for columns (by number) that determine each other, at most `most` groups; the last column
/// of a group follows from the others. `thorough`: on all rows whatever it costs; otherwise a large
/// table shows its combinations on its first rows, which the digests have mixed. `None` when `stop`
/// was set.
pub(super) fn dependent_columns(
    part: Part<'_>,
    scaler: &Scaler,
    threads: usize,
    thorough: bool,
    stop: &AtomicBool,
) -> Option<Vec<Vec<usize>>> {
    let features = part.features.ncols();
    if !thorough && features > WARNING_COLUMNS {
        return Some(Vec::new());
    }
    let affordable = (WARNING_WORK / (features * features).max(1)).max(2 * features);
    let seen = if thorough {
        part.rows()
    } else {
        part.rows().min(affordable)
    };
    let gram_of = |rows: usize| {
        let first = Part {
            features: part.features.slice_axis_move(Axis(0), Slice::from(..rows)),
            labels: &part.labels[..rows],
        };
        let rows = StandardizedRows::new(Subset::all(first), scaler, threads);
        gram(&rows, stop)
    };
    let varying = (0..features).filter(|column| scaler.varies(*column));
    let few = FIRST_ROWS
        .max(16 * features)
        .max(part.rows().div_ceil(ROWS_TO_EACH));
    if few < seen && all_stand(&gram_of(few)?, varying.clone(), few) {
        return Some(Vec::new());
    }
    let gram = gram_of(seen)?;
    let rows = StandardizedRows::new(Subset::all(part), scaler, threads);
    let most = if thorough { 1 } else { 20 };
    groups(&rows, &gram, varying, most, stop)
}

/// Whether every column stands on its own in the first rows already: then so in all of them.
fn all_stand(gram: &Array2<f64>, varying: impl Iterator<Item = usize>, rows: usize) -> bool {
    let mut basis = Basis::of_ones(gram, gram.ncols() - 1);
    for column in varying {
        let row = basis.row_of(gram, column);
        let left = gram[(column, column)] - row.iter().map(|value| value * value).sum::<f64>();
        if left <= SUSPECT_SHARE * gram[(column, column)].max(rows as f64) {
            return false;
        }
        basis.add(column, row, left);
    }
    true
}

/// Goes through the columns, keeps those that stand on their own, and asks the rows about others.
fn groups(
    rows: &StandardizedRows<'_>,
    gram: &Array2<f64>,
    varying: impl Iterator<Item = usize>,
    most: usize,
    stop: &AtomicBool,
) -> Option<Vec<Vec<usize>>> {
    let ones = rows.terms() - 1;
    let mut basis = Basis::of_ones(gram, ones);
    let (mut groups, mut tried) = (Vec::new(), 0);
    for column in varying {
        let row = basis.row_of(gram, column);
        let left = gram[(column, column)] - row.iter().map(|value| value * value).sum::<f64>();
        if left > SUSPECT_SHARE * gram[(column, column)] {
            basis.add(column, row, left);
        } else if groups.len() < most && tried < 2 * most {
            tried += 1;
            let combination = basis.combination(&row, column, ones + 1);
            if what_is_left(rows, &combination, stop)? <= DEPENDENT {
                groups.push(parts(&combination, column));
            }
        }
    }
    Some(groups)
}

fn gram(rows: &StandardizedRows<'_>, stop: &AtomicBool) -> Option<Array2<f64>> {
    let size = rows.terms();
    let empty = || Array2::zeros((size, size));
    let mut gram = rows.sum(
        size * size,
        stop,
        empty,
        |sum, block| add_upper(block.values(), block.values(), &mut sum.view_mut()),
        |whole: &mut Array2<f64>, sum| *whole += &sum,
    )?;
    mirror(&mut gram);
    Some(gram)
}

/// Root mean square of a combination over the rows.
fn what_is_left(
    rows: &StandardizedRows<'_>,
    combination: &Array1<f64>,
    stop: &AtomicBool,
) -> Option<f64> {
    let add = |sum: &mut f64, block: &super::standardized::Block| {
        let mut values = Array1::zeros(block.labels().len());
        general_mat_vec_mul(1.0, &block.values(), combination, 0.0, &mut values);
        *sum += values.dot(&values);
    };
    let squares = rows.sum(1, stop, || 0.0, add, |whole, sum| *whole += sum)?;
    Some((squares / rows.rows().max(1) as f64).sqrt())
}

/// The columns of a combination, the one that follows from the others last.
fn parts(combination: &Array1<f64>, column: usize) -> Vec<usize> {
    let largest = combination.fold(0.0, |most: f64, value| most.max(value.abs()));
    let has_part = |at: &usize| *at != column && combination[*at].abs() > LEAST_PART * largest;
    let mut parts: Vec<usize> = (0..combination.len() - 1).filter(has_part).collect();
    parts.push(column);
    parts
}

/// Columns that do not determine each other, and the factor of their matrix.
struct Basis {
    columns: Vec<usize>,
    /// Row by row, lower triangular.
    factor: Vec<Vec<f64>>,
}

impl Basis {
    /// The column of ones, which is at `ones`.
    fn of_ones(gram: &Array2<f64>, ones: usize) -> Self {
        Self {
            columns: vec![ones],
            factor: vec![vec![gram[(ones, ones)].sqrt()]],
        }
    }

    /// The row that `column` has in the factor: forward substitution.
    fn row_of(&self, gram: &Array2<f64>, column: usize) -> Vec<f64> {
        let mut row: Vec<f64> = Vec::with_capacity(self.columns.len() + 1);
        for (known, factor) in self.columns.iter().zip(&self.factor) {
            let sum: f64 = row.iter().zip(factor).map(|(one, two)| one * two).sum();
            row.push((gram[(*known, column)] - sum) / factor[row.len()]);
        }
        row
    }

    fn add(&mut self, column: usize, mut row: Vec<f64>, left: f64) {
        row.push(left.sqrt());
        self.columns.push(column);
        self.factor.push(row);
    }

    /// The column less its best combination of the basis: back substitution.
    fn combination(&self, row: &[f64], column: usize, size: usize) -> Array1<f64> {
        let mut weights = row.to_vec();
        for at in (0..weights.len()).rev() {
            weights[at] /= self.factor[at][at];
            for before in 0..at {
                weights[before] -= self.factor[at][before] * weights[at];
            }
        }
        let mut combination = Array1::zeros(size);
        for (known, weight) in self.columns.iter().zip(weights) {
            combination[*known] = -weight;
        }
        combination[column] = 1.0;
        combination
    }
}

#[cfg(test)]
mod tests {
    use ndarray::ShapeBuilder;

    use super::*;
    use crate::learning::fixtures::{Noise, never};

    fn found(columns: usize, value: impl Fn(usize, usize, f64) -> f64) -> Vec<Vec<usize>> {
        let mut noise = Noise(11);
        let draws = Array2::from_shape_simple_fn((5_000, columns).f(), || noise.draw());
        let features = Array2::from_shape_fn((5_000, columns).f(), |(row, column)| {
            value(row, column, draws[(row, column)])
        });
        let labels = vec![0; 5_000];
        let part = Part {
            features: features.view(),
            labels: &labels,
        };
        dependent_columns(part, &Scaler::fit(part), 2, false, &never()).unwrap()
    }

    #[test]
    fn dummies_that_sum_to_one_and_copies_are_found() {
        let dummies = found(5, |row, column, draw| match column {
            0..3 => f64::from(u8::from(row % 3 == column)),
            _ => draw,
        });
        assert_eq!(dummies, [[0, 1, 2]]);
        let copies = found(4, |row, column, draw| match column {
            1 | 3 => 1e6 - 1e-3 * (row % 77) as f64,
            _ => draw,
        });
        assert_eq!(copies, [[1, 3]]);
    }

    #[test]
    fn what_is_the_same_in_the_first_rows_alone_is_not_the_same() {
        let rows = FIRST_ROWS;
        let none = found(4, |row, column, draw| match column {
            1 if row < rows => (row % 77) as f64,
            2 => (row % 77) as f64,
            3 => f64::from(u8::from(row == rows + 1)),
            _ => draw,
        });
        assert_eq!(none, Vec::<Vec<usize>>::new());
    }

    #[test]
    fn what_is_nearly_the_same_is_not_the_same() {
        let none = found(3, |row, column, draw| match column {
            0 => (row % 50) as f64,
            1 => (row % 50) as f64 + 1e-4 * draw,
            _ => 1e9 + draw,
        });
        assert_eq!(none, Vec::<Vec<usize>>::new());
    }
}
