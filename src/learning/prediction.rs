//! What a classifier says about one row.
//!
//! Shape: plain results. Concurrency: none needed. Turned down: a probability without the class it
//! is of; the classes stand in their fixed order, everywhere.

use super::classes::Classes;
use super::logistic::sigmoid;
use super::softmax::{largest, softmax};

/// Probabilities of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Place of the class with the largest probability, ties to the earlier class.
    pub label: usize,
    /// Of the positive class, natural logarithm, finite; absent with more than two classes.
    pub log_odds: Option<f64>,
    /// One a class, in class order, each finite and in [0, 1].
    pub probabilities: Vec<f64>,
}

/// The score of one equation taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// The class whose score it is: with two classes the positive one, whose score is the log-odds.
    pub class: String,
    /// The score of a row in which every feature has its training mean.
    pub baseline: f64,
    /// What each feature adds by differing from its mean. Added to the baseline in this order they
    /// give the score to the last bit.
    pub per_feature: Vec<f64>,
}

impl Prediction {
    /// Of the scores of a classifier's equations.
    pub(super) fn of_scores(scores: &[f64], classes: &Classes) -> Self {
        match scores {
            [log_odds] => Self::of_log_odds(*log_odds, classes),
            _ => {
                let mut probabilities = vec![0.0; scores.len()];
                softmax(scores, &mut probabilities);
                Self {
                    label: largest(&probabilities),
                    log_odds: None,
                    probabilities,
                }
            }
        }
    }

    /// Of the positive class's log-odds, with two classes.
    fn of_log_odds(log_odds: f64, classes: &Classes) -> Self {
        let of = |at| {
            sigmoid(if at == classes.positive_index() {
                log_odds
            } else {
                -log_odds
            })
        };
        let probabilities: Vec<f64> = (0..classes.len()).map(of).collect();
        Self {
            label: largest(&probabilities),
            log_odds: Some(log_odds),
            probabilities,
        }
    }
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
    fn more_classes_have_no_log_odds_and_the_same_rule_for_ties() {
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let found = Prediction::of_scores(&[-1.0, 2.0, 2.0], &Classes::new(names, 2).unwrap());
        assert_eq!((found.label, found.log_odds), (1, None));
        assert_eq!(found.probabilities[1], found.probabilities[2]);
        assert!((found.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-15);
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
