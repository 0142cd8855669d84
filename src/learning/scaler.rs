//! Standardisation: each feature less its mean, divided by its standard deviation (ddof 0).
//!
//! Shape: two vectors, fitted on the rows that a classifier is fitted on and stored with it.
//! A missing value counts as the mean, so it is 0 after scaling: the same as scikit-learn's
//! `SimpleImputer(strategy="mean")` before its `StandardScaler`. Concurrency: immutable. Turned
//! down: linfa-preprocessing (fourteen crates for these lines, and it overflows at 1e200).

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::blocks::in_parallel;
use super::moments::{Moments, Range};
use super::subset::Subset;
use super::training_set::Part;

/// Below it a deviation counts as none: a coefficient divided by it would leave the doubles.
const SMALLEST_DEVIATION: f64 = 1e-305;
/// Standardised values are cut here, so that no sum of contributions overflows. Nothing that was
/// fitted on comes near: among n rows none is further than the square root of n from the mean.
pub(super) const LARGEST_STANDARDIZED: f64 = 1e100;

/// Means and deviations of the features, in their own units and order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    pub(super) means: Vec<f64>,
    pub(super) deviations: Vec<f64>,
}

impl Scaler {
    /// Fitted on a part; features that do not vary get the deviation 0.
    pub fn fit(part: Part<'_>) -> Self {
        let never = AtomicBool::new(false);
        Self::fit_subset(Subset::all(part), 1, &never)
            .unwrap_or_else(|| Self::identity([].into_iter()))
    }

    /// The same on a subset, columns side by side over threads; `None` when `stop` was set.
    pub(super) fn fit_subset(
        subset: Subset<'_>,
        threads: usize,
        stop: &AtomicBool,
    ) -> Option<Self> {
        Some(Self::fit_with_ranges(subset, threads, stop)?.0)
    }

    /// The same, and the ends of every column.
    pub(super) fn fit_with_ranges(
        subset: Subset<'_>,
        threads: usize,
        stop: &AtomicBool,
    ) -> Option<(Self, Vec<Range>)> {
        let columns = subset.part.features.ncols();
        let of_column = |feature| {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let moments = Moments::of(&subset.column(feature));
            // Rows that take the mean add no square and count in the divisor.
            let share = moments.count as f64 / (moments.count + moments.missing).max(1) as f64;
            let deviation = moments.deviation * share.sqrt();
            let varies = deviation >= SMALLEST_DEVIATION;
            let scale = (moments.mean, if varies { deviation } else { 0.0 });
            Some((scale, moments.range()))
        };
        let of_columns = in_parallel(columns, threads, of_column)?;
        let (scales, ranges): (Vec<(f64, f64)>, Vec<Range>) = of_columns.into_iter().unzip();
        let (means, deviations) = scales.into_iter().unzip();
        Some((Self { means, deviations }, ranges))
    }

    /// Of values that are standardised already; features that do not vary stay so.
    pub(super) fn identity(varies: impl Iterator<Item = bool>) -> Self {
        let deviations: Vec<f64> = varies.map(|varies| f64::from(u8::from(varies))).collect();
        Self {
            means: vec![0.0; deviations.len()],
            deviations,
        }
    }

    /// The means, in the features' own units.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// The standard deviations (ddof 0), in the features' own units; 0 for one that does not vary.
    pub fn deviations(&self) -> &[f64] {
        &self.deviations
    }

    /// Whether the feature has more than one value.
    pub(super) fn varies(&self, feature: usize) -> bool {
        self.deviations[feature] > 0.0
    }

    /// How one feature is scaled.
    pub(super) fn column(&self, feature: usize) -> ColumnScale {
        ColumnScale {
            half_mean: 0.5 * self.means[feature],
            half_deviation: 0.5 * self.deviations[feature],
        }
    }
}

/// Mean and deviation of one feature, halved: halves do not overflow when they are subtracted, and
/// halving changes no digit.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColumnScale {
    half_mean: f64,
    half_deviation: f64,
}

/// The same for rows that are fitted on, pass after pass: a multiplication instead of a division, which
/// takes four times as long. What serves divides.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockScale {
    half_mean: f64,
    /// 0 for a feature that does not vary.
    inverse: f64,
    /// Whether no value is missing and none so large that it has to be halved or cut.
    is_plain: bool,
}

