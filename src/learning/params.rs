//! What a fit is asked for.
//!
//! Shape: a small checked record. Concurrency: `Copy`. Turned down: tolerances and iteration limits
//! as settings; the fit certifies its result, so there is nothing to tune.

use thiserror::Error;

/// The penalty and the seed of one fit; make it with [`Recipe::new`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Recipe {
    /// L2 penalty on the standardised coefficients, against the sum of log losses: half of it times
    /// their squares is added (scikit-learn's `1 / C`). The constant is not penalised.
    pub penalty: f64,
    /// Draws the rows that the start is computed on when there are very many.
    pub seed: u64,
    /// Threads that a fit may use, at least one; they change no bit of the result.
    pub threads: usize,
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
    /// No penalty to choose from.
    #[error("at least one penalty is needed")]
    NoPenalty,
    /// Too few or too many folds.
    #[error("the folds must be from 2 to 100, found {folds}")]
    Folds {
        /// What was given.
        folds: usize,
    },
}

/// The penalties to choose from, and how: make it with [`Search::new`]. One penalty is no search.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    penalties: Vec<f64>,
    folds: usize,
}

impl Search {
    /// Checked penalties, put in falling order and each taken once, and 2 to 100 folds.
    ///
    /// # Errors
    /// No penalty, one that is negative or not finite, or another number of folds.
    pub fn new(mut penalties: Vec<f64>, folds: usize) -> Result<Self, InvalidRecipe> {
        if penalties.is_empty() {
            return Err(InvalidRecipe::NoPenalty);
        }
        for penalty in &mut penalties {
            // The same zero whatever its sign.
            *penalty = Recipe::new(*penalty, 0)?.penalty + 0.0;
        }
        if !(2..=100).contains(&folds) {
            return Err(InvalidRecipe::Folds { folds });
        }
        penalties.sort_by(|one, two| two.total_cmp(one));
        penalties.dedup();
        Ok(Self { penalties, folds })
    }

    /// The penalties, the largest first.
    pub fn penalties(&self) -> &[f64] {
        &self.penalties
    }

    /// The parts that the rows fall into.
    pub fn folds(&self) -> usize {
        self.folds
    }
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
        Ok(Self {
            penalty,
            seed,
            threads: 1,
        })
    }

    /// The same recipe on more threads; 0 is taken as one.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        Self {
            threads: threads.max(1),
            ..self
        }
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
        assert_eq!(Recipe::new(1.0, 1).unwrap().with_threads(0).threads, 1);
    }

    #[test]
    fn penalties_are_searched_from_the_largest_down() {
        let search = Search::new(vec![0.1, -0.0, 10.0, 0.1, 0.0], 5).unwrap();
        assert_eq!(search.penalties(), [10.0, 0.1, 0.0]);
        assert_eq!(Search::new(vec![], 5), Err(InvalidRecipe::NoPenalty));
        assert_eq!(
            Search::new(vec![1.0], 1),
            Err(InvalidRecipe::Folds { folds: 1 })
        );
        assert!(Search::new(vec![1.0, f64::NAN], 5).is_err());
    }
}
