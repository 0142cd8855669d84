//! The rows behind the header: typed, or refused by line and column.

use super::columns::{Columns, ColumnsFault, WantedColumns, locate};
use crate::delimited::{Header, HeaderFault, Row, Rows, Unreadable, number};
use crate::store::IncomingOrder;
use crate::store::labelled_rows::{IncomingRow, RefusedRow};
use std::io::BufRead;

/// A CSV file of labelled rows, read one row at a time.
pub(super) struct LabelledCsv {
    rows: Rows,
    columns: Columns,
}

/// Why a file cannot be begun with. Messages are fragments for "failed to ...".
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenFault {
    #[error(transparent)]
    Header(#[from] HeaderFault),
    #[error(transparent)]
    Columns(#[from] ColumnsFault),
}

impl LabelledCsv {
    /// Reads the header.
    ///
    /// # Errors
    /// [`OpenFault`]: a header that cannot be used, every missing column by name.
    pub(super) fn open(
        reader: impl BufRead + Send + 'static,
        wanted: &WantedColumns,
    ) -> Result<Self, OpenFault> {
        let names: Vec<&str> = wanted.names().collect();
        let rows = Rows::open(reader, &names)?;
        let columns = locate(rows.header(), wanted)?;
        Ok(Self { rows, columns })
    }

    /// The header.
    pub(super) fn header(&self) -> &Header {
        self.rows.header()
    }

    /// Columns that nobody asked for.
    pub(super) fn ignored(&self) -> &[String] {
        &self.columns.ignored
    }

    /// How much of the file has been read.
    pub(super) fn read_bytes(&self) -> u64 {
        self.rows.read_bytes()
    }

    /// The next row; `None` at the end of the file.
    ///
    /// # Errors
    /// What the file says, and a row longer than any should be. A row that cannot be used is an inner
    /// error: the next may be good.
    pub(super) fn next_row(
        &mut self,
    ) -> Result<Option<Result<IncomingRow, RefusedRow>>, Unreadable> {
        let columns = self.rows.header().names.len();
        let Some(row) = self.rows.next_row()? else {
            return Ok(None);
        };
        let line = row.line;
        let misfit = row.misfit(columns).map(|detail| (None, detail));
        let read = misfit.map_or_else(|| incoming(row, &self.columns), Err);
        Ok(Some(read.map_err(|(place, detail)| RefusedRow {
            line,
            column: place.and_then(|place| self.header().names.get(place).cloned()),
            detail,
        })))
    }
}

/// The row typed, or the place of the column that is the matter and what is wrong.
fn incoming(row: Row<'_>, columns: &Columns) -> Result<IncomingRow, (Option<usize>, String)> {
    let text = |place: usize| row.text(place).map_err(|detail| (Some(place), detail));
    let key = columns.key.map(text).transpose()?;
    if let (Some(""), place) = (key, columns.key) {
        return Err((place, "a key must not be empty".to_owned()));
    }
    let feature = |place: &usize| number(text(*place)?).map_err(|detail| (Some(*place), detail));
    let features = columns.features.iter().map(feature);
    let features = features.collect::<Result<_, _>>()?;
    let label = text(columns.target)?;
    let order = columns.order.map(text).transpose()?;
    if let (Some(""), place) = (order, columns.order) {
        let detail = "must not be empty: a row without it is neither newer nor older";
        return Err((place, detail.to_owned()));
    }
    Ok(IncomingRow {
        line: row.line,
        key: key.map(str::to_owned),
        features,
        label: (!label.is_empty()).then(|| label.to_owned()),
        order: order.map(|cell| IncomingOrder::Cell(cell.to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    type Outcome = Result<IncomingRow, RefusedRow>;

    fn rows(text: impl Into<Vec<u8>>) -> Vec<Outcome> {
        let wanted = WantedColumns {
            key: Some("id".into()),
            features: vec!["a".into(), "b".into()],
            target: "class".into(),
            order: None,
        };
        let mut csv = LabelledCsv::open(Cursor::new(text.into()), &wanted).unwrap();
        std::iter::from_fn(|| csv.next_row().unwrap_or_default()).collect()
    }

    fn good(line: u64, key: &str, features: [Option<f64>; 2], label: Option<&str>) -> Outcome {
        Ok(IncomingRow {
            line,
            key: Some(key.into()),
            features: features.into(),
            label: label.map(str::to_owned),
            order: None,
        })
    }

    #[test]
    fn cells_are_taken_by_the_names_of_their_columns() {
        let rows = rows("b,id,class,a\n1,k,\"x\ny\",2\n\n,l,,4\n5,m,z,oops");
        assert_eq!(rows[0], good(2, "k", [Some(2.0), Some(1.0)], Some("x\ny")));
        assert_eq!(rows[1], good(5, "l", [Some(4.0), None], None));
        let refused = rows[2].clone().unwrap_err();
        assert_eq!((refused.line, refused.column.as_deref()), (6, Some("a")));
    }

    #[test]
    fn what_is_no_row_is_refused_and_the_next_is_read() {
        let refused = |row: &[u8]| {
            let text = [b"id,a,b,class\n", row, b"\nlast,1,2,x\n"].concat();
            let rows = rows(text);
            assert_eq!(rows[1], good(3, "last", [Some(1.0), Some(2.0)], Some("x")));
            let refused = rows[0].clone().unwrap_err();
            assert_eq!(refused.line, 2);
            (refused.column.unwrap_or_default(), refused.detail)
        };
        let told = |column: &str, detail: &str| (column.to_owned(), detail.to_owned());
        assert_eq!(
            refused(b"k,1,2"),
            told("", "has 3 cells where the header has 4")
        );
        assert_eq!(refused(b",1,2,x"), told("id", "a key must not be empty"));
        assert_eq!(refused(b"k,1,\xff,x"), told("b", "is not UTF-8"));
        let comma = "has a decimal comma, found \"1,5\"; write 1.5";
        assert_eq!(refused(b"k,\"1,5\",2,x"), told("a", comma));
    }

    proptest! {
        #[test]
        fn any_bytes_are_rows_or_refusals(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let text = [b"id,a,b,class\n".as_slice(), &bytes].concat();
            let most = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
            prop_assert!(rows(text).len() <= most);
        }
    }
}
