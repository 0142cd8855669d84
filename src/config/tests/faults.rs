//! What is told of a wrong file, and where.

use super::fixtures::{SMALLEST, nothing, told};
use crate::config::{Config, Environment};

/// A fault in every other line, of all kinds.
const WRONG: &str = r#"
[model]
name = "two words"
[database]
url = "mysql://root:hunter2@h/db"
min_connections = 11
[dataset]
key = "class"
target = "class"
order = "class"
tabel = "data"
[[dataset.features]]
name = "feature_1"
minimum = 2.0
maximum = 1.0
[[dataset.features]]
name = "feature_1"
missing = "median"
[[dataset.features]]
unit = "mm"
example = "large"
[training]
on_start = "sometimes"
held_out_fraction = 1.5
maximum_rows = 99
penalties = [0.1, -1.0]
worker = 1
schedule = "0 3 30 2 *"
time_zone = "Europe/Berlyn"
[http]
listen = "localhost"
max_body_bytes = 99999999999999999999
[gate]
tolerance = -0.1
[gait]
"#;

const WRONG_TOLD: &[&str] = &[
    r#"logitd.toml:3: [model] name: must be 1 to 64 letters, digits, '.', '_' or '-', found "two words""#,
    r#"logitd.toml:5: [database] url: must begin with sqlite:, postgres:// or postgresql://"#,
    r#"logitd.toml:6: [database] min_connections: must be at most max_connections (10), found 11"#,
    r#"logitd.toml:7: [dataset] table: is missing (here or as LOGITD_DATASET__TABLE): the table or view with the labelled rows; a name is never split or parsed"#,
    r#"logitd.toml:8: [dataset] key: "class" is the target too; a key only names the row"#,
    r#"logitd.toml:10: [dataset] order: is the target too; a row is not newer for its label"#,
    r#"logitd.toml:11: [dataset] tabel: unknown key; did you mean table?"#,
    r#"logitd.toml:14: [[dataset.features]] "feature_1" minimum: 2 is above the maximum 1"#,
    r#"logitd.toml:17: [[dataset.features]] "feature_1" name: "feature_1" is there twice"#,
    r#"logitd.toml:18: [[dataset.features]] "feature_1" missing: must be one of "reject", "mean", found "median""#,
    r#"logitd.toml:19: [[dataset.features]] 3 name: is missing: the column; any name but `explain`"#,
    r#"logitd.toml:21: [[dataset.features]] 3 example: expected a number, found the text "large""#,
    r#"logitd.toml:23: [training] on_start: must be one of "if_missing", "always", "never", found "sometimes""#,
    r#"logitd.toml:24: [training] held_out_fraction: must be at least 0 and below 1, found 1.5"#,
    r#"logitd.toml:25: [training] maximum_rows: must be 0 or at least minimum_rows, which is 100, found 99"#,
    r#"logitd.toml:26: [training] penalties: must be finite numbers of at least 0, found -1"#,
    r#"logitd.toml:27: [training] worker: expected true or false, found 1"#,
    r#"logitd.toml:28: [training] schedule: "0 3 30 2 *" never comes: there is no 30 February"#,
    r#"logitd.toml:29: [training] time_zone: must be a time zone of the IANA database like "Europe/Berlin"; did you mean "Europe/Berlin"?, found "Europe/Berlyn""#,
    r#"logitd.toml:31: [http] listen: must be an address and a port like "127.0.0.1:8080" or "[::1]:8080", found "localhost""#,
    r#"logitd.toml:32: [http] max_body_bytes: must be from 1 to 1073741824, found 99999999999999999999"#,
    r#"logitd.toml:34: [gate] tolerance: must be a finite number of at least 0, found -0.1"#,
    r#"logitd.toml:35: [gait]: unknown section; known are model, database, dataset, training, gate, serving, http, http.tls, observations, auth, telemetry"#,
    r#"LOGITD_TRAINING__CLAIM_TTL_SECONDS: [training] claim_ttl_seconds: must be from 3 to 86400, found 2"#,
    r#"LOGITD_TRANING__SEED: unknown variable; did you mean LOGITD_TRAINING__SEED?"#,
];

#[test]
fn every_fault_is_told_at_once_with_its_line() {
    let environment = Environment::from_pairs([
        ("LOGITD_TRAINING__CLAIM_TTL_SECONDS", "2"),
        ("LOGITD_TRANING__SEED", "1"),
    ]);
    assert_eq!(told(WRONG, &environment), WRONG_TOLD);
}

