//! Loops over columns of numbers, compiled for the widest registers that the machine has.
//!
//! Shape: plain loops over slices, which the compiler turns into vector instructions; pulp compiles
//! them for AVX2 and without, and takes what it finds. Sums go by lanes of a fixed number, and no
//! product is joined with a sum, so that every machine gives the same bits. Concurrency: pure.
//! Turned down: a `target-cpu` for all (the binary would end on an older machine), intrinsics
//! (`unsafe`), and closures (what is not inlined into pulp's function is not compiled for it).

use pulp::{Arch, Simd, WithSimd};

use super::logistic::exp_below;
use super::scaler::BlockScale;

/// Numbers that are added up side by side.
pub(super) const LANES: usize = 16;
/// Factors of a product of `1 + exp`, each at most 2, before its logarithm is taken.
const FACTORS: usize = 32;

/// Columns of one length that begin `stride` from each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns<'a> {
    pub(super) numbers: &'a [f64],
    pub(super) stride: usize,
    pub(super) rows: usize,
}

impl<'a> Columns<'a> {
    /// One of them, as it lies.
    #[inline(always)]
    pub(super) fn at(self, column: usize) -> &'a [f64] {
        let from = column * self.stride;
        self.numbers.get(from..from + self.rows).unwrap_or_default()
    }
}

/// `to += w0 c0 + w1 c1 + ...`, four columns at a time.
pub(super) fn add_scaled(to: &mut [f64], weights: &[f64], columns: Columns<'_>) {
    Arch::new().dispatch(AddScaled {
        to,
        weights,
        columns,
    });
}

struct AddScaled<'a> {
    to: &'a mut [f64],
    weights: &'a [f64],
    columns: Columns<'a>,
}

impl WithSimd for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for first in (0..self.weights.len()).step_by(4) {
            // Past the last column: the first of the four once more, times nothing.
            let weight = |at: usize| self.weights.get(first + at).copied().unwrap_or_default();
            let column = |at: usize| match first + at < self.weights.len() {
                true => self.columns.at(first + at),
                false => self.columns.at(first),
            };
            let (w0, w1, w2, w3) = (weight(0), weight(1), weight(2), weight(3));
            let (c0, c1, c2, c3) = (column(0), column(1), column(2), column(3));
            let columns = c0.iter().zip(c1).zip(c2).zip(c3);
            for (to, (((x0, x1), x2), x3)) in self.to.iter_mut().zip(columns) {
                *to = *to + w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3;
            }
        }
    }
}

/// Adds to each sum its column's product with the weights.
pub(super) fn add_products(sums: &mut [f64], columns: Columns<'_>, weights: &[f64]) {
    Arch::new().dispatch(AddProducts {
        sums,
        columns,
        weights,
    });
}

struct AddProducts<'a> {
    sums: &'a mut [f64],
    columns: Columns<'a>,
    weights: &'a [f64],
}

impl WithSimd for AddProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (at, sum) in self.sums.iter_mut().enumerate() {
            let (one, one_rest) = self.columns.at(at).as_chunks::<LANES>();
            let (two, two_rest) = self.weights.as_chunks::<LANES>();
            let mut sums = [0.0; LANES];
            for (one, two) in one.iter().zip(two) {
                for lane in 0..LANES {
                    sums[lane] += one[lane] * two[lane];
                }
            }
            let rest: f64 = one_rest.iter().zip(two_rest).map(|(x, y)| x * y).sum();
            *sum += sums.iter().sum::<f64>() + rest;
        }
    }
}

/// `to = from * by`.
pub(super) fn multiply(to: &mut [f64], from: &[f64], by: &[f64]) {
    Arch::new().dispatch(Multiply { to, from, by });
}

struct Multiply<'a> {
    to: &'a mut [f64],
    from: &'a [f64],
    by: &'a [f64],
}

impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((to, from), by) in self.to.iter_mut().zip(self.from).zip(self.by) {
            *to = from * by;
        }
    }
}

/// Writes columns, standardised, into those of a block, which begin `stride` from each other: all in
/// one call, so that the processor reads the next column from memory while it writes the last.
pub(super) fn standardize(
    block: &mut [f64],
    stride: usize,
    from: &[&[f64]],
    scales: &[BlockScale],
) {
    Arch::new().dispatch(Standardize {
        block,
        stride,
        from,
        scales,
    });
}

struct Standardize<'a> {
    block: &'a mut [f64],
    stride: usize,
    from: &'a [&'a [f64]],
    scales: &'a [BlockScale],
}

impl WithSimd for Standardize<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let to = self.block.chunks_mut(self.stride.max(1));
        for ((to, from), scale) in to.zip(self.from).zip(self.scales) {
            if let Some(scale) = scale.plain() {
                for (to, from) in to.iter_mut().zip(*from) {
                    *to = scale.standardize(*from);
                }
            } else {
                for (to, from) in to.iter_mut().zip(*from) {
                    *to = scale.standardize(*from);
                }
            }
        }
    }
}

/// What rows of two classes come to.
pub(super) struct BinaryRows<'a> {
    /// Log-odds of the positive class.
    pub(super) scores: &'a [f64],
    pub(super) labels: &'a [u16],
    pub(super) positive: u16,
    /// Probability of the positive class less 1 where the row is of it, less 0 where not.
    pub(super) residuals: &'a mut [f64],
    /// Probability times its other side.
    pub(super) weights: &'a mut [f64],
}

impl BinaryRows<'_> {
    /// Writes residuals and weights; gives the sum of log losses and the smallest margin.
    pub(super) fn weigh(self) -> (f64, f64) {
        Arch::new().dispatch(self)
    }
}

