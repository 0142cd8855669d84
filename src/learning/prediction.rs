//! What a classifier says about one row.
//!
//! Shape: plain results. Concurrency: none needed. Turned down: a probability without the class it
//! is of; the classes stand in their fixed order, everywhere.

use super::classes::Classes;
use super::logistic::sigmoid;

/// Probabilities of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Place of the class with the largest probability, ties to the earlier class.
    pub label: usize,
    /// Of the positive class, natural logarithm; finite.
    pub log_odds: f64,
    /// One a class, in class order, each finite and in [0, 1].
    pub probabilities: Vec<f64>,
}

/// A log-odds taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// The log-odds of a row in which every feature has its training mean.
    pub baseline: f64,
    /// What each feature adds by differing from its mean. Added to the baseline in this order they
    /// give the log-odds to the last bit.
    pub per_feature: Vec<f64>,
}

impl Prediction {
    /// Of the positive class's log-odds, with two classes.
    pub(super) fn of_log_odds(log_odds: f64, classes: &Classes) -> Self {
        let probabilities: Vec<f64> = (0..classes.len())
            .map(|at| {
                sigmoid(if at == classes.positive_index() {
                    log_odds
                } else {
                    -log_odds
                })
            })
            .collect();
        let label = largest(&probabilities);
        Self {
            label,
            log_odds,
            probabilities,
        }
    }
}

/// Place of the largest value, the first of equals.
fn largest(values: &[f64]) -> usize {
    let mut best = 0;
    for (at, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = at;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predicted(log_odds: f64, positive: usize) -> Prediction {
        let names = vec!["a".to_owned(), "b".to_owned()];
        Prediction::of_log_odds(log_odds, &Classes::new(names, positive).unwrap())
    }

    #[test]
    fn ties_go_to_the_earlier_class_whichever_is_positive() {
        for positive in [0, 1] {
            for tied in [0.0, -0.0, 1e-18] {
                assert_eq!(predicted(tied, positive).label, 0);
                assert_eq!(predicted(tied, positive).probabilities, [0.5, 0.5]);
            }
            assert_eq!(predicted(1e-3, positive).label, positive);
            assert_eq!(predicted(-1e-3, positive).label, 1 - positive);
        }
    }

    #[test]
    fn the_smaller_probability_keeps_its_digits() {
        let far = predicted(-50.0, 1);
        assert_eq!(far.probabilities, [1.0, (-50.0_f64).exp()]);
        let near = predicted(50.0, 0);
        assert_eq!(near.probabilities, far.probabilities);
        assert_eq!(predicted(1e100, 0).probabilities, [1.0, 0.0]);
    }
}
