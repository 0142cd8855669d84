//! The rows behind the header, each with the line that it begins on.

use super::header::{Header, HeaderFault};
use super::number::{number, plain};
use super::row_limit::{Allowance, RowLimit};
use csv::ByteRecord;
use std::io::{BufRead, Read};

/// A file or a body of rows, read one at a time.
pub struct Rows {
    header: Header,
    reader: csv::Reader<Box<dyn Read + Send>>,
    record: ByteRecord,
    /// The record behind it, once the first was asked for, and the line that it begins on.
    ahead: ByteRecord,
    ahead_line: Option<u64>,
    allowance: Allowance,
    /// Where the row before begins.
    last_line: u64,
}

/// Stands behind a file, in a quote that is not closed. A reader in the last row meets the end of its line and then a
/// row of this alone; one in a quote that the file never closes meets the end of the quote, and no such row.
const MARK: &str = "\u{1a}end\n";

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The line that it begins on, the header's being 1.
    pub line: u64,
    cells: &'a ByteRecord,
}

/// The rows cannot be read any further.
#[derive(Debug, thiserror::Error)]
#[error("read the row behind line {line}")]
pub struct Unreadable {
    /// Where the row before begins.
    pub line: u64,
    /// What the reading ended with.
    pub source: csv::Error,
}

impl Rows {
    /// Reads the header; `wanted` are the names that are looked for, which tell the delimiter.
    ///
    /// # Errors
    /// [`HeaderFault`].
    pub fn open(
        mut reader: impl BufRead + Send + 'static,
        wanted: &[&str],
    ) -> Result<Self, HeaderFault> {
        let header = Header::read(&mut reader, wanted)?;
        // Empty lines are no rows, so ends of line of our own do no harm: one behind, for the last row
        // may lack one and lines are counted by them, and one before, for the parser would take a
        // first cell that begins with U+FEFF for the file's mark and cut it off.
        let end: &'static [u8] = if header.crlf { b"\r\n" } else { b"\n" };
        let behind = end.chain(b"\"".as_slice()).chain(MARK.as_bytes());
        let allowance = Allowance::default();
        let bytes = RowLimit::new(end.chain(reader).chain(behind), allowance.clone());
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
            ahead: ByteRecord::new(),
            ahead_line: None,
        })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How much has been read.
    #[must_use]
    pub fn read_bytes(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// What the file says, a row longer than any should be, and one with a quote that is not closed.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Unreadable> {
        if self.ahead_line.is_none() && !self.read_ahead()? {
            return Ok(None);
        }
        let line = self.ahead_line.take().unwrap_or(self.last_line);
        std::mem::swap(&mut self.record, &mut self.ahead);
        // A row is whole where another stands behind it, be it the mark.
        if !self.read_ahead()? {
            if self.record.iter().eq([MARK.as_bytes()]) {
                return Ok(None);
            }
            let source = std::io::Error::other("a quote is not closed").into();
            return Err(self.unreadable(source));
        }
        self.last_line = line;
        Ok(Some(Row {
            line,
            cells: &self.record,
        }))
    }

    /// Reads the record that is next; whether there was one.
    fn read_ahead(&mut self) -> Result<bool, Unreadable> {
        self.allowance.renew();
        let read = self.reader.read_byte_record(&mut self.ahead);
        let read = read.map_err(|source| self.unreadable(source))?;
        self.ahead_line = read.then(|| self.line());
        Ok(read)
    }

    fn unreadable(&self, source: csv::Error) -> Unreadable {
        let line = self.last_line;
        Unreadable { line, source }
    }

    /// The line that the row begins on. The parser's own count is behind by what it has not yet
    /// consumed (the LF of a CR LF, empty lines), so the row is counted back from its end.
    fn line(&self) -> u64 {
        let behind = self.reader.position().line() - u64::from(!self.header.crlf);
        let own = 1;
        let breaks = self.ahead.as_slice().iter().filter(|byte| **byte == b'\n');
        (self.header.lines + behind).saturating_sub(own + breaks.count() as u64)
    }
}

