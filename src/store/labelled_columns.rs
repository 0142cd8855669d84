//! Text and numbers of a file as values of the columns they go into.
//!
//! PostgreSQL assigns a double to an integer column by rounding it, without a word; so the column's
//! type decides what is sent, and what does not fit is refused with its reason. SQLite converts by
//! the column's affinity and loses nothing.

use super::catalog::{Column, ColumnKind, require_column};
use super::cells::{Purpose, unusable};
use super::enumerations::Enumeration;
use super::labelled_rows::IncomingRow;
use super::order_column::{IncomingOrder, OrderPlacement};
use super::{DatasetTable, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Value};
use std::collections::HashMap;

/// The place of the column that is the matter, where one is, and what is wrong.
pub(super) type Fault = (Option<usize>, String);

/// How each column takes its values: key (where there is one), features, target, and order where it
/// has a column of its own.
#[derive(Debug)]
pub(super) struct Placements(Vec<Placement>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Placement {
    Double,
    Integer,
    /// A decimal of any size: its text, cast.
    Decimal,
    Boolean,
    Text,
    /// PostgreSQL: text, cast to the column's own type.
    Enumeration(Enumeration),
    /// SQLite without a type to go by: an integer if it reads as one, else text.
    PerValue,
    Order(OrderPlacement),
}

impl Placements {
    /// Chooses by the columns that the table has.
    ///
    /// # Errors
    /// [`StoreError::UnknownColumn`], [`StoreError::UnusableColumn`].
    pub(super) fn of<'a>(
        there: &[Column],
        enumerations: &HashMap<String, Enumeration>,
        table: &DatasetTable,
        wanted: impl Iterator<Item = (&'a str, Purpose)>,
    ) -> Result<Self, StoreError> {
        let placements = wanted.map(|(name, purpose)| {
            let column = require_column(there, table, name)?;
            let placement = Placement::of(column, purpose);
            match (placement, enumerations.get(name)) {
                (Some(Placement::Order(_)), Some(_)) => Err(unusable(column, purpose)),
                (Some(Placement::Text), Some(found)) => Ok(Placement::Enumeration(found.clone())),
                (placement, _) => placement.ok_or_else(|| unusable(column, purpose)),
            }
        });
        Ok(Self(placements.collect::<Result<_, _>>()?))
    }

    /// The row's values in the order of the columns.
    ///
    /// # Errors
    /// The place of the value that does not fit its column, and why.
    pub(super) fn values(&self, row: &IncomingRow) -> Result<Vec<Expr>, Fault> {
        self.placed(row).collect()
    }

    /// Everything of the row that does not fit its column.
    pub(super) fn faults(&self, row: &IncomingRow) -> Vec<Fault> {
        self.placed(row).filter_map(Result::err).collect()
    }

    fn placed(&self, row: &IncomingRow) -> impl Iterator<Item = Result<Expr, Fault>> {
        let key = row.key.iter().map(|key| Incoming::Text(key));
        let features = row.features.iter().map(|value| match value {
            Some(value) => Incoming::Number(*value),
            None => Incoming::Null,
        });
        let label = row.label.as_deref().map_or(Incoming::Null, Incoming::Text);
        let order = row.order.as_ref().map_or(Incoming::Null, Incoming::Order);
        let incoming = key.chain(features).chain([label, order]);
        let placed = self.0.iter().zip(incoming).enumerate();
        placed.map(|(place, (placement, value))| {
            placement
                .value(value)
                .map_err(|detail| (Some(place), detail))
        })
    }
}

/// The training refuses such a row.
const NO_ORDER: &str = "must not be empty: a row without it is neither newer nor older";

#[derive(Debug, Clone, Copy)]
enum Incoming<'a> {
    Null,
    Number(f64),
    Text(&'a str),
    Order(&'a IncomingOrder),
}

impl Placement {
    /// SQLite keeps a text in an integer column as a text; beside integers it would be a label of
    /// another kind, so a column declared as one takes integers only.
    fn of(column: &Column, purpose: Purpose) -> Option<Self> {
        use ColumnKind as Kind;
        if purpose == Purpose::Order {
            return OrderPlacement::of(column).map(Self::Order);
        }
        let declared_integer = column.declared.to_ascii_uppercase().contains("INT");
        Some(match (purpose, column.kind) {
            (Purpose::Label, Kind::Boolean | Kind::PerValueBoolean) => Self::Boolean,
            (Purpose::Feature, Kind::PerValue | Kind::PerValueBoolean) => Self::Double,
            (_, Kind::PerValue) if declared_integer => Self::Integer,
            (_, Kind::PerValue | Kind::PerValueBoolean) => Self::PerValue,
            (Purpose::Feature, Kind::Double | Kind::Single) => Self::Double,
            (_, Kind::Integer) => Self::Integer,
            (Purpose::Feature | Purpose::Key, Kind::Decimal) => Self::Decimal,
            (Purpose::Label | Purpose::Key, Kind::Text) => Self::Text,
            _ => return None,
        })
    }

    fn value(&self, incoming: Incoming<'_>) -> Result<Expr, String> {
        if let Self::Enumeration(enumeration) = self {
            let text = match incoming {
                Incoming::Text(text) => Some(text),
                _ => None,
            };
            text.map_or(Ok(()), |text| enumeration.check(text))?;
            return Ok(enumeration.value(text));
        }
        if let Self::Order(place) = self {
            return match incoming {
                Incoming::Order(order) => place.value(order),
                _ => Err(NO_ORDER.to_owned()),
            };
        }
        let value = match (self, incoming) {
            (Self::Double, Incoming::Number(value)) => Value::from(value),
            (Self::Integer, Incoming::Number(value)) => Value::from(whole(value)?),
            (Self::Integer, Incoming::Text(text)) => Value::from(integer(text)?),
            (Self::Boolean, Incoming::Text(text)) => Value::from(boolean(text)?),
            (Self::Decimal, Incoming::Number(value)) => Value::from(value.to_string()),
            (Self::PerValue, Incoming::Text(text)) => {
                canonical_integer(text).map_or_else(|| Value::from(text), Value::from)
            }
            (_, Incoming::Text(text)) => Value::from(text),
            (_, Incoming::Number(value)) => Value::from(value),
            (Self::Double, Incoming::Null) => Value::from(None::<f64>),
            (Self::Integer, Incoming::Null) => Value::from(None::<i64>),
            (Self::Boolean, Incoming::Null) => Value::from(None::<bool>),
            (_, Incoming::Null | Incoming::Order(_)) => Value::from(None::<String>),
        };
        let value = Expr::val(value);
        Ok(match self {
            Self::Decimal => value.cast_as("numeric"),
            _ => value,
        })
    }
}

/// The integer that a text spells in the one usual way: `7`, and neither `07` nor `+7`.
#[must_use]
pub fn canonical_integer(text: &str) -> Option<i64> {
    let integer: i64 = text.parse().ok()?;
    (integer.to_string() == text).then_some(integer)
}

pub(super) fn integer(text: &str) -> Result<i64, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("expected an integer, as the column takes, found {text:?}"))
}

/// A double beyond 2^53 names no single integer.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(super) fn whole(value: f64) -> Result<i64, String> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return Ok(value as i64);
    }
    Err(format!(
        "expected an integer, as the column takes, found {value}"
    ))
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "1" => Ok(true),
        "false" | "f" | "0" => Ok(false),
        _ => Err(format!(
            "expected true or false, as the column takes, found {text:?}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_a_column_cannot_keep_is_refused() {
        assert_eq!(whole(-3.0), Ok(-3));
        assert!(whole(0.5).is_err() && whole(1e17).is_err());
        assert_eq!(integer(" 12 "), Ok(12));
        assert!(integer("1.0").is_err() && integer("9223372036854775808").is_err());
        assert_eq!((boolean("TRUE"), boolean("0")), (Ok(true), Ok(false)));
        assert!(boolean("yes").is_err());
    }

    #[test]
    fn only_the_usual_spelling_is_an_integer() {
        for text in ["007", "+7", "-0", "7.0", " 7", ""] {
            assert_eq!(canonical_integer(text), None, "{text:?}");
        }
        assert_eq!(canonical_integer("-7"), Some(-7));
    }
}
