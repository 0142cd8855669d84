//! Instances in JSON: two readers of ours that must agree, beside a third that is not ours.

use super::rows::{assert_taken, bits, schema};
use crate::corpus::{CASES, EDITS_BYTES, corpus, edited};
use crate::http::error::ApiError;
use crate::http::error_codes::ErrorCode;
use crate::http::instance::{Faults, parse_instance};
use crate::http::instance_batch::parse_batch;
use crate::http::instance_payload::read_instance;
use crate::http::instance_plain::{plain_batch, plain_instance};
use crate::learning::Schema;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

const MOST: usize = 3;

const PIECES: [&str; 40] = [
    "null",
    "1e400",
    "-1e-400",
    "NaN",
    "-0",
    "01",
    "1.",
    ".5",
    "+1",
    "-",
    "1e5",
    "1E+02",
    "0.1234567890123456789",
    "9007199254740993",
    "123456789012345678901234567890",
    "1001",
    "-1.0000000000000002",
    "\"1\"",
    "true",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\"a/b\":0",
    "\"a\\/b\":0",
    "\"plain\":2",
    "\"plain\":null",
    "\"é,\\\"\":null",
    "\"instances\":",
    "{\"a/b\":1,\"plain\":2}",
    " ",
    "\u{0}",
    "\u{feff}",
    "🦀",
];

/// What the general reader alone makes of it.
fn long_way(schema: &Schema, text: &str) -> Result<Vec<f64>, ApiError> {
    let (mut row, mut faults) = (Vec::new(), Faults::default());
    parse_instance(schema, text, "", &mut row, &mut faults)?;
    if faults.is_empty() {
        return Ok(row);
    }
    Err(faults.into_error(ErrorCode::InvalidInstance, "value", "values"))
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn instance_holds(bytes: &[u8]) {
    let (schema, Ok(text)) = (schema(), std::str::from_utf8(bytes)) else {
        return;
    };
    let read = long_way(&schema, text);
    let short = plain_instance(&schema, text);
    if let Some(row) = &short {
        assert_eq!(read.as_ref().ok().map(|long| bits(long)), Some(bits(row)));
    }
    let answered = read_instance(&schema, text);
    match &read {
        Ok(row) => {
            assert_taken(&schema, row);
            assert_eq!(bits(&answered.unwrap()), bits(row));
            assert_said(&schema, text, row);
            let printed = printed(&schema, row);
            assert_eq!(
                bits(&read_instance(&schema, &printed).unwrap()),
                bits(row),
                "{printed}"
            );
            // The name of the last feature has to be escaped; the others go the short way.
            assert!(
                !row[2].is_nan() || plain_instance(&schema, &printed).is_some(),
                "{printed}"
            );
        }
        Err(error) => {
            assert_eq!(answered.unwrap_err().faults, error.faults);
            assert!(error.code == ErrorCode::InvalidJson || !error.faults.is_empty());
            assert!(
                is_json(text) || error.code == ErrorCode::InvalidJson,
                "{}",
                error.detail
            );
        }
    }
    if is_json(text) {
        wrapped_is_the_same(&schema, text, &read);
    }
}

/// As serde_json reads the members into a tree.
fn assert_said(schema: &Schema, text: &str, row: &[f64]) {
    let members: Map<String, Value> = serde_json::from_str(text).unwrap();
    assert!(members.keys().all(|name| schema.index_of(name).is_some()));
    for (value, feature) in row.iter().zip(schema.features()) {
        let said = members.get(&feature.name).and_then(Value::as_f64);
        assert_eq!(
            said.unwrap_or(f64::NAN).to_bits(),
            value.to_bits(),
            "{}",
            feature.name
        );
    }
}

fn printed(schema: &Schema, row: &[f64]) -> String {
    let given = schema
        .features()
        .iter()
        .zip(row)
        .filter(|(_, value)| !value.is_nan());
    let member = |(feature, value): (&crate::learning::Feature, &f64)| {
        format!(
            "{}:{}",
            Value::from(feature.name.as_str()),
            Value::from(*value)
        )
    };
    format!("{{{}}}", given.map(member).collect::<Vec<_>>().join(","))
}

/// Alone or in a list: the same values, or the same faults below another pointer.
fn wrapped_is_the_same(schema: &Schema, text: &str, alone: &Result<Vec<f64>, ApiError>) {
    let list = format!("{{\"instances\":[{text}]}}");
    match (parse_batch(schema, &list, MOST), alone) {
        (Ok(rows), Ok(row)) => assert_eq!(bits(&rows.values), bits(row)),
        (Err(told), Err(error)) => {
            assert_eq!(told.code, error.code);
            let pointers = error
                .faults
                .iter()
                .map(|fault| fault.pointer.as_ref().unwrap());
            let below = pointers.map(|pointer| Some(format!("/instances/0{pointer}")));
            assert!(
                told.faults
                    .iter()
                    .map(|fault| fault.pointer.clone())
                    .eq(below)
            );
        }
        (list, _) => panic!("alone {alone:?}, in a list {list:?}"),
    }
}

fn batch_holds(bytes: &[u8]) {
    let (schema, Ok(text)) = (schema(), std::str::from_utf8(bytes)) else {
        return;
    };
    let (short, long) = (
        plain_batch(&schema, text, MOST),
        parse_batch(&schema, text, MOST),
    );
    match &long {
        Ok(rows) => {
            assert!(rows.count <= MOST);
            assert_eq!(rows.values.len(), rows.count * schema.features().len());
            assert_taken(&schema, &rows.values);
        }
        Err(error) => assert!(is_json(text) || error.code != ErrorCode::InvalidInstance),
    }
    if let Some(rows) = short {
        assert_eq!(
            long.ok().map(|long| bits(&long.values)),
            Some(bits(&rows.values))
        );
    }
}

#[test]
fn any_instance() {
    corpus("http", "instance");
    bolero::check!(name = "instance")
        .with_iterations(CASES)
        .for_each(instance_holds);
}

#[test]
fn edited_instances() {
    let texts = corpus("http", "instance");
    let edits = bolero::check!()
        .with_iterations(CASES)
        .with_max_len(EDITS_BYTES);
    edits.for_each(|bytes| instance_holds(&edited(bytes, &texts, &PIECES)));
}

#[test]
fn any_batch() {
    corpus("http", "batch");
    bolero::check!(name = "batch")
        .with_iterations(CASES)
        .for_each(batch_holds);
}

#[test]
fn edited_batches() {
    let texts = corpus("http", "batch");
    let edits = bolero::check!()
        .with_iterations(CASES)
        .with_max_len(EDITS_BYTES);
    edits.for_each(|bytes| batch_holds(&edited(bytes, &texts, &PIECES)));
}

#[test]
fn neither_depth_nor_length_has_an_end_that_hurts() {
    const LONG: usize = 200_000;
    let number = format!("1{}", "0".repeat(LONG));
    let small = format!("0.{}1", "0".repeat(LONG));
    for value in [
        "[".repeat(LONG),
        "{\"a\":".repeat(LONG),
        "[".repeat(LONG) + &"]".repeat(LONG),
        number,
        small,
    ] {
        let text = format!("{{\"a/b\":0,\"plain\":{value}}}");
        instance_holds(text.as_bytes());
        batch_holds(format!("{{\"instances\":[{text}]}}").as_bytes());
        batch_holds(format!("{{\"instances\":{value}}}").as_bytes());
    }
}
