//! What a fit is asked for.
//!
//! Shape: a small checked record. Concurrency: `Copy`. Turned down: tolerances and iteration limits
//! as settings; the fit certifies its result, so there is nothing to tune.

use thiserror::Error;

/// The penalty and the seed of one fit; make it with [`Recipe::new`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// L2 penalty on the standardised coefficients, against the sum of log losses: half of it times
    /// their squares is added (scikit-learn's `1 / C`). The constant is not penalised.
    pub penalty: f64,
    /// Draws the rows that the start is computed on when there are very many.
    pub seed: u64,
}

/// Why a recipe cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum InvalidRecipe {
    /// Negative, infinite or not a number.
    #[error("the penalty must be a finite number of at least 0, found {penalty}")]
    Penalty {
        /// What was given.
        penalty: f64,
    },
}

impl Recipe {
    /// A checked recipe.
    ///
    /// # Errors
    /// A penalty that is negative or not finite.
    pub fn new(penalty: f64, seed: u64) -> Result<Self, InvalidRecipe> {
        if !penalty.is_finite() || penalty < 0.0 {
            return Err(InvalidRecipe::Penalty { penalty });
        }
        Ok(Self { penalty, seed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_penalties_from_zero_on_are_taken() {
        for penalty in [0.0, 1e-12, 1e12] {
            assert_eq!(Recipe::new(penalty, 1).unwrap().penalty, penalty);
        }
        for penalty in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(Recipe::new(penalty, 1).is_err());
        }
    }
}
