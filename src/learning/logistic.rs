//! The logistic function and its logarithm, without overflow and without cancellation.
//!
//! Shape: two functions of a log-odds. Both sides of a probability are computed from the log-odds,
//! `1 - p` as `sigmoid(-z)`, so that tiny ones keep their digits. Concurrency: pure. Turned down:
//! clipping probabilities (it hides how wrong a confident classifier is).

/// `1 / (1 + exp(-z))`, in [0, 1].
#[inline]
pub(super) fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let small = z.exp();
        small / (1.0 + small)
    }
}

/// `ln(1 + exp(z))`: the log loss of a row whose other class has the log-odds `z`.
#[inline]
pub(super) fn softplus(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

/// `exp(x)` for `x` up to 0, to the last digit or so; below -708 it stays at the smallest. A plain
/// formula that a loop can do for many rows at once, which a call of the library's cannot: `2^k`
/// times the series of `exp` within half a factor of two of 1 (Cody and Waite 1980, 6).
#[inline(always)]
pub(super) fn exp_below(x: f64) -> f64 {
    /// Adding it leaves the nearest integer in the last bits.
    const ROUNDS: f64 = 6_755_399_441_055_744.0;
    /// `ln 2` in two parts: a product of the first with an integer is exact.
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + ROUNDS;
    let whole = shifted - ROUNDS;
    let rest = (x - whole * LN_2[0]) - whole * LN_2[1];
    let mut series = INVERSE_FACTORIALS[0];
    for term in &INVERSE_FACTORIALS[1..] {
        series = series * rest + term;
    }
    let near_one = 1.0 + (rest + rest * rest * series);
    near_one * f64::from_bits(shifted.to_bits().wrapping_add(1_023) << 52)
}

/// From 1/13! to 1/2!.
const INVERSE_FACTORIALS: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_keep_their_digits() {
        assert_eq!(sigmoid(0.0), 0.5);
        assert_eq!(sigmoid(-40.0), (-40.0_f64).exp());
        assert_eq!((sigmoid(1e9), sigmoid(-1e9)), (1.0, 0.0));
        assert_eq!((softplus(1e9), softplus(-1e9)), (1e9, 0.0));
        assert_eq!(softplus(-40.0), (-40.0_f64).exp());
        assert_eq!(softplus(0.0), std::f64::consts::LN_2);
    }

    #[test]
    fn the_series_gives_what_exp_gives() {
        for at in 0..70_800 {
            let x = f64::from(at) * -0.01;
            let (found, expected) = (exp_below(x), x.exp());
            assert!((found - expected).abs() <= 3e-16 * expected, "{x}");
        }
        assert_eq!(exp_below(0.0), 1.0);
        assert!(exp_below(f64::NEG_INFINITY) < 1e-306);
        assert!(exp_below(f64::NAN).is_nan());
    }
}
