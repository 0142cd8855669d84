//! The first line of a CSV file: how its cells are separated, and which column is what.

use crate::config::nearest;
use std::io::BufRead;

/// A header line may be as long as this; without a limit a file of one line would be read whole.
const MOST_HEADER_BYTES: usize = 4 << 20;

/// The names that the configuration asks for.
#[derive(Debug, Clone)]
pub(super) struct WantedColumns {
    /// What names a row, if anything does.
    pub(super) key: Option<String>,
    /// The features, in the schema's order.
    pub(super) features: Vec<String>,
    /// The label.
    pub(super) target: String,
}

impl WantedColumns {
    fn names(&self) -> impl Iterator<Item = &str> {
        let key = self.key.iter().map(String::as_str);
        let features = self.features.iter().map(String::as_str);
        key.chain(features).chain([self.target.as_str()])
    }
}

/// Where each wanted column stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// `,`, `;` or a tab.
    pub(super) delimiter: u8,
    /// Whether lines end with CR LF.
    pub(super) crlf: bool,
    /// How many lines of the file it takes: a quoted name may hold line breaks.
    pub(super) lines: u64,
    /// Every column's name, in the file's order.
    pub(super) names: Vec<String>,
    /// The key's place.
    pub(super) key: Option<usize>,
    /// The features' places, in the schema's order.
    pub(super) features: Vec<usize>,
    /// The label's place.
    pub(super) target: usize,
    /// Columns that nobody asked for.
    pub(super) ignored: Vec<String>,
}

/// Why a header cannot be used. Messages are fragments for "failed to ...".
#[derive(Debug, thiserror::Error)]
pub(super) enum HeaderFault {
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
    /// Columns that are not there, all of them.
    #[error("find {}", .0.join("; "))]
    Missing(Vec<String>),
    /// A wanted column that stands there twice.
    #[error("use the header: the column {0:?} stands in it more than once")]
    Repeated(String),
}

/// Reads the header line and leaves the reader behind it.
///
/// # Errors
/// [`HeaderFault`].
pub(super) fn read_header(
    reader: &mut impl BufRead,
    wanted: &WantedColumns,
) -> Result<Header, HeaderFault> {
    let line = first_line(reader)?;
    let crlf = line.ends_with(b"\r\n");
    let lines = line.iter().filter(|byte| **byte == b'\n').count() as u64;
    let text = std::str::from_utf8(&line).map_err(|_| HeaderFault::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_end().is_empty() {
        return Err(HeaderFault::Empty);
    }
    let (delimiter, names) = split(text, wanted);
    locate(delimiter, crlf, lines, names, wanted)
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
fn split(text: &str, wanted: &WantedColumns) -> (u8, Vec<String>) {
    let cells = |delimiter: u8| -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let record = reader.records().next().and_then(Result::ok);
        let record = record.unwrap_or_default();
        record.iter().map(str::to_owned).collect()
    };
    let found = |names: &[String]| {
        let there = |name: &&str| names.iter().any(|cell| cell == name);
        wanted.names().filter(there).count()
    };
    [b'\t', b';', b',']
        .map(|delimiter| (delimiter, cells(delimiter)))
        .into_iter()
        .max_by_key(|(_, names)| (found(names), names.len()))
        .unwrap_or_default()
}

fn locate(
    delimiter: u8,
    crlf: bool,
    lines: u64,
    names: Vec<String>,
    wanted: &WantedColumns,
) -> Result<Header, HeaderFault> {
    let mut missing = Vec::new();
    let mut place = |name: &str| -> Result<usize, HeaderFault> {
        let mut places = (0..).zip(&names).filter(|(_, cell)| *cell == name);
        let found = places.next();
        if places.next().is_some() {
            return Err(HeaderFault::Repeated(name.to_owned()));
        }
        if found.is_none() {
            missing.push(not_found(name, &names));
        }
        Ok(found.map_or(0, |(place, _)| place))
    };
    let key = wanted.key.as_deref().map(&mut place).transpose()?;
    let features = wanted.features.iter().map(|name| place(name));
    let features = features.collect::<Result<_, _>>()?;
    let target = place(&wanted.target)?;
    if !missing.is_empty() {
        return Err(HeaderFault::Missing(missing));
    }
    let is_ignored = |name: &&String| !wanted.names().any(|wanted| wanted == *name);
    let ignored = names.iter().filter(is_ignored).cloned().collect();
    Ok(Header {
        delimiter,
        crlf,
        lines,
        names,
        key,
        features,
        target,
        ignored,
    })
}

fn not_found(name: &str, names: &[String]) -> String {
    let near = nearest(name, names.iter().map(String::as_str));
    let near = near.map(|near| format!("; the nearest there is: {near:?}"));
    format!(
        "the column {name:?} in the header{}",
        near.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> WantedColumns {
        WantedColumns {
            key: Some("id".into()),
            features: vec!["Order Total".into(), "a;b".into()],
            target: "class".into(),
        }
    }

    fn header(text: &str) -> Result<Header, HeaderFault> {
        read_header(&mut text.as_bytes(), &wanted())
    }

    #[test]
    fn columns_are_found_in_any_order_behind_any_delimiter() {
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
            assert_eq!((header.key, header.target), (Some(4), 0));
            assert_eq!(
                (header.features, header.ignored),
                (vec![3, 1], vec!["more".into()])
            );
        }
    }

    #[test]
    fn a_name_may_hold_line_breaks() {
        let mut wanted = wanted();
        wanted.target = "cl\nass".into();
        let mut text = "id,Order Total,a;b,\"cl\nass\"\nrest".as_bytes();
        let header = read_header(&mut text, &wanted).unwrap();
        assert_eq!(
            (header.target, header.lines, text),
            (3, 2, "rest".as_bytes())
        );
    }

    #[test]
    fn every_missing_column_is_told_with_the_nearest() {
        let told = header("id,order total,a;b,klass\n")
            .unwrap_err()
            .to_string();
        assert_eq!(
            told,
            "find the column \"Order Total\" in the header; the nearest there is: \
             \"order total\"; the column \"class\" in the header; the nearest there is: \"klass\""
        );
    }

    #[test]
    fn a_header_that_cannot_be_used_is_told() {
        let told = |text: &[u8]| {
            let mut text = text;
            read_header(&mut text, &wanted()).unwrap_err().to_string()
        };
        assert!(told(b"").contains("is empty"));
        assert!(told(b"\n1,2\n").contains("is empty"));
        assert!(told(b"\xff\xfei\0d\0\n").contains("not UTF-8"));
        assert!(told(b"id,Order Total,a;b,class,class\n").contains("more than once"));
        assert!(told("x".repeat(MOST_HEADER_BYTES + 9).as_bytes()).contains("longer than"));
    }
}
