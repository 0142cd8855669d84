//! The rows behind the header: typed, or refused by line and column.

use super::header::{Header, HeaderFault, WantedColumns, read_header};
use super::number::number;
use super::row_limit::{Allowance, RowLimit};
use crate::store::labelled_rows::{IncomingRow, RefusedRow};
use csv::ByteRecord;
use std::io::{BufRead, Read};

/// A CSV file of labelled rows, read one row at a time.
pub(super) struct LabelledCsv {
    header: Header,
    reader: csv::Reader<Box<dyn Read + Send>>,
    record: ByteRecord,
    allowance: Allowance,
    /// Where the row before begins.
    last_line: u64,
}

/// The file cannot be read any further.
#[derive(Debug, thiserror::Error)]
#[error("read the row behind line {line}")]
pub(super) struct Unreadable {
    line: u64,
    source: csv::Error,
}

impl LabelledCsv {
    /// Reads the header.
    ///
    /// # Errors
    /// [`HeaderFault`]: a header that cannot be used, every missing column by name.
    pub(super) fn open(
        mut reader: impl BufRead + Send + 'static,
        wanted: &WantedColumns,
    ) -> Result<Self, HeaderFault> {
        let header = read_header(&mut reader, wanted)?;
        // Empty lines are no rows, so ends of line of our own do no harm: one behind, for the last row
        // may lack one and lines are counted by them, and one before, for the parser would take a
        // first key that begins with U+FEFF for the file's mark and cut it off.
        let end: &'static [u8] = if header.crlf { b"\r\n" } else { b"\n" };
        let allowance = Allowance::default();
        let bytes = RowLimit::new(end.chain(reader).chain(end), allowance.clone());
        let reader: Box<dyn Read + Send> = Box::new(bytes);
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(header.delimiter)
            .from_reader(reader);
        Ok(Self {
            allowance,
            last_line: header.lines,
            header,
            reader,
            record: ByteRecord::new(),
        })
    }