impl<'a> Row<'a> {
    /// The cell at this place; an absent one is empty.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn text(&self, place: usize) -> Result<&'a str, String> {
        let cell = self.cells.get(place).unwrap_or_default();
        std::str::from_utf8(cell).map_err(|_| "is not UTF-8".to_owned())
    }

    /// The number in the cell at this place, as [`number`](super::number) reads it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn number(&self, place: usize) -> Result<Option<f64>, String> {
        match plain(self.cells.get(place).unwrap_or_default()) {
            Some(value) => Ok(Some(value)),
            None => number(self.text(place)?),
        }
    }

    /// What is wrong with the number of cells, if anything is.
    #[must_use]
    pub fn misfit(&self, columns: usize) -> Option<String> {
        let cells = self.cells.len();
        (cells != columns).then(|| format!("has {cells} cells where the header has {columns}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn rows(text: impl Into<Vec<u8>>) -> Vec<(u64, Vec<String>)> {
        let mut rows = Rows::open(Cursor::new(text.into()), &["id", "a", "b"]).unwrap();
        let mut read = Vec::new();
        while let Ok(Some(row)) = rows.next_row() {
            let cells = (0..row.cells.len()).map(|place| row.text(place).unwrap_or("?"));
            read.push((row.line, cells.map(str::to_owned).collect()));
        }
        read
    }

    #[test]
    fn lines_are_those_of_the_file_whatever_ends_them() {
        let text = "b,id,a\n1,\"x\ny\",2\n\n\n,,4\n5,z";
        for text in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            format!("\u{feff}{text}\n"),
        ] {
            let rows = rows(text.clone());
            let lines: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [2, 6, 7], "{text:?}");
            assert_eq!(rows[0].1[1].replace('\r', ""), "x\ny");
            assert_eq!(
                (&rows[1].1[..], &rows[2].1[..]),
                (
                    &["", "", "4"].map(str::to_owned)[..],
                    &["5", "z"].map(str::to_owned)[..]
                )
            );
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_take_the_whole_file() {
        let text = "id,a,b\n1,1,1\n2,\"".to_owned() + &"1,2,x\n".repeat(6 << 20);
        let mut rows = Rows::open(Cursor::new(text), &["id"]).unwrap();
        let fault = rows.next_row().unwrap_err();
        assert_eq!(fault.to_string(), "read the row behind line 1");
        assert!(fault.source.to_string().contains("is a quote not closed?"));
    }

    #[test]
    fn a_row_that_ends_in_an_open_quote_is_no_row() {
        for (text, before) in [
            ("id,a,b\n1,2,3\n4,5,\"6\n7,8,9\n", 2),
            ("id,a,b\r\n1,2,3\r\n\"", 2),
            ("id,a,b\n1,2,\"3\"\"", 1),
            ("id,a,b\n\"\u{1a}end\n", 1),
        ] {
            let mut rows = Rows::open(Cursor::new(text), &["id"]).unwrap();
            let mut read = (1..before).map(|_| rows.next_row().unwrap().map(|row| row.line));
            assert!(read.all(|line| line == Some(before)));
            let fault = rows.next_row().unwrap_err();
            assert_eq!(fault.line, before, "{text:?}");
            assert_eq!(fault.source.to_string(), "a quote is not closed");
        }
        let closed = rows("id,a,b\n1,2,\"3\n\"\n\u{1a}end,,\"\"\"\"");
        assert_eq!(
            (closed.len(), closed[1].0, closed[1].1[2].as_str()),
            (2, 4, "\"")
        );
    }

    proptest! {
        #[test]
        fn what_a_writer_quotes_comes_back(
            cells in prop::collection::vec(("[^\r]{1,12}", any::<i32>(), "[^\r]{0,12}"), 0..20),
            delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            writer.write_record(["id", "a", "b"]).unwrap();
            for (key, value, label) in &cells {
                writer.write_record([key, &value.to_string(), label]).unwrap();
            }
            let read = rows(writer.into_inner().unwrap());
            prop_assert_eq!(read.len(), cells.len());
            let mut line = 2;
            for ((key, value, label), row) in cells.iter().zip(read) {
                prop_assert_eq!(row, (line, vec![key.clone(), value.to_string(), label.clone()]));
                line += 1 + (key.matches('\n').count() + label.matches('\n').count()) as u64;
            }
        }

        #[test]
        fn any_bytes_are_rows(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let text = [b"id,a,b,class\n".as_slice(), &bytes].concat();
            let most = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
            prop_assert!(rows(text).len() <= most);
        }
    }
}
