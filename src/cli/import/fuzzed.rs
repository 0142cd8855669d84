//! Labelled rows of a file: typed or refused by line, and the same once they are written again.

use super::columns::WantedColumns;
use super::labelled_csv::LabelledCsv;
use crate::corpus::{CASES, EDITS_BYTES, corpus, edited};
use crate::store::IncomingOrder;
use crate::store::labelled_rows::IncomingRow;
use std::io::Cursor;

const PIECES: [&str; 24] = [
    "NaN", "inf", "1e400", "-0", "1,5", "\"", "\"\"", "\n", "\r\n", "\r", ",", ";", "\t",
    "\u{feff}", " 1 ", "id", "a", "b", "class", "at", "+.5", "0x1", "\u{0}", "é",
];

/// The good rows, and how many were refused; none where there is no header to begin with.
fn read(bytes: Vec<u8>) -> Option<(Vec<IncomingRow>, usize)> {
    let wanted = WantedColumns {
        key: Some("id".into()),
        features: vec!["a".into(), "b".into()],
        target: "class".into(),
        order: Some("at".into()),
    };
    let mut csv = LabelledCsv::open(Cursor::new(bytes), &wanted).ok()?;
    let names = csv.header().names.clone();
    let (mut good, mut refused, mut last) = (Vec::new(), 0, 1);
    while let Some(row) = csv.next_row().ok()? {
        let line = row.as_ref().map_or_else(|row| row.line, |row| row.line);
        // A lone CR ends a row, and no line.
        assert!(line >= last, "line {line} behind line {last}");
        last = line;
        match row {
            Ok(row) => good.push(row),
            Err(row) => {
                assert!(
                    !row.detail.is_empty() && row.column.is_none_or(|name| names.contains(&name))
                );
                refused += 1;
            }
        }
    }
    Some((good, refused))
}

fn import_holds(bytes: &[u8]) {
    let Some((rows, _)) = read(bytes.to_vec()) else {
        return;
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["class", "b", "id", "a", "at"])
        .unwrap();
    for row in &rows {
        assert!(row.key.as_ref().is_some_and(|key| !key.is_empty()));
        assert!(
            row.features.iter().flatten().all(|value| value.is_finite()) && row.features.len() == 2
        );
        assert!(row.label.as_ref().is_none_or(|label| !label.is_empty()));
        let Some(IncomingOrder::Cell(order)) = &row.order else {
            panic!("{:?}", row.order)
        };
        let number = |at: usize| {
            row.features[at]
                .map(|value: f64| value.to_string())
                .unwrap_or_default()
        };
        let label = row.label.clone().unwrap_or_default();
        writer
            .write_record([
                label,
                number(1),
                row.key.clone().unwrap(),
                number(0),
                order.clone(),
            ])
            .unwrap();
    }
    let (again, refused) = read(writer.into_inner().unwrap()).unwrap();
    let unplaced = |row: IncomingRow| IncomingRow { line: 0, ..row };
    assert_eq!(refused, 0);
    assert!(
        again
            .into_iter()
            .map(unplaced)
            .eq(rows.into_iter().map(unplaced))
    );
}

#[test]
fn any_file() {
    corpus("cli/import", "labelled_csv");
    bolero::check!(name = "labelled_csv")
        .with_iterations(CASES)
        .for_each(import_holds);
}

#[test]
fn edited_files() {
    let texts = corpus("cli/import", "labelled_csv");
    let edits = bolero::check!()
        .with_iterations(CASES)
        .with_max_len(EDITS_BYTES);
    edits.for_each(|bytes| import_holds(&edited(bytes, &texts, &PIECES)));
}
