//! What the environment lays over the file.

use super::fixtures::{EVERY_VALUE, EVERY_VARIABLE, SMALLEST, told};
use crate::config::{Config, Environment, fields};
use crate::learning::Missing;

#[test]
fn every_field_can_be_set_by_the_environment_and_over_the_file() {
    let environment = Environment::from_pairs(EVERY_VARIABLE.iter().copied());
    for text in ["", SMALLEST] {
        let config = Config::parse(text, "logitd.toml", &environment).unwrap();
        assert_eq!(config.to_toml(), EVERY_VALUE);
        assert_eq!(
            config.database.url.expose(),
            "postgres://u:pw@h/own?sslmode=require"
        );
        let features = config.dataset.learning_schema.features();
        assert_eq!(
            (features[0].missing, features[1].missing),
            (Missing::Mean, Missing::Reject)
        );
    }
    let variables: Vec<&str> = EVERY_VARIABLE.iter().map(|(name, _)| *name).collect();
    let mut documented: Vec<String> = fields().into_iter().map(|field| field.variable).collect();
    // The fields of one key follow on the last field of their section.
    documented.dedup();
    let last = documented
        .iter()
        .rposition(|name| name == "LOGITD_AUTH__KEYS");
    documented.remove(last.unwrap());
    assert_eq!(
        variables, documented,
        "a field without a value in this test"
    );
}

/// Field of `[training]`, what was written, what is told.
const WRONG_KINDS: &[(&str, &str, &str)] = &[
    (
        "SEED",
        "abc",
        "seed: expected a whole number, found the text \"abc\"",
    ),
    (
        "SEED",
        "-1",
        "seed: must be from 0 to 9223372036854775807, found -1",
    ),
    ("SEED", "1.5", "seed: expected a whole number, found 1.5"),
    (
        "SEED",
        "",
        "seed: expected a whole number, found the text \"\"",
    ),
    (
        "SEED",
        "1\n2",
        "seed: expected a whole number, found the text \"1\\n2\"",
    ),
    (
        "WORKER",
        "yes",
        "worker: expected true or false, found the text \"yes\"",
    ),
    (
        "HELD_OUT_FRACTION",
        "nan",
        "held_out_fraction: must be at least 0 and below 1, found NaN",
    ),
    (
        "PENALTIES",
        "1.0",
        "penalties: expected a list in [ ], found 1.0",
    ),
    (
        "PENALTIES",
        "[]",
        "penalties: is an empty list; give one value, [1.0]",
    ),
    (
        "PENALTIES",
        "[inf]",
        "penalties: must be finite numbers of at least 0, found inf",
    ),
    (
        "PENALTIES",
        "[-0.5]",
        "penalties: must be finite numbers of at least 0, found -0.5",
    ),
    (
        "PENALTIES",
        "['a']",
        "penalties: value 1: expected a number, found the text \"a\"",
    ),
];

#[test]
fn a_value_of_the_wrong_kind_is_told_by_the_name_of_its_variable() {
    for (variable, value, fault) in WRONG_KINDS {
        let name = format!("LOGITD_TRAINING__{variable}");
        let environment = Environment::from_pairs([(name.as_str(), *value)]);
        assert_eq!(
            told(SMALLEST, &environment),
            [format!("{name}: [training] {fault}")]
        );
    }
}

#[test]
fn a_list_that_is_not_toml_is_told_with_the_reason() {
    let broken = Environment::from_pairs([("LOGITD_DATASET__FEATURES", "[{name = }]")]);
    let told = told(SMALLEST, &broken);
    let start = "LOGITD_DATASET__FEATURES: [dataset] features: is not a TOML value: ";
    assert!(told[0].starts_with(start), "{told:?}");
}

#[test]
fn a_fault_inside_of_a_variable_is_told_by_its_name() {
    let features = r#"[{name = "a"}, {name = "a", colour = 1}]"#;
    let environment = Environment::from_pairs([("LOGITD_DATASET__FEATURES", features)]);
    assert_eq!(
        told(SMALLEST, &environment),
        [
            "LOGITD_DATASET__FEATURES: [[dataset.features]] \"a\" name: \"a\" is there twice",
            "LOGITD_DATASET__FEATURES: [[dataset.features]] \"a\" colour: unknown key; known are \
             name, minimum, maximum, example, unit, description, missing",
        ]
    );
}

#[test]
fn names_are_written_in_capitals_and_others_are_not_ours() {
    let wrong = Environment::from_pairs([("LOGITD_http__listen", "x"), ("LOGITD_GATE__X", "1")]);
    assert_eq!(
        told(SMALLEST, &wrong),
        [
            "LOGITD_GATE__X: unknown variable; ours are LOGITD_<SECTION>__<FIELD>",
            "LOGITD_http__listen: unknown variable; did you mean LOGITD_HTTP__LISTEN?",
        ]
    );
    let others = Environment::from_pairs([("LOGITD_LOG", "x"), ("MY_LOGITD_HTTP__LISTEN", "x")]);
    assert!(Config::parse(SMALLEST, "logitd.toml", &others).is_ok());
}
