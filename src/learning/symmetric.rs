//! Products of a block with itself, of which one half says all.
//!
//! Shape: the product falls into panels of columns, and of each panel only the rows down to its own
//! diagonal are made; whoever needs the other half mirrors it once, when all blocks are added up. At
//! two hundred columns that is three fifths of the multiplications. Concurrency: pure. Turned down:
//! panels of a column each (the kernel needs some columns side by side), and a bound of its own for
//! narrow tables (up to one panel it is the plain product).

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, Slice};

/// Columns of a panel.
const PANEL: usize = 48;

/// Adds `left' right` down to the diagonal of each panel, where that product is symmetric: the
/// columns of `right` are those of `left`, row by row times a weight.
pub(super) fn add_upper(
    left: ArrayView2<'_, f64>,
    right: ArrayView2<'_, f64>,
    sum: &mut ArrayViewMut2<'_, f64>,
) {
    let columns = right.ncols();
    for from in (0..columns).step_by(PANEL) {
        let to = (from + PANEL).min(columns);
        let panel = right.slice_axis(Axis(1), Slice::from(from..to));
        let above = left.slice_axis(Axis(1), Slice::from(..to));
        let mut sum = sum.slice_axis_mut(Axis(0), Slice::from(..to));
        let mut sum = sum.slice_axis_mut(Axis(1), Slice::from(from..to));
        general_mat_mul(1.0, &above.t(), &panel, 1.0, &mut sum);
    }
}

/// Copies what stands above the diagonal to below it.
pub(super) fn mirror(matrix: &mut Array2<f64>) {
    for column in 0..matrix.ncols() {
        for row in 0..column {
            matrix[(column, row)] = matrix[(row, column)];
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::ShapeBuilder;

    use super::*;
    use crate::learning::splitmix::SplitMix64;

    #[test]
    fn the_two_halves_are_the_whole_product() {
        for columns in [1, 7, PANEL, PANEL + 1, 3 * PANEL - 5] {
            let mut random = SplitMix64(columns as u64);
            let mut draw = |_| random.draw() as f64 / 1e19 - 0.9;
            let block = Array2::from_shape_fn((67, columns).f(), &mut draw);
            let weights = Array2::from_shape_fn((67, 1).f(), &mut draw);
            let weighted = &block * &weights;
            let mut found = Array2::ones((columns, columns));
            add_upper(block.view(), weighted.view(), &mut found.view_mut());
            mirror(&mut found);
            let expected = block.t().dot(&weighted) + 1.0;
            let apart = (&found - &expected).mapv(f64::abs);
            assert!(apart.iter().all(|apart| *apart < 1e-12), "{columns}");
            assert_eq!(found, found.t());
        }
    }
}
