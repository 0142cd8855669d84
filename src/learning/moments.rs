//! Mean, deviation and range of one column.
//!
//! Shape: two passes (mean, then squares about it) over values divided by the largest of them, so
//! that neither the squares of 1e200 overflow nor those of 1e-300 vanish. Concurrency: pure.
//! Turned down: one pass with a running sum of squares (it loses every digit when the mean is
//! large), and Welford's (a division a value, and it overflows all the same).

/// Values that are looked at side by side.
const LANES: usize = 8;

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
        let (largest, rows) = (minimum.abs().max(maximum.abs()), count as f64);
        let (mean, variance) = mean_and_variance(values, largest, rows);
        let mean = (mean * largest).clamp(minimum, maximum);
        let deviation = variance.sqrt() * largest;
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
    /// Of the values of a column.
    pub(super) fn of(values: &[f64]) -> Self {
        let mut count = 0;
        let (mut lows, mut highs) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
        for values in values.chunks(LANES) {
            let lanes = values.iter().zip(&mut lows).zip(&mut highs);
            for ((value, low), high) in lanes {
                // No comparison with NaN holds.
                *low = if *value < *low { *value } else { *low };
                *high = if *value > *high { *value } else { *high };
                count += u64::from(!value.is_nan());
            }
        }
        Self {
            count,
            missing: values.len() as u64 - count,
            minimum: lows.into_iter().fold(f64::INFINITY, f64::min),
            maximum: highs.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

/// Of values divided by the largest of them, in two passes; the rounding of the first shows in the
/// second (Chan, Golub and LeVeque 1983). Added up in row order.
fn mean_and_variance(values: &[f64], largest: f64, rows: f64) -> (f64, f64) {
    let mut sum = 0.0;
    each_scaled(values, largest, 0.0, |value| sum += value);
    let rough = sum / rows;
    let (mut drift, mut squares) = (0.0, 0.0);
    each_scaled(values, largest, rough, |difference| {
        drift += difference;
        squares += difference * difference;
    });
    let drift = drift / rows;
    (rough + drift, (squares / rows - drift * drift).max(0.0))
}

/// Calls with `value / largest - less`, and with 0 for one that is missing. The divisions of some
/// values are done at once, which an addition after each would not let.
fn each_scaled(values: &[f64], largest: f64, less: f64, mut call: impl FnMut(f64)) {
    let mut scaled = [0.0; 32 * LANES];
    for values in values.chunks(scaled.len()) {
        for (to, value) in scaled.iter_mut().zip(values) {
            let there = *value / largest - less;
            *to = if value.is_nan() { 0.0 } else { there };
        }
        scaled[..values.len()].iter().for_each(|value| call(*value));
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
