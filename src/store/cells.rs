//! One value of a row, decoded by what its column is.
//!
//! PostgreSQL knows a column's type beforehand, so each column is asked for in the one form that
//! decodes without loss: doubles as they are, integers and single floats cast to double, decimals
//! as text (a cast of a huge one would end the whole query), labels and keys as text. SQLite keeps
//! a type with each value and is never asked to cast: `CAST('abc' AS REAL)` is 0.0 without an error.

use super::StoreError;
use super::catalog::{Column, ColumnKind};
use crate::learning::Cell;
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::sqlx::{Row, TypeInfo, Value, ValueRef};
use sea_orm::{DbErr, QueryResult};

/// The alias under which the dataset's table is read; every column is qualified with it.
pub(super) const TABLE: &str = "dataset";

/// What a column is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A number to learn from.
    Feature,
    /// The class of the row.
    Label,
    /// The name of the row.
    Key,
    /// What says which rows are newer.
    Order,
}

/// How one column is asked for and decoded.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    name: String,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Double,
    CastToDouble,
    DecimalAsText,
    CastToInteger,
    Boolean,
    CastToText,
    /// Seconds since 1970 in UTC: a time or a date.
    Epoch,
    PerValue,
    /// SQLite, declared as a boolean: 0 and 1 are false and true.
    PerValueBoolean,
}

impl Reading {
    /// Chooses the form.
    ///
    /// # Errors
    /// [`StoreError::UnusableColumn`] when the type cannot serve the purpose.
    pub(super) fn of(column: &Column, purpose: Purpose) -> Result<Self, StoreError> {
        use ColumnKind as Kind;
        let form = match (purpose, column.kind) {
            (Purpose::Label, Kind::Boolean) => Form::Boolean,
            (Purpose::Label, Kind::PerValueBoolean) => Form::PerValueBoolean,
            (_, Kind::PerValue | Kind::PerValueBoolean) => Form::PerValue,
            (Purpose::Feature, Kind::Double) => Form::Double,
            (Purpose::Feature, Kind::Integer | Kind::Single) => Form::CastToDouble,
            (Purpose::Feature, Kind::Decimal) => Form::DecimalAsText,
            (Purpose::Order, Kind::Double | Kind::Single) => Form::CastToDouble,
            (Purpose::Order, Kind::Decimal) => Form::DecimalAsText,
            (Purpose::Order, Kind::Other) if is_moment(column) => Form::Epoch,
            (Purpose::Label | Purpose::Order, Kind::Integer) => Form::CastToInteger,
            (Purpose::Label | Purpose::Order, Kind::Text) | (Purpose::Key, _) => Form::CastToText,
            _ => return Err(unusable(column, purpose)),
        };
        Ok(Self {
            name: column.name.clone(),
            form,
        })
    }

    /// The expression that asks for the column.
    pub(super) fn expression(&self) -> Expr {
        let column = Expr::col((TABLE, self.name.clone()));
        match self.form {
            Form::CastToDouble => column.cast_as("double precision"),
            Form::DecimalAsText | Form::CastToText => column.cast_as("text"),
            Form::CastToInteger => column.cast_as("bigint"),
            Form::Epoch => Func::cust("date_part").arg("epoch").arg(column).into(),
            Form::Double | Form::Boolean | Form::PerValue | Form::PerValueBoolean => column,
        }
    }

    /// The cell of a value as SQLite stores it, read past the driver.
    pub(super) fn of_file(&self, value: rusqlite::types::ValueRef<'_>) -> Cell {
        use rusqlite::types::ValueRef;
        let cell = match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(value) => Cell::Integer(value),
            ValueRef::Real(value) => Cell::Number(value),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Cell::Text(text.to_owned()),
                Err(_) => Cell::Other("text that is not UTF-8".into()),
            },
            ValueRef::Blob(_) => Cell::Other("a blob".into()),
        };
        match self.form {
            Form::PerValueBoolean => as_boolean(cell),
            _ => cell,
        }
    }

    /// Decodes the value at this place of the row.
    ///
    /// # Errors
    /// What the driver says; a value that cannot be used is a cell, not an error.
    pub(super) fn decode(&self, row: &QueryResult, index: usize) -> Result<Cell, DbErr> {
        match self.form {
            Form::Double | Form::CastToDouble => double(row, index),
            Form::DecimalAsText => decimal(row.try_get_by_index(index)?),
            Form::CastToInteger => Ok(row
                .try_get_by_index::<Option<i64>>(index)?
                .map_or(Cell::Null, Cell::Integer)),
            Form::Boolean => Ok(row
                .try_get_by_index::<Option<bool>>(index)?
                .map_or(Cell::Null, Cell::Boolean)),
            Form::CastToText => Ok(row
                .try_get_by_index::<Option<String>>(index)?
                .map_or(Cell::Null, Cell::Text)),
            Form::Epoch => row.try_get_by_index(index).map(moment),
            Form::PerValue => sqlite_value(row, index),
            Form::PerValueBoolean => sqlite_value(row, index).map(as_boolean),
        }
    }
}

