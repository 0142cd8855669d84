//! One value as a table holds it, before anything is known about its meaning.
//!
//! Shape: what a store can tell apart without losing anything. Concurrency: none needed. Turned
//! down: casting in the database (SQLite turns `'abc'` into 0.0 without an error).

use std::borrow::Cow;

/// One value of one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A floating point or decimal value.
    Number(f64),
    /// An integer.
    Integer(i64),
    /// A boolean.
    Boolean(bool),
    /// A time or a date: microseconds since 1970-01-01T00:00:00Z.
    Moment(i64),
    /// A text.
    Text(String),
    /// Anything else, by what it is, for example `a blob`.
    Other(String),
}

/// A found text longer than this many characters is cut in messages.
const SHOWN_CHARACTERS: usize = 40;

impl Cell {
    /// What is there, for the reason of a refused row; texts quoted and cut.
    pub(super) fn found(&self) -> Cow<'_, str> {
        match self {
            Self::Null => "null".into(),
            Self::Number(value) => format!("{value}").into(),
            Self::Integer(value) => format!("{value}").into(),
            Self::Boolean(value) => format!("the boolean {value}").into(),
            Self::Moment(_) => "a time".into(),
            Self::Text(text) => quoted(text).into(),
            Self::Other(what) => what.as_str().into(),
        }
    }
}

/// `text` in quotes, cut to [`SHOWN_CHARACTERS`].
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_quoted_and_cut() {
        assert_eq!(Cell::Text("12,5".to_owned()).found(), "\"12,5\"");
        assert_eq!(
            Cell::Text("é".repeat(41)).found(),
            format!("\"{}\"...", "é".repeat(40))
        );
        assert_eq!(
            Cell::Text("é".repeat(40)).found(),
            format!("\"{}\"", "é".repeat(40))
        );
        assert_eq!(Cell::Other("a blob".to_owned()).found(), "a blob");
        assert_eq!(Cell::Number(f64::INFINITY).found(), "inf");
        assert_eq!(Cell::Boolean(true).found(), "the boolean true");
    }
}