    /// The header.
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// How much of the file has been read.
    pub(super) fn read_bytes(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The next row; `None` at the end of the file.
    ///
    /// # Errors
    /// What the file says, and a row longer than any should be. A row that cannot be used is an inner error: the next may be good.
    pub(super) fn next_row(
        &mut self,
    ) -> Result<Option<Result<IncomingRow, RefusedRow>>, Unreadable> {
        self.allowance.renew();
        let read = self.reader.read_byte_record(&mut self.record);
        let unreadable = |source| Unreadable {
            line: self.last_line,
            source,
        };
        if !read.map_err(unreadable)? {
            return Ok(None);
        }
        let line = self.line();
        self.last_line = line;
        Ok(Some(self.row(line).map_err(|(column, detail)| {
            RefusedRow {
                line,
                column,
                detail,
            }
        })))
    }

    /// The line that the row begins on. The parser's own count is behind by what it has not yet
    /// consumed (the LF of a CR LF, empty lines), so the row is counted back from its end.
    fn line(&self) -> u64 {
        let behind = self.reader.position().line() - u64::from(!self.header.crlf);
        let own = 1;
        let breaks = self.record.as_slice().iter().filter(|byte| **byte == b'\n');
        (self.header.lines + behind).saturating_sub(own + breaks.count() as u64)
    }

    fn row(&self, line: u64) -> Result<IncomingRow, (Option<String>, String)> {
        let (cells, columns) = (self.record.len(), self.header.names.len());
        if cells != columns {
            let detail = format!("has {cells} cells where the header has {columns}");
            return Err((None, detail));
        }
        let key = self.header.key.map(|place| self.text(place)).transpose()?;
        if let (Some(""), Some(place)) = (key, self.header.key) {
            return Err((self.name(place), "a key must not be empty".to_owned()));
        }
        let feature = |place: &usize| {
            number(self.text(*place)?).map_err(|detail| (self.name(*place), detail))
        };
        let features = self.header.features.iter().map(feature);
        let features = features.collect::<Result<_, _>>()?;
        let label = self.text(self.header.target)?;
        Ok(IncomingRow {
            line,
            key: key.map(str::to_owned),
            features,
            label: (!label.is_empty()).then(|| label.to_owned()),
        })
    }

    fn text(&self, place: usize) -> Result<&str, (Option<String>, String)> {
        let cell = self.record.get(place).unwrap_or_default();
        std::str::from_utf8(cell).map_err(|_| (self.name(place), "is not UTF-8".to_owned()))
    }

    fn name(&self, place: usize) -> Option<String> {
        self.header.names.get(place).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    type Outcome = Result<IncomingRow, RefusedRow>;

    fn wanted() -> WantedColumns {
        WantedColumns {
            key: Some("id".into()),
            features: vec!["a".into(), "b".into()],
            target: "class".into(),
        }
    }

    fn rows(text: impl Into<Vec<u8>>) -> Vec<Outcome> {
        let mut csv = LabelledCsv::open(Cursor::new(text.into()), &wanted()).unwrap();
        std::iter::from_fn(|| csv.next_row().unwrap()).collect()
    }

    fn good(line: u64, key: &str, features: [Option<f64>; 2], label: Option<&str>) -> Outcome {
        Ok(IncomingRow {
            line,
            key: Some(key.into()),
            features: features.into(),
            label: label.map(str::to_owned),
        })
    }

    #[test]
    fn lines_are_those_of_the_file_whatever_ends_them() {
        let text = "b,id,class,a\n1,k,\"x\ny\",2\n\n\n,l,,4\n5,m,z,oops";
        for text in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            format!("\u{feff}{text}\n"),
        ] {
            let broken = if text.contains('\r') {
                "x\r\ny"
            } else {
                "x\ny"
            };
            let rows = rows(text.clone());
            assert_eq!(rows.len(), 3, "{text:?}: {rows:?}");
            assert_eq!(rows[0], good(2, "k", [Some(2.0), Some(1.0)], Some(broken)));
            assert_eq!(rows[1], good(6, "l", [Some(4.0), None], None));
            let refused = rows[2].clone().unwrap_err();
            assert_eq!(
                (refused.line, refused.column.as_deref()),
                (7, Some("a")),
                "{text:?}"
            );
        }
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

    #[test]
    fn a_quote_that_is_never_closed_does_not_take_the_whole_file() {
        let text = "id,a,b,class\n1,1,1,x\n2,\"".to_owned() + &"1,2,x\n".repeat(6 << 20);
        let mut csv = LabelledCsv::open(Cursor::new(text), &wanted()).unwrap();
        assert!(csv.next_row().unwrap().unwrap().is_ok());
        let fault = csv.next_row().unwrap_err();
        assert_eq!(fault.to_string(), "read the row behind line 2");
        assert!(fault.source.to_string().contains("is a quote not closed?"));
    }

    proptest! {
        #[test]
        fn what_a_writer_quotes_comes_back(
            cells in prop::collection::vec(("[^\r]{1,12}", any::<i32>(), "[^\r]{0,12}"), 0..20),
            delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            writer.write_record(["id", "class", "a", "b"]).unwrap();
            for (key, value, label) in &cells {
                writer.write_record([key, label, &value.to_string(), ""]).unwrap();
            }
            let read = rows(writer.into_inner().unwrap());
            prop_assert_eq!(read.len(), cells.len());
            let mut line = 2;
            for ((key, value, label), row) in cells.iter().zip(read) {
                let label_read = (!label.is_empty()).then_some(label.as_str());
                prop_assert_eq!(row, good(line, key, [Some(f64::from(*value)), None], label_read));
                line += 1 + (key.matches('\n').count() + label.matches('\n').count()) as u64;
            }
        }

        #[test]
        fn any_bytes_are_rows_or_refusals(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let text = [b"id,a,b,class\n".as_slice(), &bytes].concat();
            let most = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
            prop_assert!(rows(text).len() <= most);
        }
    }
}
