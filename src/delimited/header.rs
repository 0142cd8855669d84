//! The first line: how the cells are separated, and what the columns are called.

use std::collections::HashSet;
use std::io::BufRead;

/// A header line may be as long as this; without a limit a file of one line would be read whole.
const MOST_HEADER_BYTES: usize = 4 << 20;

/// What the first line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `,`, `;` or a tab.
    pub delimiter: u8,
    /// Whether lines end with CR LF.
    pub(super) crlf: bool,
    /// How many lines of the file it takes: a quoted name may hold line breaks.
    pub lines: u64,
    /// Every column's name, in the file's order.
    pub names: Vec<String>,
}

/// Why a header cannot be read. Messages are fragments for "failed to ...".
#[derive(Debug, thiserror::Error)]
pub enum HeaderFault {
    /// The file.
    #[error("read the file")]
    Read(#[from] std::io::Error),
    /// No first line.
    #[error("find a header: the file is empty")]
    Empty,
    /// A first line without an end.
    #[error("read the header: it is longer than {MOST_HEADER_BYTES} bytes")]
    TooLong,
    /// A quote that is not closed, or another encoding.
    #[error("read the header: it is not UTF-8; save the file as UTF-8")]
    NotUtf8,
}

impl Header {
    /// Where the columns of this name stand.
    pub fn places<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        let named = self.names.iter().enumerate();
        named
            .filter(move |(_, cell)| *cell == name)
            .map(|(place, _)| place)
    }

    /// Reads the header line and leaves the reader behind it.
    ///
    /// # Errors
    /// [`HeaderFault`].
    pub(super) fn read(reader: &mut impl BufRead, wanted: &[&str]) -> Result<Self, HeaderFault> {
        let line = first_line(reader)?;
        let crlf = line.ends_with(b"\r\n");
        let lines = line.iter().filter(|byte| **byte == b'\n').count() as u64;
        let text = std::str::from_utf8(&line).map_err(|_| HeaderFault::NotUtf8)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_end().is_empty() {
            return Err(HeaderFault::Empty);
        }
        let (delimiter, names) = split(text, wanted);
        Ok(Self {
            delimiter,
            crlf,
            lines,
            names,
        })
    }
}

/// The bytes up to the first line break that is not in quotes, with it.
fn first_line(reader: &mut impl BufRead) -> Result<Vec<u8>, HeaderFault> {
    let mut line = Vec::new();
    let mut quoted = false;
    loop {
        let ready = reader.fill_buf()?;
        if ready.is_empty() {
            return Ok(line);
        }
        let end = ready.iter().position(|byte| {
            quoted ^= *byte == b'"';
            *byte == b'\n' && !quoted
        });
        let taken = end.map_or(ready.len(), |end| end + 1);
        line.extend(ready.iter().take(taken));
        reader.consume(taken);
        if end.is_some() {
            return Ok(line);
        }
        if line.len() > MOST_HEADER_BYTES {
            return Err(HeaderFault::TooLong);
        }
    }
}

/// The delimiter that makes the most wanted names of the line, then the most cells, then the comma.
fn split(text: &str, wanted: &[&str]) -> (u8, Vec<String>) {
    let cells = |delimiter: u8| -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let record = reader.records().next().and_then(Result::ok);
        let record = record.unwrap_or_default();
        record.iter().map(str::to_owned).collect()
    };
    // A line may have as many names as bytes, and there may be as many wanted ones.
    let found = |names: &[String]| {
        let there: HashSet<&str> = names.iter().map(String::as_str).collect();
        wanted.iter().filter(|name| there.contains(**name)).count()
    };
    [b'\t', b';', b',']
        .map(|delimiter| (delimiter, cells(delimiter)))
        .into_iter()
        .max_by_key(|(_, names)| (found(names), names.len()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: [&str; 4] = ["id", "Order Total", "a;b", "class"];

    fn header(text: &str) -> Result<Header, HeaderFault> {
        Header::read(&mut text.as_bytes(), &WANTED)
    }

    #[test]
    fn names_are_found_behind_any_delimiter() {
        for (text, delimiter, crlf) in [
            ("class,a;b,more,Order Total,id\n", b',', false),
            ("class;\"a;b\";more;Order Total;id\r\n1;2", b';', true),
            (
                "\u{feff}class\ta;b\tmore\t\"Order Total\"\tid",
                b'\t',
                false,
            ),
        ] {
            let header = header(text).unwrap();
            assert_eq!((header.delimiter, header.crlf), (delimiter, crlf), "{text}");
            assert_eq!(header.names, ["class", "a;b", "more", "Order Total", "id"]);
        }
    }

    #[test]
    fn a_name_may_hold_line_breaks_and_stand_twice() {
        let mut text = "id,Order Total,id,\"cl\nass\"\nrest".as_bytes();
        let header = Header::read(&mut text, &WANTED).unwrap();
        assert_eq!((header.lines, text), (2, "rest".as_bytes()));
        assert_eq!(header.names[3], "cl\nass");
        assert_eq!(header.places("id").collect::<Vec<_>>(), [0, 2]);
        assert_eq!(header.places("class").count(), 0);
    }

    #[test]
    fn a_header_that_cannot_be_read_is_told() {
        let told = |text: &[u8]| {
            let mut text = text;
            Header::read(&mut text, &WANTED).unwrap_err().to_string()
        };
        assert!(told(b"").contains("is empty"));
        assert!(told(b"\n1,2\n").contains("is empty"));
        assert!(told(b"\xff\xfei\0d\0\n").contains("not UTF-8"));
        assert!(told("x".repeat(MOST_HEADER_BYTES + 9).as_bytes()).contains("longer than"));
    }
}