impl WithSimd for BinaryRows<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, f64) {
        let (margins, smalls) = (self.residuals, self.weights);
        let rows = self.scores.iter().zip(self.labels);
        for ((margin, small), (z, label)) in margins.iter_mut().zip(&mut *smalls).zip(rows) {
            *margin = if *label == self.positive { *z } else { -z };
            *small = exp_below(-margin.abs());
        }
        let (losses, smallest) = (losses(margins, smalls), smallest(margins));
        let rows = margins.iter_mut().zip(smalls).zip(self.labels);
        for ((residual, weight), label) in rows {
            let larger = 1.0 / (1.0 + *weight);
            let smaller = *weight * larger;
            let wrong = if *residual >= 0.0 { smaller } else { larger };
            *weight = larger * smaller;
            *residual = if *label == self.positive {
                -wrong
            } else {
                wrong
            };
        }
        (losses, smallest)
    }
}

/// Sum of `max(-margin, 0) + ln(1 + small)`. The logarithms of some rows are taken as one of their
/// product, which is kept to twice its digits so that tiny terms keep theirs.
#[inline(always)]
fn losses(margins: &[f64], smalls: &[f64]) -> f64 {
    let (mut wrong, mut logarithms) = ([0.0; LANES], 0.0);
    for (margins, smalls) in margins
        .chunks(FACTORS * LANES)
        .zip(smalls.chunks(FACTORS * LANES))
    {
        let (mut high, mut low) = ([1.0; LANES], [0.0; LANES]);
        for (margins, smalls) in margins.chunks(LANES).zip(smalls.chunks(LANES)) {
            for (lane, (margin, small)) in margins.iter().zip(smalls).enumerate() {
                wrong[lane] += if *margin < 0.0 { -margin } else { 0.0 };
                // high + low, times 1 + small: what the sum rounds away is known (Dekker 1971).
                let more: f64 = high[lane] * small;
                let sum: f64 = high[lane] + more;
                low[lane] += low[lane] * small + (more - (sum - high[lane]));
                high[lane] = sum;
            }
        }
        let products = high.iter().zip(low);
        logarithms += products
            .map(|(high, low)| ((high - 1.0) + low).ln_1p())
            .sum::<f64>();
    }
    wrong.iter().sum::<f64>() + logarithms
}

#[inline(always)]
fn smallest(values: &[f64]) -> f64 {
    let mut lows = [f64::INFINITY; LANES];
    for values in values.chunks(LANES) {
        for (low, value) in lows.iter_mut().zip(values) {
            *low = if *value < *low { *value } else { *low };
        }
    }
    lows.into_iter().fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::logistic::{sigmoid, softplus};

    fn near(found: f64, expected: f64) {
        let apart = (found - expected).abs();
        assert!(apart <= 4e-15 * expected.abs(), "{found} {expected}");
    }

    #[test]
    fn rows_of_two_classes_weigh_what_the_logistic_function_says() {
        let scores: Vec<f64> = (0..1_003).map(|at| f64::from(at - 500) * 0.09).collect();
        let labels: Vec<u16> = (0..1_003).map(|at| at % 3 % 2).collect();
        let (mut residuals, mut weights) = (vec![0.0; 1_003], vec![0.0; 1_003]);
        let rows = BinaryRows {
            scores: &scores,
            labels: &labels,
            positive: 1,
            residuals: &mut residuals,
            weights: &mut weights,
        };
        let (losses, smallest) = rows.weigh();
        let margin = |at: usize| {
            if labels[at] == 1 {
                scores[at]
            } else {
                -scores[at]
            }
        };
        near(losses, (0..1_003).map(|at| softplus(-margin(at))).sum());
        near(
            smallest,
            (0..1_003).map(margin).fold(f64::INFINITY, f64::min),
        );
        for at in 0..1_003 {
            let z = scores[at];
            let residual = if labels[at] == 1 {
                -sigmoid(-z)
            } else {
                sigmoid(z)
            };
            near(residuals[at], residual);
            near(weights[at], sigmoid(z) * sigmoid(-z));
        }
    }

    #[test]
    fn losses_of_rows_that_are_sure_keep_their_digits() {
        let margins = [41.0, 60.0, 300.0];
        let smalls = margins.map(|margin: f64| (-margin).exp());
        near(losses(&margins, &smalls), smalls.iter().sum());
        assert!(losses(&[f64::NAN], &[f64::NAN]).is_nan());
    }

    #[test]
    fn sums_and_products_are_those_of_plain_loops() {
        let column = |by: f64| {
            (0..99)
                .map(|at| (f64::from(at) * by).sin())
                .collect::<Vec<f64>>()
        };
        let columns = [0.1, 0.2, 0.3, 0.4, 0.5].map(column);
        let mut to = column(0.7);
        let weights = [1.5, -2.0, 0.0, 0.25, 3.0];
        let side_by_side = Columns {
            numbers: &columns.concat(),
            stride: 99,
            rows: 99,
        };
        add_scaled(&mut to, &weights, side_by_side);
        for (at, to) in to.iter().enumerate() {
            let expected = weights.iter().zip(&columns).map(|(w, c)| w * c[at]);
            assert!((to - column(0.7)[at] - expected.sum::<f64>()).abs() < 1e-14);
        }
        let mut sums = [1.0; 5];
        add_products(&mut sums, side_by_side, &columns[1]);
        for (sum, column) in sums.iter().zip(&columns) {
            let plain = column.iter().zip(&columns[1]).map(|(x, y)| x * y);
            assert!((sum - 1.0 - plain.sum::<f64>()).abs() < 1e-13);
        }
        let mut product = vec![0.0; 99];
        multiply(&mut product, &columns[0], &columns[1]);
        assert_eq!(product[98], columns[0][98] * columns[1][98]);
    }
}
