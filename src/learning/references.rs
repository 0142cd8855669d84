//! Against numbers that others published, or that were computed in many digits.

use super::fit::{Fit, fit};
use super::fixtures::{Table, json_of, never, recipe, settings, spector, wine};
use super::trained::train;

fn fitted(table: &Table, positive: &str, penalty: f64) -> Fit {
    let (schema, set) = (table.schema(positive), table.set(positive, 0.0));
    fit(
        &schema,
        set.all(),
        set.classes(),
        &recipe(penalty),
        &never(),
    )
    .unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn assert_relative(what: &str, found: f64, expected: f64, tolerance: f64) {
    let off = (found / expected - 1.0).abs();
    assert!(
        off <= tolerance,
        "{what}: {found}, expected {expected}, off by {off:e}"
    );
}

/// Coefficients and the constant, and their standard errors.
fn spectors_terms() -> (Vec<f64>, Vec<f64>, Fit) {
    let fit = fitted(&spector(), "1", 0.0);
    assert!(fit.report.converged, "{:?}", fit.report);
    let equation = fit.equations().swap_remove(0);
    let mut values: Vec<f64> = equation
        .coefficients
        .iter()
        .map(|term| term.coefficient)
        .collect();
    values.push(equation.intercept);
    let known = equation.coefficients.iter().map(|term| term.inference);
    let known = known.chain([equation.intercept_inference]);
    let errors = known.map(|known| known.unwrap().standard_error).collect();
    (values, errors, fit)
}

#[test]
fn spector_agrees_with_the_numbers_that_stata_prints() {
    let (values, errors, fit) = spectors_terms();
    // Stata 11; also in Greene, Econometric Analysis.
    let printed = [
        2.826_112_972_01,
        0.095_157_670_255_7,
        2.378_687_728_35,
        -13.021_348_320_1,
    ];
    for (found, printed) in values.iter().zip(printed) {
        assert_relative("coefficient", *found, printed, 1e-6);
    }
    let printed = [
        1.262_941_145_26,
        0.141_554_207_662,
        1.064_564_301_65,
        4.931_324_628_71,
    ];
    for (found, printed) in errors.iter().zip(printed) {
        assert_relative("standard error", *found, printed, 1e-6);
    }
    let report = &fit.report;
    assert_relative(
        "log-likelihood",
        report.log_likelihood,
        -12.889_634_222,
        1e-9,
    );
    assert!((report.null_log_likelihood + 20.592).abs() < 1e-3);
    let ratio = 2.0 * (report.log_likelihood - report.null_log_likelihood);
    assert_relative("likelihood ratio", ratio, 15.404_191, 1e-6);
    let mcfadden = 1.0 - report.log_likelihood / report.null_log_likelihood;
    assert_relative("McFadden", mcfadden, 0.374_038_3, 1e-6);
    let gpa = fit.equations()[0].coefficients[0];
    let known = gpa.inference.unwrap();
    assert!((known.z - 2.238).abs() < 5e-4 && (known.p_value - 0.025_2).abs() < 5e-5);
    assert!((known.confidence_interval[0] - 0.351).abs() < 5e-4);
    assert!((known.confidence_interval[1] - 5.301).abs() < 5e-4);
    assert!((gpa.odds_ratio.unwrap() - 16.88).abs() < 5e-3);
}

#[test]
fn spector_agrees_with_newton_in_40_digits() {
    // tests/python/exact_newton.py
    let exact = json_of("tests/data/spector_exact.json");
    let (values, errors, fit) = spectors_terms();
    let mut expected = numbers(&exact["coefficients"]);
    expected.push(exact["intercept"].as_f64().unwrap());
    for (found, expected) in values.iter().zip(expected) {
        assert_relative("coefficient", *found, expected, 1e-11);
    }
    let mut expected = numbers(&exact["standard_errors"]);
    expected.push(exact["intercept_standard_error"].as_f64().unwrap());
    for (found, expected) in errors.iter().zip(expected) {
        assert_relative("standard error", *found, expected, 1e-11);
    }
    let likelihood = exact["log_likelihood"].as_f64().unwrap();
    assert_relative(
        "log-likelihood",
        fit.report.log_likelihood,
        likelihood,
        1e-13,
    );
}

#[test]
fn spector_is_measured_as_published() {
    let (table, stop) = (spector(), never());
    let set = table.set("1", 0.0);
    let trained = train(&table.schema("1"), &set, &settings(&[0.0], &stop)).unwrap();
    assert!(trained.evaluation.is_none() && trained.curves.is_empty());
    let all = set.all();
    let found = super::evaluation::evaluate(&trained.served.classifier, all, all, 42).unwrap();
    assert!((found.roc_auc.unwrap() - 0.883_116_9).abs() < 1e-7);
    assert_eq!(
        (found.accuracy, found.confusion),
        (0.8125, vec![vec![18, 3], vec![3, 8]])
    );
    assert!(
        trained.all_warnings().is_empty(),
        "{:?}",
        trained.all_warnings()
    );
}

#[test]
fn wine_agrees_with_scikit_learn() {
    let table = wine();
    let fit = fitted(&table, "class_0", 1.0);
    assert!(fit.report.converged, "{:?}", fit.report);
    let reference = json_of("tests/data/reference.json")["wine"].clone();
    // The issue asks for 1e-6.
    let close = |what: &str, found: f64, expected: f64| {
        assert!(
            (found - expected).abs() < 1e-10,
            "{what}: {found}, expected {expected}"
        );
    };
    let equations = fit.equations();
    assert_eq!(equations.len(), 3);
    let baselines: Vec<f64> = fit
        .classifier
        .contributions(&table.rows[0].1)
        .iter()
        .map(|parts| parts.baseline)
        .collect();
    for class in 0..3 {
        let expected = numbers(&reference["standardized_coefficients"][class]);
        for (term, expected) in equations[class].coefficients.iter().zip(expected) {
            close("coefficient", term.standardized, expected);
            assert_eq!(term.odds_ratio, None);
        }
        close(
            "constant",
            baselines[class],
            numbers(&reference["intercept"])[class],
        );
    }
    assert!(baselines.iter().sum::<f64>().abs() < 1e-12, "centred");
    close(
        "objective",
        fit.report.objective,
        reference["objective"].as_f64().unwrap(),
    );
}

#[test]
fn wine_is_predicted_as_by_scikit_learn() {
    let (table, fit) = (wine(), fitted(&wine(), "class_0", 1.0));
    let reference = json_of("tests/data/reference.json")["wine"].clone();
    let rows = reference["probabilities_of_first_rows"].as_array().unwrap();
    for (row, expected) in table.rows.iter().zip(rows) {
        let said = fit.classifier.predict(&row.1);
        for (found, expected) in said.probabilities.iter().zip(numbers(expected)) {
            assert!(
                (found - expected).abs() < 1e-10,
                "{found}, expected {expected}"
            );
        }
    }
}

#[test]
fn the_evaluation_of_wine_agrees_with_scikit_learn() {
    let (fit, set) = (fitted(&wine(), "class_0", 1.0), wine().set("class_0", 0.0));
    let found = super::evaluation::evaluate(&fit.classifier, set.all(), set.all(), 42).unwrap();
    let reference = json_of("tests/data/reference.json")["wine"].clone();
    let expected = &reference["evaluation_on_all_rows"];
    let of = |name: &str| expected[name].as_f64().unwrap();
    assert!((found.log_loss - of("log_loss")).abs() < 1e-10);
    assert!((found.brier_score - of("brier_score_summed")).abs() < 1e-10);
    assert_eq!(
        (found.accuracy, found.roc_auc),
        (of("accuracy"), Some(of("roc_auc")))
    );
}
