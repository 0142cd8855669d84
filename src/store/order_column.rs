//! What a row is ordered by: from a file or a client into the column, and out of it again.
//!
//! PostgreSQL has types for times and dates, and takes nothing else in them. SQLite has none: there a
//! column is taken for one of times or dates by its declared type, and holds them as texts, in one form
//! that sorts by its bytes (`2026-11-22T03:00:04.120000Z`, `2026-11-22`), or as the numbers that come.
//!
//! Turned down: guessing at other spellings of a date (which of 1/2/2026 is newer?), and whatever the
//! database makes of a text, which follows its settings.

use super::catalog::{Column, ColumnKind};
use super::labelled_columns::{canonical_integer, integer, whole};
use super::time_text::Time;
use crate::learning::{Cell, OrderValue};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{ColumnDef, Expr, ExprTrait, Value};

/// What a row is ordered by, as it comes in.
#[derive(Debug, Clone, PartialEq)]
pub enum IncomingOrder {
    /// A cell of a file: the column says what it is.
    Cell(String),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
}

/// What a new column is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKind {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// Times.
    Moment,
    /// Dates.
    Date,
    /// Texts.
    Text,
}

/// How the column takes its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderPlacement {
    Moment,
    /// Without a zone: in UTC.
    LocalMoment,
    Date,
    /// SQLite: times as texts of one form.
    MomentText,
    /// SQLite: dates as texts of one form.
    DateText,
    Integer,
    Double,
    Decimal,
    Text,
    /// SQLite without a type to go by: a number if it is one, else text.
    PerValue,
}

impl OrderKind {
    /// What all of these cells are.
    #[must_use]
    pub fn of<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Self {
        let all = |is: fn(&str) -> bool| cells.clone().all(is);
        if all(|cell| canonical_integer(cell).is_some()) {
            Self::Integer
        } else if all(|cell| number(cell).is_some()) {
            Self::Number
        } else if all(|cell| matches!(Time::of_text(cell), Some(Time::Date(_)))) {
            Self::Date
        } else if all(|cell| Time::of_cell(cell).is_some()) {
            Self::Moment
        } else {
            Self::Text
        }
    }

    pub(super) fn define(self, column: &mut ColumnDef) {
        match self {
            Self::Integer => column.big_integer(),
            Self::Number => column.double(),
            Self::Moment => column.timestamp_with_time_zone(),
            Self::Date => column.date(),
            Self::Text => column.text(),
        };
        column.not_null();
    }
}

impl OrderPlacement {
    /// By the column's type; none where it cannot order rows.
    pub(super) fn of(column: &Column) -> Option<Self> {
        let declared = column.declared.to_ascii_uppercase();
        let says = |words: &[&str]| words.iter().any(|word| declared.contains(word));
        Some(match column.kind {
            ColumnKind::Double | ColumnKind::Single => Self::Double,
            ColumnKind::Integer => Self::Integer,
            ColumnKind::Decimal => Self::Decimal,
            ColumnKind::Text => Self::Text,
            ColumnKind::PerValue if says(&["TIME"]) => Self::MomentText,
            ColumnKind::PerValue if says(&["DATE"]) => Self::DateText,
            // The affinity of a declared type, in the order in which SQLite decides it.
            ColumnKind::PerValue if says(&["INT"]) => Self::Integer,
            ColumnKind::PerValue if says(&["CHAR", "CLOB", "TEXT"]) => Self::Text,
            ColumnKind::PerValue if says(&["REAL", "FLOA", "DOUB"]) => Self::Double,
            ColumnKind::PerValue => Self::PerValue,
            ColumnKind::Other => match &*column.declared {
                "timestamptz" => Self::Moment,
                "timestamp" => Self::LocalMoment,
                "date" => Self::Date,
                _ => return None,
            },
            ColumnKind::Boolean | ColumnKind::PerValueBoolean => return None,
        })
    }

