//! What the effective configuration shows, and that it reads back the same.

use super::fixtures::{EVERY_VALUE, SMALLEST, nothing};
use crate::config::{Config, fields, fields_markdown};

const HOSTILE: &str = r#"
[dataset]
table = 'x"; DROP TABLE data; --'
key = "Order Total"
target = "select"
classes = ["it's", "\u0007 \\ \n"]
[[dataset.features]]
name = "'''"
description = "[http]\nlisten = 1\n\"\"\""
minimum = -5e-324
maximum = 1.7976931348623157e308
[[dataset.features]]
name = "a.b"
"#;

#[test]
fn the_effective_configuration_reads_back_the_same() {
    for text in [SMALLEST, HOSTILE] {
        let config = Config::parse(text, "logitd.toml", &nothing()).unwrap();
        let written = config.to_toml();
        let again = Config::parse(&written, "written", &nothing());
        assert_eq!(again.as_ref(), Ok(&config), "{written}");
    }
    // Of a key's digest only the first digits are shown.
    let whole = EVERY_VALUE.replace(
        "bf***",
        "bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    let hidden = Config::parse(&whole, "written", &nothing()).unwrap();
    assert_eq!(hidden.to_toml(), EVERY_VALUE);
}

#[test]
fn a_name_is_a_name() {
    let dataset = Config::parse(HOSTILE, "logitd.toml", &nothing())
        .unwrap()
        .dataset;
    assert_eq!(dataset.table, r#"x"; DROP TABLE data; --"#);
    assert_eq!(dataset.key.as_deref(), Some("Order Total"));
    assert_eq!(dataset.target, "select");
    assert_eq!(dataset.learning_schema.features()[0].name, "'''");
    assert_eq!(dataset.learning_schema.features()[1].name, "a.b");
}

#[test]
fn the_written_fields_stand_in_the_documented_order() {
    let line_key = |line: &str| line.split_once(" = ").map(|(key, _)| key.to_owned());
    let mut written: Vec<String> = EVERY_VALUE.lines().filter_map(line_key).collect();
    // The second feature repeats two of the first one's fields.
    let second = written
        .windows(2)
        .position(|keys| keys == ["name", "missing"]);
    let second = second.unwrap();
    written.drain(second..second + 2);
    let documented: Vec<String> = fields()
        .into_iter()
        .filter(|field| {
            let listed = [("dataset", "features"), ("auth", "keys")];
            !listed.contains(&(field.section, field.field))
        })
        .map(|field| field.field.to_owned())
        .collect();
    assert_eq!(written, documented);
}

#[test]
fn the_table_of_fields_is_markdown() {
    let table = fields_markdown();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), fields().len() + 2);
    assert!(
        rows.iter().all(|row| row.matches('|').count() == 5),
        "{table}"
    );
    for row in [
        "| `http.listen` | `\"127.0.0.1:8080\"` | `LOGITD_HTTP__LISTEN` | address and port to \
         listen on |",
        "| `dataset.features.name` | required | in `LOGITD_DATASET__FEATURES` | the column; any \
         name but `explain` |",
    ] {
        assert!(rows.contains(&row), "{table}");
    }
    assert!(
        table.contains("`LOGITD_DATABASE__URL`, `LOGITD_DATABASE__URL_FILE`"),
        "{table}"
    );
}
