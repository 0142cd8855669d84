//! The path form and the query: one instance, the same in both and in JSON.

use super::rows::{assert_taken, bits, plain_schema};
use crate::corpus::{CASES, EDITS_BYTES, corpus, edited};
use crate::http::error_codes::ErrorCode;
use crate::http::instance_payload::read_instance;
use crate::http::instance_text::{from_path, from_query};
use crate::learning::Schema;
use percent_encoding::percent_decode_str;

const PIECES: [&str; 24] = [
    "NaN", "inf", "1e400", "-0", "1,5", "%31", "%2B1", "%2F", "%00", "%ff", "%", "+", "/", "//",
    "..", "?", "#", "&", "null", "1001", "%2e5", "a", "b.1~x", "c_-",
];

fn path_holds(bytes: &[u8]) {
    let (schema, Ok(rest)) = (plain_schema(), std::str::from_utf8(bytes)) else {
        return;
    };
    let read = from_path(&schema, rest);
    let _ = from_query(&schema, rest);
    match &read {
        Ok(row) => {
            assert_taken(&schema, row);
            let value = |value: &f64| {
                if value.is_nan() {
                    "null".into()
                } else {
                    value.to_string()
                }
            };
            let names = schema
                .features()
                .iter()
                .map(|feature| feature.name.as_str());
            let pairs = names
                .zip(row)
                .map(|(name, number)| format!("{name}/{}", value(number)));
            let printed = pairs.collect::<Vec<_>>().join("/");
            assert_eq!(
                bits(&from_path(&schema, &printed).unwrap()),
                bits(row),
                "{printed}"
            );
        }
        Err(error) if error.code == ErrorCode::NotFound => return,
        Err(error) => {
            let named = |name: &String| schema.index_of(name).is_some();
            assert_eq!(error.code, ErrorCode::InvalidParameter);
            assert!(
                error
                    .faults
                    .iter()
                    .all(|fault| fault.parameter.as_ref().is_some_and(named))
            );
        }
    }
    let faults = read.as_ref().err().map(|error| &error.faults);
    let row = read.as_ref().ok().map(|row| bits(row));
    let queried = from_query(&schema, &as_query(rest));
    assert_eq!(queried.as_ref().err().map(|error| &error.faults), faults);
    assert_eq!(queried.ok().map(|(row, _)| bits(&row)), row);
    if let Some(text) = as_json(&schema, rest) {
        assert_eq!(
            read_instance(&schema, &text).ok().map(|row| bits(&row)),
            row,
            "{text}"
        );
    }
}

/// Between `/` a plus is itself and `&` is no end.
fn as_query(rest: &str) -> String {
    let segments: Vec<String> = rest
        .split('/')
        .map(|one| one.replace('+', "%2B").replace('&', "%26"))
        .collect();
    let pairs = segments.chunks(2).map(|pair| pair.join("="));
    pairs.collect::<Vec<_>>().join("&")
}

/// Where every value is one value of JSON: elsewhere a value could be two members.
fn as_json(schema: &Schema, rest: &str) -> Option<String> {
    let values = rest.split('/').skip(1).step_by(2);
    let member = |(feature, value): (&crate::learning::Feature, &str)| {
        let value = percent_decode_str(value).decode_utf8().ok()?;
        let one: &serde_json::value::RawValue = serde_json::from_str(&value).ok()?;
        (one.get() == value).then(|| format!("{:?}:{value}", feature.name))
    };
    let members: Option<Vec<String>> = schema.features().iter().zip(values).map(member).collect();
    members.map(|members| format!("{{{}}}", members.join(",")))
}

#[test]
fn any_path() {
    corpus("http", "path");
    bolero::check!(name = "path")
        .with_iterations(CASES)
        .for_each(path_holds);
}

#[test]
fn edited_paths() {
    let texts = corpus("http", "path");
    let edits = bolero::check!()
        .with_iterations(CASES)
        .with_max_len(EDITS_BYTES);
    edits.for_each(|bytes| path_holds(&edited(bytes, &texts, &PIECES)));
}
