//! Instances in a CSV: finite rows that come back when they are written, or faults by line.

use super::rows::{assert_taken, bits, schema};
use crate::corpus::{CASES, EDITS_BYTES, corpus, edited};
use crate::http::error_codes::ErrorCode;
use crate::http::instance_csv::{CsvInstances, parse_csv};
use crate::learning::Schema;

const MOST: usize = 8;

const PIECES: [&str; 24] = [
    "NaN", "inf", "1e400", "-0", "1,5", "\"", "\"\"", "\n", "\r\n", "\r", ",", ";", "\t",
    "\u{feff}", " 1 ", "1001", "+.5", "0x1", "id", "a/b", "plain", "class", "\u{0}", "é",
];

fn csv_holds(bytes: &[u8]) {
    let schema = schema();
    match parse_csv(&schema, Some("id"), bytes.to_vec().into(), MOST) {
        Ok(read) => {
            assert!(read.rows.count <= MOST && b",;\t".contains(&read.delimiter));
            assert_eq!(
                read.rows.values.len(),
                read.rows.count * schema.features().len()
            );
            assert_taken(&schema, &read.rows.values);
            let keys = read.key.as_ref().map(|(_, keys)| keys.len());
            assert!(keys.is_none_or(|keys| keys == read.rows.count));
            comes_back(&schema, &read);
        }
        Err(error) if error.code == ErrorCode::PayloadTooLarge => {}
        Err(error) => {
            assert_eq!(error.code, ErrorCode::InvalidCsv);
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            let told = error
                .faults
                .iter()
                .map(|fault| fault.line.expect("a CSV's fault has a line"));
            assert!(
                !error.faults.is_empty()
                    && told.into_iter().all(|line| (1..=lines).contains(&line))
            );
        }
    }
}

fn comes_back(schema: &Schema, read: &CsvInstances) {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(read.delimiter)
        .from_writer(Vec::new());
    let names = schema
        .features()
        .iter()
        .map(|feature| feature.name.as_str());
    writer
        .write_record(["id"].into_iter().chain(names))
        .unwrap();
    for (at, row) in read.rows.values.chunks(schema.features().len()).enumerate() {
        let key = read.key.as_ref().map_or("", |(_, keys)| keys[at].as_str());
        let value = |value: &f64| {
            if value.is_nan() {
                String::new()
            } else {
                value.to_string()
            }
        };
        let cells = row.iter().map(value);
        writer
            .write_record([key.to_owned()].into_iter().chain(cells))
            .unwrap();
    }
    let again = parse_csv(
        schema,
        Some("id"),
        writer.into_inner().unwrap().into(),
        MOST,
    )
    .unwrap();
    assert_eq!(bits(&again.rows.values), bits(&read.rows.values));
    if let Some((_, keys)) = &read.key {
        assert_eq!(&again.key.unwrap().1, keys);
    }
}

#[test]
fn any_csv() {
    corpus("http", "csv");
    bolero::check!(name = "csv")
        .with_iterations(CASES)
        .for_each(csv_holds);
}

#[test]
fn edited_csvs() {
    let texts = corpus("http", "csv");
    let edits = bolero::check!()
        .with_iterations(CASES)
        .with_max_len(EDITS_BYTES);
    edits.for_each(|bytes| csv_holds(&edited(bytes, &texts, &PIECES)));
}
