//! Configurations: read whole and written back the same, or every fault told.

use super::fixtures::{EVERY_VARIABLE, SMALLEST, nothing};
use crate::config::{Config, Environment};
use crate::corpus::{EDITS_BYTES, corpus, edited};

const CASES: usize = 1_000;

const PIECES: [&str; 32] = [
    "[dataset]",
    "[[dataset.features]]",
    "[http.tls]",
    "[auth]",
    "\n",
    "=",
    "\"",
    "'''",
    "nan",
    "inf",
    "-1",
    "0",
    "9223372036854775807",
    "99999999999999999999",
    "1e308",
    "true",
    "[]",
    "[1, \"a\"]",
    "{a = 1}",
    "2026-01-01",
    "\u{0}",
    "name = \"x\"",
    "minimum = 5",
    "maximum = -5",
    "penalties = [0.0, nan]",
    "schedule = \"* * * * *\"",
    "explain",
    "#",
    "listen = \"0.0.0.0:1\"",
    "[unknown]",
    "\\u0000",
    "é",
];

fn holds(text: &str, environment: &Environment) {
    let config = match Config::parse(text, "any", environment) {
        Ok(config) => config,
        Err(error) => {
            assert!(!error.faults.is_empty());
            assert!(
                error
                    .faults
                    .iter()
                    .all(|fault| !fault.to_string().is_empty())
            );
            return;
        }
    };
    let features = config.dataset.learning_schema.features();
    let bounds = features
        .iter()
        .flat_map(|feature| [feature.minimum, feature.maximum, feature.example]);
    assert!(bounds.flatten().all(f64::is_finite) && !features.is_empty());
    let ordered = |one: &crate::learning::Feature| {
        one.minimum
            .zip(one.maximum)
            .is_none_or(|(low, high)| low <= high)
    };
    assert!(features.iter().all(ordered));
    let training = &config.training;
    assert!((0.0..1.0).contains(&training.held_out_fraction));
    assert!(
        training
            .penalties
            .iter()
            .all(|one| one.is_finite() && *one >= 0.0)
    );
    assert!(config.gate.tolerance.is_finite());
    assert!(!config.dataset.target.is_empty() && !config.dataset.table.is_empty());
    let written = config.to_toml();
    // What hides a secret cannot be read as what it was.
    if !written.contains("***") {
        let again = Config::parse(&written, "written", &nothing()).unwrap();
        assert_eq!(again.to_toml(), written);
    }
}

fn file_holds(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        holds(text, &nothing());
    }
}

/// The first byte says which variable, the rest is its value.
fn variable_holds(bytes: &[u8]) {
    let Some((which, value)) = bytes.split_first() else {
        return;
    };
    let (name, usual) = EVERY_VARIABLE[usize::from(*which) % EVERY_VARIABLE.len()];
    let texts = [usual.as_bytes().to_vec()];
    let near = edited(&[&[0], value].concat(), &texts, &PIECES);
    for value in [value, &near] {
        if let Ok(value) = std::str::from_utf8(value) {
            holds(SMALLEST, &Environment::from_pairs([(name, value)]));
        }
    }
}

#[test]
fn any_file() {
    corpus("config/tests", "file");
    bolero::check!(name = "file")
        .with_iterations(CASES)
        .for_each(file_holds);
}

#[test]
fn edited_files() {
    let texts = corpus("config/tests", "file");
    let edits = bolero::check!()
        .with_iterations(CASES)
        .with_max_len(EDITS_BYTES);
    edits.for_each(|bytes| file_holds(&edited(bytes, &texts, &PIECES)));
}

#[test]
fn any_variable() {
    corpus("config/tests", "variable");
    let any = bolero::check!(name = "variable")
        .with_iterations(CASES)
        .with_max_len(EDITS_BYTES);
    any.for_each(variable_holds);
}
