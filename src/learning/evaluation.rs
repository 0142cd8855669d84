//! How good a classifier is on rows that it was not fitted on.
//!
//! Shape: plain numbers from the log-odds of the held-out rows, for two classes. Concurrency: pure;
//! it may take long, run it off any async runtime. Turned down: log loss from clipped
//! probabilities (it would hide how wrong a confident classifier is).

use serde::{Deserialize, Serialize};

use super::classes::Classes;
use super::classifier::Classifier;
use super::logistic::{sigmoid, softplus};
use super::prediction::Prediction;
use super::roc::roc_auc;
use super::training_set::Part;

/// Bins of equal width over the probabilities of the positive class.
const CALIBRATION_BINS: usize = 10;

/// Quality on held-out rows; losses are means a row, with natural logarithms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Rows evaluated on.
    pub rows: u64,
    /// Mean log loss, from the log-odds.
    pub log_loss: f64,
    /// Mean log loss of always answering the classes' shares of the training part; absent when a
    /// class that is held out is not in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rate_log_loss: Option<f64>,
    /// Mean of `(p - y)^2`, of the positive class (Brier 1950, halved).
    pub brier_score: f64,
    /// Share of the rows whose label is predicted.
    pub accuracy: f64,
    /// Area under the ROC curve, ties by midranks; absent when only one class is held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roc_auc: Option<f64>,
    /// Difference between mean probability and share of positive rows over ten bins of equal
    /// width, weighted by rows.
    pub calibration_error: f64,
    /// `confusion[actual][predicted]` in rows, classes in order.
    pub confusion: Vec<Vec<u64>>,
}

/// Evaluates on the held-out rows; `training` gives the base rates. `None` when nothing is held out.
pub fn evaluate(
    classifier: &Classifier,
    held_out: Part<'_>,
    training: Part<'_>,
) -> Option<Evaluation> {
    if held_out.rows() == 0 {
        return None;
    }
    let (classes, rows) = (classifier.classes(), held_out.rows() as f64);
    let log_odds = classifier.log_odds_of(held_out);
    let positive: Vec<bool> = held_out
        .labels
        .iter()
        .map(|label| usize::from(*label) == classes.positive_index())
        .collect();
    let (mut log_loss, mut squares) = (0.0, 0.0);
    for (z, positive) in log_odds.iter().zip(&positive) {
        // Log-odds of the class that the row does not have.
        let wrong = if *positive { -z } else { *z };
        log_loss += softplus(wrong);
        squares += sigmoid(wrong).powi(2);
    }
    let confusion = confusion(classes, &log_odds, held_out.labels);
    let right: u64 = confusion.iter().enumerate().map(|(at, row)| row[at]).sum();
    Some(Evaluation {
        rows: held_out.rows() as u64,
        log_loss: log_loss / rows,
        base_rate_log_loss: base_rate_log_loss(classes, held_out, training),
        brier_score: squares / rows,
        accuracy: right as f64 / rows,
        roc_auc: roc_auc(&log_odds, &positive),
        calibration_error: calibration_error(&log_odds, &positive),
        confusion,
    })
}

fn confusion(classes: &Classes, log_odds: &[f64], labels: &[u16]) -> Vec<Vec<u64>> {
    let mut confusion = vec![vec![0; classes.len()]; classes.len()];
    for (z, label) in log_odds.iter().zip(labels) {
        let predicted = Prediction::of_log_odds(*z, classes).label;
        confusion[usize::from(*label)][predicted] += 1;
    }
    confusion
}

fn base_rate_log_loss(classes: &Classes, held_out: Part<'_>, training: Part<'_>) -> Option<f64> {
    let (actual, known) = (
        held_out.rows_per_class(classes.len()),
        training.rows_per_class(classes.len()),
    );
    let mut sum = 0.0;
    for (actual, known) in actual
        .into_iter()
        .zip(known)
        .filter(|(actual, _)| *actual > 0)
    {
        if known == 0 {
            return None;
        }
        sum -= actual as f64 * (known as f64 / training.rows() as f64).ln();
    }
    Some(sum / held_out.rows() as f64)
}

