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
}
