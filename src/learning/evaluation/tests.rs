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
    Classifier::new(two_classes(), scaler, vec![equation]).unwrap()
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
        42,
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
    let gain = found.gain.unwrap();
    assert!((gain.mean - (base_rate - log_loss)).abs() < 1e-15);
    assert!(gain.lower < gain.mean && gain.mean < gain.upper);
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

#[test]
fn three_classes_are_measured_as_the_contract_says() {
    let names = ["a", "b", "c"].map(str::to_owned).to_vec();
    let scaler = Scaler {
        means: vec![0.0],
        deviations: vec![1.0],
    };
    let equation = |weight: f64| Equation {
        baseline: 0.0,
        standardized: vec![weight],
    };
    let equations = vec![equation(-1.0), equation(0.0), equation(1.0)];
    let classifier = Classifier::new(Classes::new(names, 2).unwrap(), scaler, equations).unwrap();
    let values = Array2::from_shape_vec((4, 1), vec![-2.0, 0.0, 2.0, 2.0]).unwrap();
    let held_out = Part {
        features: values.view(),
        labels: &[0, 1, 2, 0],
    };
    let found = evaluate(&classifier, held_out, held_out, 42).unwrap();
    // Scores (2, 0, -2), (0, 0, 0), (-2, 0, 2) and the last again.
    let sum = 2.0_f64.exp() + 1.0 + (-2.0_f64).exp();
    let (high, middle, low) = (2.0_f64.exp() / sum, 1.0 / sum, (-2.0_f64).exp() / sum);
    let losses = [-high.ln(), 3.0_f64.ln(), -high.ln(), -low.ln()];
    assert!((found.log_loss - losses.iter().sum::<f64>() / 4.0).abs() < 1e-15);
    let hit = (1.0 - high).powi(2) + middle.powi(2) + low.powi(2);
    let miss = high.powi(2) + middle.powi(2) + (1.0 - low).powi(2);
    let brier = (2.0 * hit + miss + 6.0 / 9.0) / 4.0;
    assert!((found.brier_score - brier).abs() < 1e-15);
    // The tie of the second row goes to the earlier class.
    assert_eq!(found.confusion, [[1, 0, 1], [1, 0, 0], [0, 0, 1]]);
    assert_eq!(found.accuracy, 0.5);
    // a: its rows against two others, 2 of 4 won, a half for a tie; b: all won; c: 1 tie in 3.
    let areas = [2.5 / 4.0, 1.0, 2.5 / 3.0];
    assert!((found.roc_auc.unwrap() - areas.iter().sum::<f64>() / 3.0).abs() < 1e-15);
    // Bin 3: one row, missed at a third; bin 8: three rows, two of them right.
    let calibration = (1.0 / 3.0 + (2.0 - 3.0 * high).abs()) / 4.0;
    assert!((found.calibration_error - calibration).abs() < 1e-15);
    let two = Part {
        labels: &[0, 1, 1, 0],
        ..held_out
    };
    assert_eq!(
        evaluate(&classifier, two, held_out, 42).unwrap().roc_auc,
        None
    );
}
