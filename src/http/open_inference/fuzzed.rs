//! Tensors, as JSON and as bytes: rows that may be answered, the same in each form, or faults.

use super::request::parse;
use super::rows::assemble;
use crate::corpus::{CASES, EDITS_BYTES, corpus, edited};
use crate::http::error::ApiError;
use crate::http::error_codes::ErrorCode;
use crate::http::fuzzed::rows::{assert_taken, bits, schema};
use crate::http::instance::Faults;
use crate::http::instance_batch::Rows;
use crate::learning::Schema;
use serde_json::{Value, json};

const MOST: usize = 4;

/// In the corpus it stands between the JSON and what is behind it: no UTF-8 has it.
const BEHIND: u8 = 0xff;

const PIECES: [&str; 32] = [
    "null",
    "NaN",
    "1e400",
    "-0",
    "1e39",
    "0.1",
    "9223372036854775808",
    "18446744073709551615",
    "\"FP64\"",
    "\"FP32\"",
    "\"INT64\"",
    "\"INT32\"",
    "\"BOOL\"",
    "[1,3]",
    "[3]",
    "[]",
    "[[",
    "]]",
    ",",
    "\"plain\"",
    "\"a/b\"",
    "\"x\"",
    "\"data\":[1,2,null]",
    "\"data\":[[1,2,3]]",
    "\"shape\":[0,3]",
    "{\"binary_data_size\":24}",
    "-1",
    "24",
    "8",
    "\u{0}",
    "\"inputs\":[]",
    "{\"b\":[\"}\"]}",
];

fn read(schema: &Schema, json: &str, binary: &[u8]) -> Result<Rows, ApiError> {
    let mut faults = Faults::default();
    let request = parse(json, binary, &mut faults)?;
    let rows = assemble(schema, &request.inputs, MOST, &mut faults)?;
    if faults.is_empty() {
        return Ok(rows);
    }
    Err(faults.into_error(ErrorCode::InvalidInstance, "value", "values"))
}

fn tensors_hold(bytes: &[u8]) {
    let schema = schema();
    let at = bytes.iter().position(|byte| *byte == BEHIND);
    let (json, behind) = bytes.split_at(at.unwrap_or(bytes.len()));
    let Ok(json) = std::str::from_utf8(json) else {
        return;
    };
    match read(&schema, json, behind.get(1..).unwrap_or_default()) {
        Ok(rows) => {
            assert!(rows.count <= MOST);
            assert_eq!(rows.values.len(), rows.count * schema.features().len());
            assert_taken(&schema, &rows.values);
            comes_back(&schema, &rows);
        }
        Err(error) => {
            let known = [
                ErrorCode::InvalidJson,
                ErrorCode::InvalidInstance,
                ErrorCode::PayloadTooLarge,
            ];
            assert!(known.contains(&error.code));
            assert!(error.faults.iter().all(|fault| fault.pointer.is_some()));
        }
    }
}

/// Flat, an array a row, and (where every value is there) as bytes.
fn comes_back(schema: &Schema, rows: &Rows) {
    let width = schema.features().len();
    let input = |more: Value| {
        let mut input = json!({"name": "all", "datatype": "FP64", "shape": [rows.count, width]});
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({"inputs": [input]}).to_string()
    };
    let nested: Vec<&[f64]> = rows.values.chunks(width).collect();
    // serde_json writes null for NaN.
    let flat = input(json!({"data": rows.values}));
    let nested = input(json!({"data": nested}));
    for json in [flat, nested] {
        assert_eq!(
            bits(&read(schema, &json, b"").unwrap().values),
            bits(&rows.values),
            "{json}"
        );
    }
    let bytes: Vec<u8> = rows
        .values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let binary = input(json!({"parameters": {"binary_data_size": bytes.len()}}));
    let whole = rows.values.iter().all(|value| !value.is_nan());
    let again = read(schema, &binary, &bytes);
    assert_eq!(
        again.ok().map(|rows| bits(&rows.values)),
        whole.then(|| bits(&rows.values))
    );
}

#[test]
fn any_tensors() {
    corpus("http/open_inference", "tensors");
    bolero::check!(name = "tensors")
        .with_iterations(CASES)
        .for_each(tensors_hold);
}

#[test]
fn edited_tensors() {
    let texts = corpus("http/open_inference", "tensors");
    let edits = bolero::check!()
        .with_iterations(CASES)
        .with_max_len(EDITS_BYTES);
    edits.for_each(|bytes| tensors_hold(&edited(bytes, &texts, &PIECES)));
}