    /// The value to write.
    ///
    /// # Errors
    /// What the column takes instead.
    pub(super) fn value(self, incoming: &IncomingOrder) -> Result<Expr, String> {
        let value = match self {
            Self::Moment => self.moment(incoming)?.into(),
            Self::LocalMoment => self.moment(incoming)?.naive_utc().into(),
            Self::Date => self.date(incoming)?.into(),
            Self::MomentText => match number_of(incoming) {
                Some(number) => number,
                None => Time::Moment(self.moment(incoming)?).written().into(),
            },
            Self::DateText => match number_of(incoming) {
                Some(number) => number,
                None => Time::Date(self.date(incoming)?).written().into(),
            },
            Self::Integer => integer_of(incoming)?.into(),
            Self::Double => double_of(incoming)?.into(),
            Self::Decimal => double_of(incoming)?.to_string().into(),
            Self::Text => text_of(incoming).into(),
            Self::PerValue => number_of(incoming).unwrap_or_else(|| text_of(incoming).into()),
        };
        let value = Expr::val(value);
        Ok(match self {
            Self::Decimal => value.cast_as("numeric"),
            _ => value,
        })
    }

    /// What a cell of the column says; none for null, and for what orders nothing.
    pub(super) fn shown(self, cell: &Cell) -> Option<OrderValue> {
        let value = OrderValue::from_cell(cell).ok()?;
        Some(match (self, value) {
            (Self::Date, OrderValue::Moment(micros)) => {
                let moment = DateTime::from_timestamp_micros(micros)?;
                OrderValue::Text(Time::Date(moment.date_naive()).written())
            }
            (Self::MomentText, OrderValue::Text(text)) => match Time::of_text(&text) {
                Some(time) => OrderValue::Moment(time.moment().timestamp_micros()),
                None => OrderValue::Text(text),
            },
            (_, value) => value,
        })
    }

    fn moment(self, incoming: &IncomingOrder) -> Result<DateTime<Utc>, String> {
        let time = time_of(incoming).map(Time::moment);
        let expected = "a time as RFC 3339, such as 2026-11-22T03:00:04Z";
        time.ok_or_else(|| expected_instead(expected, incoming))
    }

    fn date(self, incoming: &IncomingOrder) -> Result<NaiveDate, String> {
        let date = time_of(incoming).and_then(Time::date);
        date.ok_or_else(|| expected_instead("a date, such as 2026-11-22", incoming))
    }
}

fn time_of(incoming: &IncomingOrder) -> Option<Time> {
    match incoming {
        IncomingOrder::Cell(text) => Time::of_cell(text),
        IncomingOrder::Text(text) => Time::of_text(text),
        IncomingOrder::Integer(_) | IncomingOrder::Number(_) => None,
    }
}

/// A finite number in a cell; Rust's parser takes words for others too.
fn number(cell: &str) -> Option<f64> {
    let value: f64 = cell.trim().parse().ok()?;
    value.is_finite().then_some(value)
}

fn number_of(incoming: &IncomingOrder) -> Option<Value> {
    match incoming {
        IncomingOrder::Integer(value) => Some((*value).into()),
        IncomingOrder::Number(value) => Some((*value).into()),
        IncomingOrder::Cell(cell) => {
            let whole = canonical_integer(cell).map(Value::from);
            whole.or_else(|| number(cell).map(Value::from))
        }
        IncomingOrder::Text(_) => None,
    }
}

fn integer_of(incoming: &IncomingOrder) -> Result<i64, String> {
    match incoming {
        IncomingOrder::Integer(value) => Ok(*value),
        IncomingOrder::Number(value) => whole(*value),
        IncomingOrder::Cell(text) => integer(text),
        IncomingOrder::Text(_) => Err(expected_instead("an integer", incoming)),
    }
}

fn double_of(incoming: &IncomingOrder) -> Result<f64, String> {
    let number = match incoming {
        IncomingOrder::Integer(value) => Some(*value as f64),
        IncomingOrder::Number(value) => Some(*value),
        IncomingOrder::Cell(cell) => number(cell),
        IncomingOrder::Text(_) => None,
    };
    number.ok_or_else(|| expected_instead("a number", incoming))
}

