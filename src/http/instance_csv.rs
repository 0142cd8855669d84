//! Instances from a CSV: its columns in any order, every fault told by line and column.
//!
//! The text is read as `logitd import` reads it; what differs is what becomes of a fault. A request is
//! all or nothing, so reading goes on behind the first one, and beside a column that is at fault.

use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::instance::{Faults, not_a_feature};
use super::instance_batch::Rows;
use super::problem::ProblemFault;
use crate::delimited::{self, Header, HeaderFault, Row};
use crate::learning::{Feature, Missing, Schema};
use bytes::Bytes;
use std::collections::HashSet;
use std::io::Cursor;

/// The rows of a CSV, and what of it comes back with the answer.
#[derive(Debug)]
pub(super) struct CsvInstances {
    /// What separates the cells.
    pub(super) delimiter: u8,
    /// The key's column, if it is there: its name, and a cell a row.
    pub(super) key: Option<(String, Vec<String>)>,
    /// The rows, NaN where nothing was given.
    pub(super) rows: Rows,
}

/// Parses a CSV; `key` is the name of the column that is copied.
///
/// # Errors
/// `payload_too_large` past `most` rows, `invalid_csv` with every fault.
pub(super) fn parse_csv(
    schema: &Schema,
    key: Option<&str>,
    body: Bytes,
    most: usize,
) -> Result<CsvInstances, ApiError> {
    let mut faults = Faults::default();
    let names = schema.features().iter().map(|one| one.name.as_str());
    let names: Vec<&str> = names.chain(key).collect();
    let read = delimited::Rows::open(Cursor::new(body), &names)
        .map_err(|fault| faults.add(|| header_fault(&fault)))
        .ok()
        .map(|rows| read_rows(rows, schema, key, most, &mut faults))
        .transpose()?;
    match read {
        Some(instances) if faults.is_empty() => Ok(instances),
        _ => Err(faults.into_error(
            ErrorCode::InvalidCsv,
            "place in the CSV",
            "places in the CSV",
        )),
    }
}

/// Where the columns stand.
struct Places {
    key: Option<usize>,
    /// In the schema's order; none: nothing was given for any row.
    features: Vec<Option<usize>>,
}

fn read_rows(
    mut csv: delimited::Rows,
    schema: &Schema,
    key: Option<&str>,
    most: usize,
    faults: &mut Faults,
) -> Result<CsvInstances, ApiError> {
    let header = csv.header().clone();
    let places = locate(&header, schema, key, faults);
    let mut rows = Rows::default();
    let mut keys = Vec::new();
    while let Some(row) = next_row(&mut csv, faults) {
        rows.count += 1;
        if rows.count > most {
            let detail = format!("a CSV may hold {most} rows at most");
            return Err(ApiError::new(ErrorCode::PayloadTooLarge, detail));
        }
        if let Some(detail) = row.misfit(header.names.len()) {
            faults.add(|| ProblemFault::in_csv(row.line, None, detail));
            continue;
        }
        read_row(row, schema, &places, &mut rows.values, faults);
        if let Some(place) = places.key {
            keys.push(read_key(row, place, &header, faults));
        }
    }
    let name = places
        .key
        .and_then(|place| header.names.get(place).cloned());
    Ok(CsvInstances {
        delimiter: header.delimiter,
        key: name.map(|name| (name, keys)),
        rows,
    })
}

/// The next row; none at the end, or where reading ends with a fault.
fn next_row<'a>(csv: &'a mut delimited::Rows, faults: &mut Faults) -> Option<Row<'a>> {
    csv.next_row().unwrap_or_else(|broken| {
        let detail = format!("the row behind it cannot be read: {}", broken.source);
        faults.add(|| ProblemFault::in_csv(broken.line, None, detail));
        None
    })
}

/// Finds the columns and tells what is unknown, missing or there twice.
fn locate(header: &Header, schema: &Schema, key: Option<&str>, faults: &mut Faults) -> Places {
    let mut seen = HashSet::new();
    for name in &header.names {
        let is_known = schema.index_of(name).is_some() || Some(name.as_str()) == key;
        if seen.insert(name) && is_known {
            continue;
        }
        faults.add(|| {
            let detail = match name.as_str() {
                _ if is_known => "is given twice".to_owned(),
                "" => "has no name; leave the column out".to_owned(),
                name if name == schema.target() => {
                    "is what is predicted; leave the column out".to_owned()
                }
                name => not_a_feature(schema, name),
            };
            ProblemFault::in_csv(1, Some(name.clone()), detail)
        });
    }
    let place = |feature: &Feature| {
        let place = header.places(&feature.name).next();
        if place.is_none() && feature.missing == Missing::Reject {
            let name = Some(feature.name.clone());
            faults.add(|| ProblemFault::in_csv(1, name, "is missing"));
        }
        place
    };
    Places {
        features: schema.features().iter().map(place).collect(),
        key: key.and_then(|key| header.places(key).next()),
    }
}

fn read_row(
    row: Row<'_>,
    schema: &Schema,
    places: &Places,
    values: &mut Vec<f64>,
    faults: &mut Faults,
) {
    for (feature, place) in schema.features().iter().zip(&places.features) {
        let value = place.map_or(Ok(f64::NAN), |place| judge_cell(feature, row, place));
        values.push(value.unwrap_or_else(|detail| {
            let name = feature.name.clone();
            faults.add(|| ProblemFault::in_csv(row.line, Some(name), detail));
            f64::NAN
        }));
    }
}