/// Naeini, Cooper and Hauskrecht 2015; a bin holds its lower edge, the last one 1 too.
fn calibration_error(log_odds: &[f64], positive: &[bool]) -> f64 {
    let mut excess = [0.0; CALIBRATION_BINS];
    for (z, positive) in log_odds.iter().zip(positive) {
        let bin = (sigmoid(*z) * CALIBRATION_BINS as f64) as usize;
        // p - 1 as -(1 - p): it keeps its digits.
        let residual = if *positive { -sigmoid(-z) } else { sigmoid(*z) };
        excess[bin.min(CALIBRATION_BINS - 1)] += residual;
    }
    excess.iter().map(|sum: &f64| sum.abs()).sum::<f64>() / log_odds.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::learning::classifier::Equation;
    use crate::learning::fixtures::two_classes;
    use crate::learning::scaler::Scaler;

    /// Log-odds of `b` are the value itself.
    fn identity() -> Classifier {
        let scaler = Scaler {
            means: vec![0.0],
            deviations: vec![1.0],
        };
        let equation = Equation {
            baseline: 0.0,
            standardized: vec![1.0],
        };
        Classifier::new(two_classes(), scaler, equation).unwrap()
    }

    fn evaluated(log_odds: &[f64], labels: &[u16], training: &[u16]) -> Option<Evaluation> {
        let of = |values: &[f64]| Array2::from_shape_fn((values.len(), 1), |(row, _)| values[row]);
        let (held_out, known) = (of(log_odds), of(&vec![0.0; training.len()]));
        let held_out = Part {
            features: held_out.view(),
            labels,
        };
        evaluate(
            &identity(),
            held_out,
            Part {
                features: known.view(),
                labels: training,
            },
        )
    }

    #[test]
    fn the_numbers_are_those_of_the_definitions() {
        let odds = [3.0, -3.0, 3.0, 0.0];
        let found = evaluated(&odds, &[1, 0, 0, 1], &[0, 1, 1, 1]).unwrap();
        let (hit, miss) = ((1.0 + (-3.0_f64).exp()).ln(), (1.0 + 3.0_f64.exp()).ln());
        let log_loss = (2.0 * hit + miss + 2.0_f64.ln()) / 4.0;
        assert!((found.log_loss - log_loss).abs() < 1e-15);
        let p = 1.0 / (1.0 + (-3.0_f64).exp());
        let brier = (2.0 * (1.0 - p) * (1.0 - p) + p * p + 0.25) / 4.0;
        assert!((found.brier_score - brier).abs() < 1e-15);
        // The tie goes to the earlier class.
        assert_eq!(
            (found.rows, found.confusion),
            (4, vec![vec![1, 1], vec![1, 1]])
        );
        assert_eq!(found.accuracy, 0.5);
        assert_eq!(found.roc_auc, Some(2.5 / 4.0));
        let base_rate = -(2.0 * 0.25_f64.ln() + 2.0 * 0.75_f64.ln()) / 4.0;
        assert!((found.base_rate_log_loss.unwrap() - base_rate).abs() < 1e-15);
        // Bins 9 (two rows, one positive), 0 (one, none) and 5 (one positive at a half).
        let calibration = ((2.0 * p - 1.0) + (1.0 - p) + 0.5) / 4.0;
        assert!((found.calibration_error - calibration).abs() < 1e-15);
    }

    #[test]
    fn a_confident_mistake_costs_what_it_costs() {
        let found = evaluated(&[5_000.0], &[0], &[0, 1]).unwrap();
        assert_eq!(found.log_loss, 5_000.0);
        assert_eq!((found.brier_score, found.calibration_error), (1.0, 1.0));
        assert_eq!(found.roc_auc, None);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        assert_eq!(evaluated(&[], &[], &[0, 1]), None);
        let found = evaluated(&[1.0], &[1], &[0, 0]).unwrap();
        assert_eq!(found.base_rate_log_loss, None);
        let text = serde_json::to_string(&found).unwrap();
        assert!(
            !text.contains("null") && !text.contains("roc_auc"),
            "{text}"
        );
    }
}