#[test]
fn a_text_that_is_not_toml_is_one_fault_with_its_line() {
    for (text, line) in [
        ("[model]\nname = \n", 2),
        ("[database]\n\nurl = postgres://u:hunter2@h/db\n", 3),
        ("[database]\nurl = \"postgres://u:hunter2@h/db\n", 2),
        ("[model]\nname = \"a\"\nname = \"b\"\n", 3),
        ("[model]\n[model]\n", 2),
    ] {
        let told = told(text, &nothing());
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with(&format!("logitd.toml:{line}: is not TOML: ")),
            "{told:?}"
        );
        assert!(!told[0].contains("hunter2"), "{told:?}");
    }
}

#[test]
fn what_is_not_in_its_section_is_told_where_it_belongs() {
    let fault = &told(&format!("[serving]\ncolour = 2\n{SMALLEST}"), &nothing())[0];
    let known = "unknown key; known are follow_interval_seconds";
    assert_eq!(*fault, format!("logitd.toml:2: [serving] colour: {known}"));
    let text = format!("seed = 1\ncolour = 2\nmodel = \"x\"\n{SMALLEST}");
    assert_eq!(
        told(&text, &nothing()),
        [
            "logitd.toml:1: seed: stands above every section; it belongs under [training]",
            "logitd.toml:2: colour: unknown key above every section",
            "logitd.toml:3: [model]: is a section: write [model] and its fields below it",
        ]
    );
}

#[test]
fn the_features_must_be_a_list_of_tables_with_something_in_it() {
    let with = |features: &str| {
        told(
            &format!("[dataset]\ntable = \"t\"\ntarget = \"c\"\n{features}"),
            &nothing(),
        )
    };
    let heading = "logitd.toml:4: [dataset] features:";
    assert_eq!(
        with("features = []"),
        [format!("{heading} is an empty list; give at least one")]
    );
    assert_eq!(
        with("features = [\"a\"]"),
        [format!("{heading} value 1: expected a table, found text")]
    );
    assert_eq!(
        with("[dataset.features]\nname = \"a\""),
        [format!(
            "{heading} expected a list of tables, found a table"
        )]
    );
    assert_eq!(
        with("features = [\n{name = \"a\"},\n{name = \"c\", minimum = true}]"),
        [
            "logitd.toml:6: [[dataset.features]] \"c\" minimum: expected a number, found true",
            "logitd.toml:6: [[dataset.features]] \"c\" name: \"c\" is also the target",
        ]
    );
    let told = with("");
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("logitd.toml:1: [dataset] features: is missing"),
        "{told:?}"
    );
}

#[test]
fn a_schema_is_refused_where_the_rows_are_in_sqlite() {
    let text = SMALLEST.replace("table =", "schema = \"public\"\ntable =");
    let at = |url: &str| Environment::from_pairs([("LOGITD_DATABASE__URL", url)]);
    let fault = "logitd.toml:3: [dataset] schema: SQLite has no schemas; leave it out, or give a \
                 postgres:// url";
    assert_eq!(told(&text, &at("sqlite://a.db")), [fault]);
    // Another fault of [database] does not hide it.
    let wrong = format!("{text}[database]\nmax_connections = 0\n");
    assert_eq!(told(&wrong, &at("sqlite://a.db"))[0], fault);
    let elsewhere = text.replace("table =", "url = \"postgres://h/db\"\ntable =");
    assert!(Config::parse(&elsewhere, "logitd.toml", &at("sqlite://a.db")).is_ok());
    assert!(Config::parse(&text, "logitd.toml", &at("postgres://h/db")).is_ok());
}

#[test]
fn a_key_that_is_a_feature_is_refused() {
    let text = SMALLEST.replace("table =", "key = \"feature_1\"\ntable =");
    let fault =
        "logitd.toml:3: [dataset] key: \"feature_1\" is a feature too; a key only names the row";
    assert_eq!(told(&text, &nothing()), [fault]);
}

#[test]
fn names_are_never_empty_and_hold_no_nul() {
    let cases = [
        ("", "must not be empty"),
        ("a\0b", "must not contain the character NUL"),
    ];
    for (value, fault) in cases {
        for field in ["table", "key", "target"] {
            let name = format!("LOGITD_DATASET__{}", field.to_uppercase());
            let environment = Environment::from_pairs([(name.as_str(), value)]);
            let expected = format!("{name}: [dataset] {field}: {fault}");
            assert_eq!(told(SMALLEST, &environment), [expected]);
        }
    }
}
