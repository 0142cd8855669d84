use ndarray::{Array2, ShapeBuilder};

use super::*;
use crate::learning::fixtures::{
    Noise, breast_cancer, fit_rows, never, numbered, recipe, two_classes,
};

fn refused(result: Result<Fit, FitError>) -> NotTrainable {
    match result.unwrap_err() {
        FitError::NotTrainable(why) => why,
        FitError::Stopped => panic!("nobody stopped it"),
    }
}

/// Rows of two features that overlap between the classes, so that every penalty has a solution.
fn overlapping(rows: usize) -> (Vec<[f64; 2]>, Vec<u16>) {
    let mut noise = Noise(7);
    let rows: Vec<[f64; 2]> = (0..rows)
        .map(|_| [noise.draw() * 4.0 - 2.0, noise.draw() * 4.0 - 2.0])
        .collect();
    let labels = rows
        .iter()
        .map(|[a, b]| u16::from(a - 0.5 * b > 2.0 * noise.draw() - 1.0));
    let labels = labels.collect();
    (rows, labels)
}

#[test]
fn separable_rows_converge_under_a_penalty() {
    let rows: Vec<[f64; 1]> = (0..100).map(|row| [f64::from(row)]).collect();
    let labels: Vec<u16> = (0..100).map(|row| u16::from(row >= 50)).collect();
    for penalty in [1e-6, 1.0, 1e6] {
        let fit = fit_rows(&rows, &labels, penalty).unwrap();
        assert!(fit.report.converged, "{penalty}: {:?}", fit.report);
        assert!(fit.classifier.predict(&[99.0]).probabilities[1] > 0.5);
    }
    let columns = vec!["f0".to_owned()];
    let separated = NotTrainable::Separated {
        columns,
        complete: true,
    };
    assert_eq!(refused(fit_rows(&rows, &labels, 0.0)), separated);
}

#[test]
fn without_a_penalty_what_has_no_single_solution_is_refused() {
    let (rows, labels) = overlapping(200);
    let tripled: Vec<[f64; 3]> = rows.iter().map(|[a, b]| [*a, *b, a + 2.0 * b]).collect();
    let columns = ["f0", "f1", "f2"].map(str::to_owned).to_vec();
    assert_eq!(
        refused(fit_rows(&tripled, &labels, 0.0)),
        NotTrainable::Dependent { columns }
    );
    let penalised = fit_rows(&tripled, &labels, 1e-3).unwrap().report;
    assert!(penalised.converged && penalised.warnings[0].code == "dependent_columns");
    // Told apart but for a tie in the middle: the gradient vanishes, the coefficients do not stop.
    let tied = [[1.0], [2.0], [3.0], [3.0], [4.0], [5.0]];
    let endless = refused(fit_rows(&tied, &[0, 0, 0, 1, 1, 1], 0.0));
    let columns = vec!["f0".to_owned()];
    assert_eq!(
        endless,
        NotTrainable::Separated {
            columns,
            complete: false
        }
    );
}

#[test]
fn without_a_penalty_overlapping_rows_converge() {
    let (rows, labels) = overlapping(500);
    let fit = fit_rows(&rows, &labels, 0.0).unwrap();
    assert!(fit.report.converged, "{:?}", fit.report);
    assert!(fit.report.log_likelihood > fit.report.null_log_likelihood);
    assert_eq!(fit.report.objective, -fit.report.log_likelihood);
}

#[test]
fn what_cannot_be_fitted_says_why() {
    let rows = [[1.0], [2.0], [3.0]];
    let class = "b".to_owned();
    let one = refused(fit_rows(&rows, &[0, 0, 0], 1.0));
    assert_eq!(one, NotTrainable::ClassMissingFromTraining { class });
    let constant = refused(fit_rows(&[[0.1], [0.1], [f64::NAN]], &[0, 1, 0], 1.0));
    assert_eq!(constant, NotTrainable::NothingVaries);
    let infinite = refused(fit_rows(&[[0.1], [f64::INFINITY], [1.0]], &[0, 1, 0], 1.0));
    assert_eq!(infinite, NotTrainable::NotFinite);
}