/// The same where every value is a plain one: to the last digit as [`BlockScale::standardize`] in a
/// third of its instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlainScale {
    mean: f64,
    inverse: f64,
}

impl PlainScale {
    #[inline(always)]
    pub(super) fn standardize(self, value: f64) -> f64 {
        (value - self.mean) * self.inverse
    }
}

impl BlockScale {
    /// For a column that holds plain values alone, which are those it was fitted on.
    pub(super) fn of_plain_values(self) -> Self {
        let is_plain = true;
        Self { is_plain, ..self }
    }

    /// What does for a column of plain values.
    pub(super) fn plain(self) -> Option<PlainScale> {
        self.is_plain.then_some(PlainScale {
            mean: 2.0 * self.half_mean,
            inverse: 0.5 * self.inverse,
        })
    }

    /// As [`ColumnScale::standardize`], but for the last digit.
    #[inline(always)]
    pub(super) fn standardize(self, value: f64) -> f64 {
        let standardized = (0.5 * value - self.half_mean) * self.inverse;
        let standardized = standardized.clamp(-LARGEST_STANDARDIZED, LARGEST_STANDARDIZED);
        if value.is_nan() { 0.0 } else { standardized }
    }
}

impl ColumnScale {
    /// For rows that are fitted on.
    pub(super) fn for_blocks(self) -> BlockScale {
        let varies = self.half_deviation > 0.0;
        BlockScale {
            half_mean: self.half_mean,
            inverse: if varies {
                1.0 / self.half_deviation
            } else {
                0.0
            },
            is_plain: false,
        }
    }

    /// `(value - mean) / deviation`; 0 for a missing value and for a feature that does not vary.
    #[inline]
    pub(super) fn standardize(self, value: f64) -> f64 {
        let standardized = (0.5 * value - self.half_mean) / self.half_deviation;
        if value.is_nan() || self.half_deviation == 0.0 {
            return 0.0;
        }
        standardized.clamp(-LARGEST_STANDARDIZED, LARGEST_STANDARDIZED)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    fn scaled(features: &Array2<f64>) -> (Scaler, Array2<f64>) {
        let labels = vec![0; features.nrows()];
        let scaler = Scaler::fit(Part {
            features: features.view(),
            labels: &labels,
        });
        let mut out = features.clone();
        for (feature, mut column) in out.columns_mut().into_iter().enumerate() {
            let scale = scaler.column(feature);
            column.mapv_inplace(|value| scale.standardize(value));
        }
        (scaler, out)
    }

    #[test]
    fn columns_of_any_scale_get_mean_zero_and_deviation_one() {
        let features = array![
            [1e200, 1e-300, 1.0, -1.7e308],
            [3e200, 4e-300, 5.0, 1.7e308],
            [2e200, 2e-300, -8.0, 1.7e308],
        ];
        let (_, out) = scaled(&features);
        for column in out.columns() {
            assert!(column.sum().abs() < 1e-12, "{column}");
            assert!((column.dot(&column) / 3.0 - 1.0).abs() < 1e-12, "{column}");
        }
    }

    #[test]
    fn a_column_that_does_not_vary_is_zero_everywhere() {
        let (scaler, out) = scaled(&array![[0.1, f64::NAN], [0.1, f64::NAN], [0.1, f64::NAN]]);
        assert_eq!(scaler.deviations(), [0.0, 0.0]);
        assert_eq!(out, Array2::<f64>::zeros((3, 2)));
        assert_eq!(scaler.column(0).standardize(55.0), 0.0);
    }

    #[test]
    fn a_missing_value_is_the_mean() {
        let (with_gaps, gaps) = scaled(&array![[1.0], [f64::NAN], [4.0], [7.0]]);
        let (filled, full) = scaled(&array![[1.0], [4.0], [4.0], [7.0]]);
        assert_eq!(with_gaps, filled);
        assert_eq!(gaps, full);
    }

    #[test]
    fn no_value_leaves_the_doubles() {
        let (scaler, _) = scaled(&array![[1e-300], [2e-300]]);
        for value in [f64::MAX, f64::MIN, f64::INFINITY] {
            assert!(scaler.column(0).standardize(value).is_finite());
        }
    }
}
