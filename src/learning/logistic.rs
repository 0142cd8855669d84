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

/// Both sides of a row's log-odds from one `exp`, bit for bit [`sigmoid`] and [`softplus`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides {
    /// Probability of the class that the log-odds are of.
    pub(super) right: f64,
    /// Of the other class.
    pub(super) wrong: f64,
    small: f64,
}

impl Sides {
    #[inline]
    pub(super) fn of(z: f64) -> Self {
        let small = (-z.abs()).exp();
        let (larger, smaller) = (1.0 / (1.0 + small), small / (1.0 + small));
        let (right, wrong) = if z >= 0.0 {
            (larger, smaller)
        } else {
            (smaller, larger)
        };
        Self {
            right,
            wrong,
            small,
        }
    }

    /// Log loss of a row whose own class has these log-odds, negated or not.
    #[inline]
    pub(super) fn loss(self, margin: f64) -> f64 {
        (-margin).max(0.0) + self.small.ln_1p()
    }
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

    #[test]
    fn one_exp_gives_the_same_bits() {
        for z in [0.0, -0.0, 1e-9, -0.7, 3.3, -41.0, 745.2, -1e9] {
            let sides = Sides::of(z);
            assert_eq!(sides.right.to_bits(), sigmoid(z).to_bits());
            assert_eq!(sides.wrong.to_bits(), sigmoid(-z).to_bits());
            assert_eq!(sides.loss(z).to_bits(), softplus(-z).to_bits());
            assert_eq!(sides.loss(-z).to_bits(), softplus(z).to_bits());
        }
    }
}
