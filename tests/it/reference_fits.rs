//! Against scikit-learn and statsmodels: `tests/python/reference_fits.py` makes tables and solves
//! them, and here each is fitted from the same numbers.
//!
//! Shape: a folder of JSON files, one table each. Every table goes the way of real rows, through
//! [`TrainingSetBuilder`] with a key, so that its rows come out in another order.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use crate::support::python::run_python;
use logitd::learning::{
    Cell, Feature, Fit, Recipe, RowKey, Schema, SplitRule, TrainingSetBuilder, fit,
};
use serde_json::Value;
use tempfile::TempDir;

struct Table(Value);

/// The folder of tables, made once a test run.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let made = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        run_python("reference_fits.py", folder.path());
        folder
    });
    made.path()
}

fn tables(prefix: &str) -> Vec<(String, Table)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name.starts_with(prefix) {
            let text = fs::read_to_string(path).unwrap();
            found.push((name, Table(serde_json::from_str(&text).unwrap())));
        }
    }
    found.sort_by(|one, two| one.0.cmp(&two.0));
    found
}

impl Table {
    fn numbers(&self, name: &str) -> Vec<f64> {
        flat(&self.0[name])
    }

    fn rows(&self) -> Vec<Vec<f64>> {
        let columns: Vec<Vec<f64>> = self.0["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(flat)
            .collect();
        let row = |at| columns.iter().map(|column| column[at]).collect();
        (0..columns[0].len()).map(row).collect()
    }

    fn fit(&self, penalty: f64) -> Fit {
        let rows = self.rows();
        let features = (0..rows[0].len()).map(|at| Feature::named(format!("f{at}")));
        let schema = Schema::new("label".to_owned(), features.collect(), None, None).unwrap();
        let mut builder = TrainingSetBuilder::new(&schema, rows.len());
        let labels = self.0["labels"].as_array().unwrap();
        for (at, (row, label)) in rows.iter().zip(labels).enumerate() {
            let cells: Vec<Cell> = row.iter().copied().map(Cell::Number).collect();
            let label = Cell::Integer(label.as_i64().unwrap());
            builder.push(RowKey::Text(&at.to_string()), &cells, &label);
        }
        let split = SplitRule {
            held_out_fraction: 0.0,
            minimum_rows: 10,
        };
        let set = builder.finish(&split).unwrap();
        let recipe = Recipe::new(penalty, 42).unwrap().with_threads(2);
        fit(
            &schema,
            set.all(),
            set.classes(),
            &recipe,
            &AtomicBool::new(false),
        )
        .unwrap()
    }
}

fn flat(value: &Value) -> Vec<f64> {
    match value.as_array() {
        Some(values) => values.iter().flat_map(flat).collect(),
        None => vec![value.as_f64().unwrap()],
    }
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}

/// Places of the two largest, the first of equals.
fn top_two(values: &[f64]) -> (usize, usize) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|one, two| values[*two].total_cmp(&values[*one]));
    (order[0], order[1])
}

#[test]
fn fifty_random_problems_agree_with_scikit_learn() {
    let tables = tables("problem_");
    assert_eq!(tables.len(), 50);
    let mut worst = 0.0_f64;
    for (name, table) in tables {
        let fit = table.fit(table.0["penalty"].as_f64().unwrap());
        assert!(fit.report.converged, "{name}: {:?}", fit.report);
        let found = fit.equations();
        let found: Vec<f64> = found
            .iter()
            .flat_map(|equation| equation.coefficients.iter().map(|term| term.standardized))
            .collect();
        let expected = table.numbers("coefficients");
        assert_eq!(found.len(), expected.len(), "{name}");
        let pairs = found.iter().zip(&expected);
        let off = norm(pairs.map(|(one, two)| one - two)) / norm(expected.iter().copied());
        worst = worst.max(off);
        println!(
            "{name}: {off:.2e} {:?} {:.1e}",
            fit.report.steps, fit.report.gradient_norm
        );
        assert!(off <= 1e-6, "{name}: {off}");
        let classes = table.0["classes"].as_u64().unwrap() as usize;
        let expected = table.numbers("probabilities");
        for (row, expected) in table.rows().iter().zip(expected.chunks(classes)) {
            let (first, second) = top_two(expected);
            let said = fit.classifier.predict(row);
            if expected[first] - expected[second] > 1e-9 {
                assert_eq!(said.label, first, "{name}: {expected:?} {said:?}");
            }
        }
    }
    println!("worst {worst:.2e}");
}

/// Coefficients, standard errors, z, p-values and intervals, in MNLogit's order.
fn printed(fit: Fit) -> [Vec<f64>; 5] {
    let mut found: [Vec<f64>; 5] = Default::default();
    for contrast in &fit.inference.unwrap().contrasts {
        for term in std::iter::once(&contrast.intercept).chain(&contrast.coefficients) {
            let inference = term.inference.unwrap();
            found[0].push(term.coefficient);
            found[1].push(inference.standard_error);
            found[2].push(inference.z);
            found[3].push(inference.p_value);
            found[4].extend(inference.confidence_interval);
        }
    }
    found
}

#[test]
fn unpenalised_inference_agrees_with_statsmodels() {
    let tables = tables("mnlogit_");
    assert_eq!(tables.len(), 3);
    for (name, table) in tables {
        let fit = table.fit(0.0);
        assert!(fit.report.converged, "{name}: {:?}", fit.report);
        let likelihood = table.0["log_likelihood"].as_f64().unwrap();
        assert!(
            (fit.report.log_likelihood / likelihood - 1.0).abs() < 1e-10,
            "{name}"
        );
        let null = table.0["null_log_likelihood"].as_f64().unwrap();
        assert!(
            (fit.report.null_log_likelihood / null - 1.0).abs() < 1e-10,
            "{name}"
        );
        let found = printed(fit);
        let names = [
            "coefficients",
            "standard_errors",
            "z",
            "p_values",
            "confidence_intervals",
        ];
        for (found, what) in found.iter().zip(names) {
            let expected = table.numbers(what);
            assert_eq!(found.len(), expected.len(), "{name}: {what}");
            for (found, expected) in found.iter().zip(expected) {
                let off = (found - expected).abs() / expected.abs().max(1e-9);
                assert!(off < 1e-6, "{name}: {what} {found} {expected}");
            }
        }
    }
}

#[test]
fn one_outlier_of_5000_deviations_costs_no_accuracy() {
    let (_, table) = tables("outlier").swap_remove(0);
    let fit = table.fit(1.0);
    assert!(fit.report.converged);
    let labels = table.0["labels"].as_array().unwrap();
    let rows = table.rows();
    let right = rows
        .iter()
        .zip(labels)
        .filter(|(row, label)| fit.classifier.predict(row).label as i64 == label.as_i64().unwrap());
    let accuracy = right.count() as f64 / rows.len() as f64;
    let expected = table.0["accuracy"].as_f64().unwrap();
    assert!(
        (accuracy - expected).abs() <= 0.02,
        "{accuracy}, expected {expected}"
    );
    assert!(accuracy > 0.5);
    assert!(
        fit.report
            .warnings
            .iter()
            .any(|one| one.code == "range_ruled_by_one_row")
    );
}
