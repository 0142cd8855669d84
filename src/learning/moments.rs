//! Mean, deviation and range of one column.
//!
//! Shape: two passes (mean, then squares about it) over values scaled by a power of two near the
//! largest of them, which changes no digit, so that neither the squares of 1e200 overflow nor those of 1e-300 vanish. Concurrency: pure.
//! Turned down: one pass with a running sum of squares (it loses every digit when the mean is
//! large), and Welford's (a division a value, and it overflows all the same).

use pulp::{Arch, Simd, WithSimd};

use super::lanes::LANES;

/// What one column looks like; missing values (NaN) are left out of everything but their count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moments {
    /// Values that are there.
    pub(super) count: u64,
    /// Values that are not.
    pub(super) missing: u64,
    /// 0 when nothing is there, as the other three.
    pub(super) mean: f64,
    /// Standard deviation with divisor `count` (ddof 0); exactly 0 when all values are equal.
    pub(super) deviation: f64,
    pub(super) minimum: f64,
    pub(super) maximum: f64,
}

impl Moments {
    /// Of the values of a column.
    pub(super) fn of(values: &[f64]) -> Self {
        let Range {
            count,
            missing,
            minimum,
            maximum,
        } = Range::of(values);
        let flat = |at| Self {
            count,
            missing,
            mean: at,
            deviation: 0.0,
            minimum: at,
            maximum: at,
        };
        if count == 0 {
            return flat(0.0);
        }
        if minimum == maximum {
            return flat(minimum);
        }
        let (scale, rows) = (power_above(minimum.abs().max(maximum.abs())), count as f64);
        let (mean, variance) = mean_and_variance(values, 1.0 / scale, rows);
        let mean = (mean * scale).clamp(minimum, maximum);
        let deviation = variance.sqrt() * scale;
        Self {
            count,
            missing,
            mean,
            deviation,
            minimum,
            maximum,
        }
    }
}

impl Moments {
    /// The ends of the same column.
    pub(super) fn range(&self) -> Range {
        Range {
            count: self.count,
            missing: self.missing,
            minimum: self.minimum,
            maximum: self.maximum,
        }
    }
}

/// The ends of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    /// Values that are there.
    pub(super) count: u64,
    /// Values that are not.
    pub(super) missing: u64,
    /// Means nothing when nothing is there, as the other.
    pub(super) minimum: f64,
    pub(super) maximum: f64,
}

impl Range {
    /// Whether no value is missing and differences of any two are numbers.
    pub(super) fn is_plain(&self) -> bool {
        let largest = self.minimum.abs().max(self.maximum.abs());
        self.missing == 0 && largest <= f64::MAX / 4.0
    }

    /// Of the values of a column.
    pub(super) fn of(values: &[f64]) -> Self {
        Arch::new().dispatch(Ends(values))
    }
}

struct Ends<'a>(&'a [f64]);

impl WithSimd for Ends<'_> {
    type Output = Range;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Range {
        let values = self.0;
        let mut counts = [0_u64; LANES];
        let (mut lows, mut highs) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
        for values in values.chunks(LANES) {
            let lanes = lows.iter_mut().zip(&mut highs).zip(&mut counts);
            for (value, ((low, high), count)) in values.iter().zip(lanes) {
                // No comparison with NaN holds.
                *low = if *value < *low { *value } else { *low };
                *high = if *value > *high { *value } else { *high };
                *count += u64::from(!value.is_nan());
            }
        }
        let count = counts.iter().sum();
        Range {
            count,
            missing: values.len() as u64 - count,
            minimum: lows.into_iter().fold(f64::INFINITY, f64::min),
            maximum: highs.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

/// The power of two above a value above 0, as far as it and its inverse are normal numbers.
fn power_above(value: f64) -> f64 {
    let exponent = (value.to_bits() >> 52) + 1;
    f64::from_bits(exponent.clamp(2, 2_044) << 52)
}

/// Of values times a power of two, in two passes; the rounding of the first shows in the second
/// (Chan, Golub and LeVeque 1983).
fn mean_and_variance(values: &[f64], scale: f64, rows: f64) -> (f64, f64) {
    let sums = |less| {
        Arch::new().dispatch(Sums {
            values,
            scale,
            less,
        })
    };
    let rough = sums(0.0).0 / rows;
    let (drift, squares) = sums(rough);
    let drift = drift / rows;
    (rough + drift, (squares / rows - drift * drift).max(0.0))
}

/// Sum of `value * scale - less` and of its squares, with 0 for one that is missing.
struct Sums<'a> {
    values: &'a [f64],
    scale: f64,
    less: f64,
}

impl WithSimd for Sums<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, f64) {
        let (mut sums, mut squares) = ([0.0; LANES], [0.0; LANES]);
        for values in self.values.chunks(LANES) {
            let lanes = sums.iter_mut().zip(&mut squares);
            for (value, (sum, square)) in values.iter().zip(lanes) {
                let there = *value * self.scale - self.less;
                let there = if value.is_nan() { 0.0 } else { there };
                *sum += there;
                *square += there * there;
            }
        }
        (sums.iter().sum(), squares.iter().sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_scales_keep_their_digits() {
        let plain = Moments::of(&[1.0, 2.0, 4.0, 9.0][..]);
        assert_eq!((plain.mean, plain.minimum, plain.maximum), (4.0, 1.0, 9.0));
        assert!((plain.deviation - 9.5_f64.sqrt()).abs() < 1e-15);
        for scale in [1e200, 1e-300, 1e307] {
            let scaled = Moments::of(&[1.0, 2.0, 4.0, 9.0].map(|value| value * scale)[..]);
            assert!((scaled.mean / scale - 4.0).abs() < 1e-14, "{scaled:?}");
            assert!(
                (scaled.deviation / scale - plain.deviation).abs() < 1e-14,
                "{scaled:?}"
            );
        }
        let shifted = Moments::of(&[1.0, 2.0, 4.0, 9.0].map(|value| value + 1e9)[..]);
        assert!(
            (shifted.deviation - plain.deviation).abs() < 1e-6,
            "{shifted:?}"
        );
    }

    #[test]
    fn equal_values_deviate_by_exactly_nothing() {
        let equal = Moments::of(&[0.1; 1_000][..]);
        assert_eq!((equal.mean, equal.deviation), (0.1, 0.0));
    }

    #[test]
    fn missing_values_are_counted_and_left_out() {
        let some = Moments::of(&[f64::NAN, 1.0, f64::NAN, 3.0][..]);
        assert_eq!(
            (some.count, some.missing, some.mean, some.deviation),
            (2, 2, 2.0, 1.0)
        );
        let none = Moments::of(&[f64::NAN][..]);
        assert_eq!(
            (none.count, none.missing, none.mean, none.maximum),
            (0, 1, 0.0, 0.0)
        );
    }
}