/// A cell as the feature takes it; NaN for an empty one that the training mean stands in for.
fn judge_cell(feature: &Feature, row: Row<'_>, place: usize) -> Result<f64, String> {
    match (row.number(place)?, feature.missing) {
        (None, Missing::Mean) => Ok(f64::NAN),
        (None, Missing::Reject) => Err("is missing".to_owned()),
        (Some(value), _) => {
            let fits = feature.check(value);
            fits.map_err(|fault| format!("{fault}, found {value}"))?;
            Ok(value)
        }
    }
}

fn read_key(row: Row<'_>, place: usize, header: &Header, faults: &mut Faults) -> String {
    let text = row.text(place).map(str::to_owned);
    text.unwrap_or_else(|detail| {
        let name = header.names.get(place).cloned();
        faults.add(|| ProblemFault::in_csv(row.line, name, detail));
        String::new()
    })
}

fn header_fault(fault: &HeaderFault) -> ProblemFault {
    let detail = match fault {
        HeaderFault::Empty => "is empty: the first line names the columns".to_owned(),
        HeaderFault::NotUtf8 => "is not UTF-8".to_owned(),
        HeaderFault::TooLong => "is too long for a line of names".to_owned(),
        HeaderFault::Read(error) => format!("cannot be read: {error}"),
    };
    ProblemFault::in_csv(1, None, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: impl AsRef<[u8]>) -> Result<CsvInstances, ApiError> {
        let mut bounded = Feature::named("a");
        bounded.maximum = Some(10.0);
        let mut optional = Feature::named("b");
        optional.missing = Missing::Mean;
        let schema = Schema::new("class".into(), vec![bounded, optional], None, None).unwrap();
        parse_csv(
            &schema,
            Some("id"),
            Bytes::copy_from_slice(text.as_ref()),
            3,
        )
    }

    fn told(text: impl AsRef<[u8]>) -> String {
        let error = parse(text).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidCsv);
        let lines = error.faults.into_iter().map(|fault| {
            let column = fault.column.map(|name| format!(" {name:?}"));
            let line = fault.line.unwrap();
            format!("{line}{}: {}", column.unwrap_or_default(), fault.detail)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn columns_may_stand_in_any_order_behind_any_delimiter() {
        for text in [
            "b,id,a\n1.5,k 1,-2e0\n,\"l\n2\",3\n",
            "\u{feff}b;id;a\r\n1.5;k 1;-2e0\r\n;\"l\n2\";3",
            "b\tid\ta\n1.5\tk 1\t-2e0\n\n\t\"l\n2\"\t 3 \n",
        ] {
            let read = parse(text).unwrap();
            let keys = vec!["k 1".to_owned(), "l\n2".to_owned()];
            assert_eq!(read.key, Some(("id".to_owned(), keys)), "{text:?}");
            assert_eq!(read.rows.values[..3], [-2.0, 1.5, 3.0]);
            assert!(read.rows.values[3].is_nan() && read.rows.count == 2);
        }
    }

    #[test]
    fn the_key_and_what_a_mean_stands_in_for_may_be_absent() {
        let read = parse("a\n1\n2").unwrap();
        assert_eq!((read.key, read.rows.count), (None, 2));
        assert!(read.rows.values[1].is_nan() && read.rows.values[2] == 2.0);
        assert_eq!(parse("a,b\n").unwrap().rows.count, 0);
    }

    #[test]
    fn every_fault_is_told_by_line_and_column() {
        insta::assert_snapshot!(told("id,B,class,b,b,\n1,2,3,4,5,6\n1,2\n"), @r#"
        1 "B": is not a feature; did you mean "b"?
        1 "class": is what is predicted; leave the column out
        1 "b": is given twice
        1 "": has no name; leave the column out
        1 "a": is missing
        3: has 2 cells where the header has 6
        "#);
        insta::assert_snapshot!(told("a;b;id\n1,5;x;1\n\n;NaN;2\n11;1e400;3"), @r#"
        2 "a": has a decimal comma, found "1,5"; write 1.5
        2 "b": expected a finite number, found "x"
        4 "a": is missing
        4 "b": expected a finite number, found "NaN"
        5 "a": must be at most 10, found 11
        5 "b": expected a finite number, found "1e400"
        "#);
        assert_eq!(told(b"a,id\n1,\xff\n"), "2 \"id\": is not UTF-8");
        assert_eq!(told(""), "1: is empty: the first line names the columns");
        assert_eq!(told(b"\xff\xfea\0"), "1: is not UTF-8");
    }

    #[test]
    fn too_many_rows_are_too_large() {
        let error = parse("a\n1\n1\n1\nx").unwrap_err();
        assert_eq!(error.code, ErrorCode::PayloadTooLarge);
    }

    proptest! {
        #[test]
        fn any_bytes_are_rows_or_faults(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let text = [b"a,b,id\n".as_slice(), &bytes].concat();
            if let Ok(read) = parse(text) {
                prop_assert_eq!(read.rows.values.len(), 2 * read.rows.count);
                prop_assert_eq!(read.key.map(|(_, keys)| keys.len()), Some(read.rows.count));
            }
        }
    }
}