/// The refusal of a column by its declared type.
pub(super) fn unusable(column: &Column, purpose: Purpose) -> StoreError {
    StoreError::UnusableColumn {
        column: column.name.clone(),
        found: column.declared.clone(),
        purpose: match purpose {
            Purpose::Feature => "a feature, which takes a numeric type",
            Purpose::Label => "the target, which takes text, an integer or a boolean",
            Purpose::Key => "the key",
            Purpose::Order => "the order, which takes a time, a date, a number or text",
        },
    }
}

/// PostgreSQL's times and dates; a time of day alone is not newer than another day's.
fn is_moment(column: &Column) -> bool {
    ["timestamptz", "timestamp", "date"].contains(&column.declared.as_str())
}

/// To the microsecond, which is what PostgreSQL keeps: a double holds as much for the next
/// two hundred years.
fn moment(seconds: Option<f64>) -> Cell {
    match seconds {
        None => Cell::Null,
        Some(seconds) if seconds.is_finite() => Cell::Moment((seconds * 1e6).round() as i64),
        Some(_) => Cell::Other("an infinite time".into()),
    }
}

/// Asked of the driver's own row: the select says that it is a double, so that nobody has to look for
/// each value whether its type fits, which took as long as all the rest of a row.
fn double(row: &QueryResult, index: usize) -> Result<Cell, DbErr> {
    let value: Option<f64> = match row.try_as_pg_row() {
        Some(row) => row
            .try_get_unchecked(index)
            .map_err(|error| DbErr::Type(error.to_string()))?,
        None => row.try_get_by_index(index)?,
    };
    Ok(value.map_or(Cell::Null, Cell::Number))
}

/// What a column declared as a boolean holds in SQLite: 0 and 1, or the words; nothing else is one.
fn as_boolean(cell: Cell) -> Cell {
    match cell {
        Cell::Integer(0) => Cell::Boolean(false),
        Cell::Integer(1) => Cell::Boolean(true),
        Cell::Text(word) => match word.to_ascii_lowercase().as_str() {
            "false" => Cell::Boolean(false),
            "true" => Cell::Boolean(true),
            _ => Cell::Other(format!("the text {word:?} in a boolean column")),
        },
        Cell::Integer(value) => Cell::Other(format!("{value} in a boolean column")),
        Cell::Number(value) => Cell::Other(format!("{value} in a boolean column")),
        null_or_other => null_or_other,
    }
}

/// A decimal too large for a double becomes infinite here and is refused as such.
fn decimal(value: Option<String>) -> Result<Cell, DbErr> {
    Ok(match value {
        None => Cell::Null,
        Some(text) => match text.parse() {
            Ok(number) => Cell::Number(number),
            Err(_) => Cell::Text(text),
        },
    })
}

/// The value as SQLite stores it, never cast.
pub(super) fn sqlite_value(row: &QueryResult, index: usize) -> Result<Cell, DbErr> {
    let Some(row) = row.try_as_sqlite_row() else {
        return Err(DbErr::Type("expected a row of SQLite".into()));
    };
    let decoding = |error: sea_orm::SqlxError| DbErr::Type(error.to_string());
    let value = row.try_get_raw(index).map_err(decoding)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let value = value.to_owned();
    let kind = value.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INTEGER" => Cell::Integer(value.try_decode_unchecked().map_err(decoding)?),
        "REAL" => Cell::Number(value.try_decode_unchecked().map_err(decoding)?),
        "TEXT" => match value.try_decode_unchecked() {
            Ok(text) => Cell::Text(text),
            Err(_) => Cell::Other("text that is not UTF-8".into()),
        },
        "BLOB" => Cell::Other("a blob".into()),
        other => Cell::Other(other.to_lowercase()),
    })
}
