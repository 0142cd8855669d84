use ndarray::Array2;

use super::*;
use crate::learning::classifier::Equation;
use crate::learning::evaluation::evaluate;
use crate::learning::fixtures::{Noise, two_classes, wine};
use crate::learning::scaler::Scaler;

fn of(log_odds: &[f64], labels: &[u16]) -> (ClassCurves, f64) {
    let scaler = Scaler {
        means: vec![0.0],
        deviations: vec![1.0],
    };
    let equation = Equation {
        baseline: 0.0,
        standardized: vec![1.0],
    };
    let classifier = Classifier::new(two_classes(), scaler, vec![equation]).unwrap();
    let values = Array2::from_shape_fn((log_odds.len(), 1), |(row, _)| log_odds[row]);
    let part = Part {
        features: values.view(),
        labels,
    };
    let area = evaluate(&classifier, part, part, 42)
        .unwrap()
        .roc_auc
        .unwrap_or(f64::NAN);
    (curves(&classifier, part).swap_remove(0), area)
}

fn area(points: &[RocPoint]) -> f64 {
    let trapezoid = |pair: &[RocPoint]| {
        let width = pair[1].false_positive_rate - pair[0].false_positive_rate;
        0.5 * width * (pair[0].true_positive_rate + pair[1].true_positive_rate)
    };
    points.windows(2).map(trapezoid).sum()
}

#[test]
fn few_rows_give_the_curve_itself() {
    let (found, whole) = of(&[2.0, 1.0, 1.0, 0.0, -1.0], &[1, 0, 1, 1, 0]);
    let places: Vec<_> = found
        .roc
        .iter()
        .map(|at| (at.false_positive_rate, at.true_positive_rate))
        .collect();
    let third = 1.0 / 3.0;
    assert_eq!(
        places,
        [
            (0.0, 0.0),
            (0.0, third),
            (0.5, 2.0 * third),
            (0.5, 1.0),
            (1.0, 1.0)
        ]
    );
    assert_eq!(found.roc[0].threshold, None);
    assert!((area(&found.roc) - whole).abs() < 1e-15);
    let last = found.precision_recall.last().unwrap();
    assert_eq!((last.recall, last.precision), (1.0, 0.6));
    assert_eq!(found.precision_recall[0].precision, 1.0);
    let rows: u64 = found.calibration.iter().map(|bin| bin.rows).sum();
    assert_eq!((rows, found.calibration.len()), (5, 10));
    assert_eq!(found.calibration[7].positive_share, Some(0.5));
    assert_eq!(found.calibration[0].mean_probability, None);
    assert_eq!(found.score_histograms[1].iter().sum::<u64>(), 3);
    assert!(!serde_json::to_string(&found).unwrap().contains("null"));
}

#[test]
fn many_rows_give_few_points_on_the_same_curve() {
    let mut noise = Noise(5);
    let odds: Vec<f64> = (0..20_000).map(|_| 6.0 * noise.draw() - 3.0).collect();
    let labels: Vec<u16> = odds
        .iter()
        .map(|z| u16::from(*z > 4.0 * noise.draw() - 2.0))
        .collect();
    let (found, whole) = of(&odds, &labels);
    assert!(found.roc.len() <= MOST_POINTS && found.roc.len() > MOST_POINTS / 2);
    assert!(found.precision_recall.len() <= MOST_POINTS);
    assert!(
        (area(&found.roc) - whole).abs() < 1e-4,
        "{} {whole}",
        area(&found.roc)
    );
    for points in found.roc.windows(2) {
        assert!(points[1].false_positive_rate >= points[0].false_positive_rate);
        assert!(points[1].true_positive_rate >= points[0].true_positive_rate);
    }
    let ends = [found.roc[0], found.roc[found.roc.len() - 1]];
    assert_eq!(ends.map(|end| end.true_positive_rate), [0.0, 1.0]);
}

#[test]
fn what_is_not_there_has_no_curve() {
    let (found, _) = of(&[1.0, 2.0], &[0, 0]);
    assert!(found.roc.is_empty() && found.precision_recall.is_empty());
    assert_eq!(found.calibration.iter().map(|bin| bin.rows).sum::<u64>(), 2);
}

#[test]
fn each_of_three_classes_has_its_own() {
    let set = wine().set("class_0", 0.3);
    let fit = crate::learning::fixtures::fit_part(&set, set.training(), 1.0).unwrap();
    let found = curves(&fit.classifier, set.held_out());
    let names: Vec<_> = found.iter().map(|curves| curves.class.as_str()).collect();
    assert_eq!(names, ["class_0", "class_1", "class_2"]);
    let held_out = set.held_out().rows() as u64;
    for curves in &found {
        let counted: u64 = curves.score_histograms.iter().flatten().sum();
        assert_eq!(counted, held_out);
    }
}