#[test]
fn missing_values_are_the_same_as_their_mean() {
    let (rows, labels) = overlapping(300);
    let gaps: Vec<[f64; 2]> = rows
        .iter()
        .enumerate()
        .map(|(row, [a, b])| [*a, if row % 5 == 0 { f64::NAN } else { *b }])
        .collect();
    let there: Vec<f64> = gaps
        .iter()
        .map(|row| row[1])
        .filter(|b| !b.is_nan())
        .collect();
    let mean = there.iter().sum::<f64>() / there.len() as f64;
    let filled: Vec<[f64; 2]> = gaps
        .iter()
        .map(|[a, b]| [*a, if b.is_nan() { mean } else { *b }])
        .collect();
    let (one, two) = (
        fit_rows(&gaps, &labels, 1.0).unwrap(),
        fit_rows(&filled, &labels, 1.0).unwrap(),
    );
    for (gap, full) in gaps.iter().zip(&filled) {
        let (one, two) = (
            one.classifier.scores(gap)[0],
            two.classifier.scores(full)[0],
        );
        assert!((one - two).abs() < 1e-10, "{one} {two}");
    }
}

#[test]
fn columns_of_any_scale_give_the_same_probabilities() {
    let (rows, labels) = overlapping(300);
    let plain = fit_rows(&rows, &labels, 1.0).unwrap();
    let scale = |row: &[f64; 2]| [row[0] * 1e200, row[1] * 1e-300, 0.1];
    let scaled: Vec<[f64; 3]> = rows.iter().map(scale).collect();
    let fit = fit_rows(&scaled, &labels, 1.0).unwrap();
    assert!(fit.report.converged);
    let codes: Vec<_> = fit
        .report
        .warnings
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    assert_eq!(codes, ["constant_feature", "penalised_no_inference"]);
    assert_eq!(fit.report.warnings[0].columns, ["f2"]);
    let equation = &fit.classifier.equations()[0];
    assert_eq!(equation.coefficients[2].coefficient, 0.0);
    for row in &rows {
        let (one, two) = (
            plain.classifier.scores(row)[0],
            fit.classifier.scores(&scale(row))[0],
        );
        assert!((one - two).abs() < 1e-10, "{one} {two}");
    }
}

#[test]
fn a_fit_stops_when_it_is_told_to() {
    let set = breast_cancer().set("benign", 0.0);
    let stop = AtomicBool::new(true);
    let result = fit(&numbered(30), set.all(), set.classes(), &recipe(1.0), &stop);
    assert_eq!(result.unwrap_err(), FitError::Stopped);
}

#[test]
fn a_large_table_starts_from_a_sample_and_ends_at_the_same_place() {
    let rows = 60_000;
    let mut noise = Noise(3);
    let mut features = Array2::zeros((rows, 2).f());
    let mut labels = Vec::with_capacity(rows);
    for mut row in features.rows_mut() {
        (row[0], row[1]) = (noise.draw(), noise.draw());
        labels.push(u16::from(row[0] > noise.draw()));
    }
    let part = Part {
        features: features.view(),
        labels: &labels,
    };
    let of = |seed| {
        let recipe = Recipe::new(1.0, seed).unwrap();
        fit(&numbered(2), part, &two_classes(), &recipe, &never()).unwrap()
    };
    let (one, two) = (of(1), of(2));
    assert_eq!(
        one.report.steps[0],
        "start by linfa-logistic on 2000 rows, by Newton on 50000"
    );
    assert!(one.report.converged && two.report.converged);
    assert_eq!(one, of(1));
    let (one, two) = (
        one.classifier.scores(&[0.9, 0.1])[0],
        two.classifier.scores(&[0.9, 0.1])[0],
    );
    assert!((one - two).abs() < 1e-10, "{one} {two}");
}
