//! What names one observation: an integer or a text, as the key's column keeps it.
//!
//! Only columns that give back exactly what was put in are taken. SQLite turns `'7'` into 7 in a
//! column declared as, say, `NUMERIC` or `STRING`; PostgreSQL pads a `character(n)`, and compares
//! other types in ways of their own.

use super::StoreError;
use super::catalog::{Column, ColumnKind};
use super::labelled_columns::canonical_integer;
use crate::learning::Cell;
use sea_orm::sea_query::Value;
use std::fmt;

/// What names an observation. `Display` is its text, digits for an integer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ObservationKey {
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
}

impl fmt::Display for ObservationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// What the key's column keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Integer,
    Text,
}

impl KeyKind {
    /// Judges the column by its type.
    ///
    /// # Errors
    /// [`StoreError::UnusableColumn`].
    pub(super) fn of(column: &Column) -> Result<Self, StoreError> {
        let declared = column.declared.to_ascii_uppercase();
        let says = |words: &[&str]| words.iter().any(|word| declared.contains(word));
        let kind = match column.kind {
            ColumnKind::Integer => Some(Self::Integer),
            ColumnKind::Text => {
                matches!(&*column.declared, "text" | "varchar").then_some(Self::Text)
            }
            // The affinity of a declared type, in the order in which SQLite decides it.
            ColumnKind::PerValue if says(&["INT"]) => Some(Self::Integer),
            ColumnKind::PerValue => says(&["CHAR", "CLOB", "TEXT"]).then_some(Self::Text),
            _ => None,
        };
        kind.ok_or_else(|| StoreError::UnusableColumn {
            column: column.name.clone(),
            found: column.declared.clone(),
            purpose: "the key of observations, which takes an integer type, text or varchar",
        })
    }

    /// Whether the column takes such a key; a text column takes an integer as its digits.
    ///
    /// # Errors
    /// What it takes instead.
    pub(super) fn check(self, key: &ObservationKey) -> Result<(), String> {
        match (self, key) {
            (Self::Integer, ObservationKey::Text(text)) => Err(format!(
                "expected an integer, as the column takes, found the text {text:?}"
            )),
            _ => Ok(()),
        }
    }

    /// The key that an address spells; none where no key of this column is spelled so.
    pub(super) fn spelled(self, text: &str) -> Option<ObservationKey> {
        match self {
            Self::Integer => canonical_integer(text).map(ObservationKey::Integer),
            Self::Text => Some(ObservationKey::Text(text.to_owned())),
        }
    }

    /// The key as a value to compare with.
    pub(super) fn value(self, key: &ObservationKey) -> Value {
        match (self, key) {
            (Self::Integer, ObservationKey::Integer(value)) => (*value).into(),
            (_, key) => key.to_string().into(),
        }
    }

    /// The key in a cell; none for what is neither integer nor text.
    pub(super) fn of_cell(self, cell: Cell) -> Option<ObservationKey> {
        match (self, cell) {
            (_, Cell::Integer(value)) => Some(ObservationKey::Integer(value)),
            (Self::Integer, Cell::Text(text)) => Some(
                canonical_integer(&text)
                    .map_or(ObservationKey::Text(text), ObservationKey::Integer),
            ),
            (Self::Text, Cell::Text(text)) => Some(ObservationKey::Text(text)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(declared: &str, kind: ColumnKind) -> Option<KeyKind> {
        let (name, declared) = ("id".to_owned(), declared.to_owned());
        KeyKind::of(&Column {
            name,
            declared,
            kind,
        })
        .ok()
    }

    #[test]
    fn only_columns_that_give_back_what_was_put_in_are_keys() {
        for declared in ["INTEGER", "bigint", "UNSIGNED BIG INT"] {
            assert_eq!(kind(declared, ColumnKind::PerValue), Some(KeyKind::Integer));
        }
        for declared in ["TEXT", "varchar(20)", "NATIVE CHARACTER(7)"] {
            assert_eq!(kind(declared, ColumnKind::PerValue), Some(KeyKind::Text));
        }
        for declared in ["", "STRING", "NUMERIC", "REAL", "BLOB", "DATE"] {
            assert_eq!(kind(declared, ColumnKind::PerValue), None, "{declared}");
        }
        assert_eq!(kind("int2", ColumnKind::Integer), Some(KeyKind::Integer));
        assert_eq!(kind("varchar", ColumnKind::Text), Some(KeyKind::Text));
        for declared in ["bpchar", "citext", "mood", "name"] {
            assert_eq!(kind(declared, ColumnKind::Text), None, "{declared}");
        }
        assert_eq!(kind("uuid", ColumnKind::Other), None);
    }

    #[test]
    fn an_address_spells_an_integer_in_one_way_only() {
        let seven = Some(ObservationKey::Integer(7));
        assert_eq!(KeyKind::Integer.spelled("7"), seven);
        for text in ["07", "+7", "7.0", "a", ""] {
            assert_eq!(KeyKind::Integer.spelled(text), None, "{text}");
        }
        let text = Some(ObservationKey::Text("07".to_owned()));
        assert_eq!(KeyKind::Text.spelled("07"), text);
    }
}