/// A number in a column of texts is its digits.
fn text_of(incoming: &IncomingOrder) -> String {
    match incoming {
        IncomingOrder::Cell(text) | IncomingOrder::Text(text) => text.clone(),
        IncomingOrder::Integer(value) => value.to_string(),
        IncomingOrder::Number(value) => value.to_string(),
    }
}

fn expected_instead(what: &str, incoming: &IncomingOrder) -> String {
    let found = match incoming {
        IncomingOrder::Cell(text) | IncomingOrder::Text(text) => format!("{text:?}"),
        number => text_of(number),
    };
    format!("expected {what}, as the column takes, found {found}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placement(declared: &str, kind: ColumnKind) -> Option<OrderPlacement> {
        let (name, declared) = ("at".to_owned(), declared.to_owned());
        OrderPlacement::of(&Column {
            name,
            declared,
            kind,
        })
    }

    #[test]
    fn a_column_is_known_by_its_type() {
        use OrderPlacement as Place;
        let of = |declared| placement(declared, ColumnKind::Other);
        assert_eq!(of("timestamptz"), Some(Place::Moment));
        assert_eq!(of("timestamp"), Some(Place::LocalMoment));
        assert_eq!(of("date"), Some(Place::Date));
        assert_eq!(
            (of("time"), of("interval"), of("bytea")),
            (None, None, None)
        );
        let of = |declared| placement(declared, ColumnKind::PerValue).unwrap();
        for declared in ["DATETIME", "timestamp", "timestamp_with_timezone_text"] {
            assert_eq!(of(declared), Place::MomentText);
        }
        assert_eq!(
            (of("date_text"), of("DATE")),
            (Place::DateText, Place::DateText)
        );
        assert_eq!(
            (of("bigint"), of("double")),
            (Place::Integer, Place::Double)
        );
        assert_eq!((of("text"), of("")), (Place::Text, Place::PerValue));
        assert_eq!(placement("bool", ColumnKind::PerValueBoolean), None);
    }

    #[test]
    fn a_new_column_is_what_all_of_its_cells_are() {
        let of = |cells: &[&str]| OrderKind::of(cells.iter().copied());
        assert_eq!(of(&["1", "-20"]), OrderKind::Integer);
        assert_eq!(of(&["1", "2.5", "1e3"]), OrderKind::Number);
        assert_eq!(of(&["2026-11-22", "2024-02-29"]), OrderKind::Date);
        assert_eq!(
            of(&["2026-11-22", "2026-11-22 03:00:04"]),
            OrderKind::Moment
        );
        assert_eq!(of(&["2026-11-22", "yesterday"]), OrderKind::Text);
        assert_eq!(of(&["01", "x"]), OrderKind::Text);
    }

    #[test]
    fn what_a_column_does_not_take_is_refused() {
        use IncomingOrder::{Cell, Integer, Number, Text};
        let told = |place: OrderPlacement, incoming: IncomingOrder| place.value(&incoming).err();
        for time in [Integer(7), Number(0.5), Text("7".into()), Cell("7".into())] {
            assert!(
                told(OrderPlacement::Moment, time.clone()).is_some(),
                "{time:?}"
            );
            assert!(told(OrderPlacement::Date, time).is_some());
        }
        let hours = Text("2026-11-22T03:00:00Z".into());
        assert_eq!(
            told(OrderPlacement::Date, hours).as_deref(),
            Some(
                "expected a date, such as 2026-11-22, as the column takes, found \
                 \"2026-11-22T03:00:00Z\""
            )
        );
        assert!(told(OrderPlacement::Date, Text("2026-11-22T00:00:00Z".into())).is_none());
        assert!(told(OrderPlacement::Integer, Number(2.5)).is_some());
        assert!(told(OrderPlacement::Integer, Text("2".into())).is_some());
        assert!(told(OrderPlacement::Double, Cell("inf".into())).is_some());
        assert!(told(OrderPlacement::MomentText, Integer(1_795_000_000)).is_none());
    }
}
