//! Solving with a symmetric positive definite matrix, or saying that it is none.
//!
//! Shape: `A = L L'` by linfa-linalg; a pivot over its diagonal is the share of a row that the rows
//! before do not explain, so the test for rounding does not depend on the scales of the parameters.
//! Concurrency: pure. Turned down: a pseudo-inverse (a step along a direction that the data say
//! nothing about looks like an answer).

use linfa_linalg::cholesky::CholeskyInplace;
use linfa_linalg::triangular::{SolveTriangularInplace, UPLO};
use ndarray::{Array1, Array2, Axis};

/// The lower factor.
#[derive(Debug)]
pub(super) struct Factor(Array2<f64>);

impl Factor {
    /// Of a matrix; `None` when it is not positive definite by a margin above its rounding.
    pub(super) fn of(matrix: Array2<f64>) -> Option<Self> {
        let diagonal = matrix.diag().to_owned();
        let factor = matrix.cholesky_into().ok()?;
        let margin = 16.0 * f64::EPSILON * diagonal.len() as f64;
        let pivots = factor.diag();
        let own = pivots
            .iter()
            .zip(&diagonal)
            .all(|(l, d)| l * l > margin * d);
        own.then_some(Self(factor))
    }

    /// `x` with `matrix * x = right`; `None` when it leaves the finite numbers.
    pub(super) fn solve(&self, right: &Array1<f64>) -> Option<Array1<f64>> {
        let columns = right.to_owned().insert_axis(Axis(1));
        Some(self.solve_all(columns)?.remove_axis(Axis(1)))
    }

    /// The inverse of the matrix.
    pub(super) fn inverse(&self) -> Option<Array2<f64>> {
        self.solve_all(Array2::eye(self.0.nrows()))
    }

    fn solve_all(&self, mut columns: Array2<f64>) -> Option<Array2<f64>> {
        self.0
            .solve_triangular_inplace(&mut columns, UPLO::Lower)
            .ok()?;
        self.0
            .t()
            .solve_triangular_inplace(&mut columns, UPLO::Upper)
            .ok()?;
        columns
            .iter()
            .all(|value| value.is_finite())
            .then_some(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(off: f64) -> Array2<f64> {
        Array2::from_shape_vec((2, 2), vec![1.0, off, off, 1.0]).unwrap()
    }

    #[test]
    fn a_matrix_that_is_singular_but_for_rounding_has_no_factor() {
        assert!(Factor::of(matrix(1.0 - 1e-16)).is_none());
        assert!(Factor::of(matrix(2.0)).is_none());
        let factor = Factor::of(matrix(0.5)).unwrap();
        let found = factor.solve(&Array1::from_vec(vec![1.0, 1.0])).unwrap();
        assert!(
            found.iter().all(|x| (x - 2.0 / 3.0).abs() < 1e-15),
            "{found}"
        );
    }

    #[test]
    fn the_inverse_is_one() {
        let product = Factor::of(matrix(0.25))
            .unwrap()
            .inverse()
            .unwrap()
            .dot(&matrix(0.25));
        let difference = product - Array2::<f64>::eye(2);
        assert!(difference.iter().all(|value| value.abs() < 1e-15));
    }
}
