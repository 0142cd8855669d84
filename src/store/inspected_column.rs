//! What one column holds: counts, extremes and the median.
//!
//! PostgreSQL is asked by the column's type. SQLite keeps a type with each value, so there the values
//! are counted by their type and never cast.

use super::catalog::{Column, ColumnKind};
use super::cells::{TABLE, sqlite_value};
use super::database::is_sqlite;
use super::{DatasetTable, StoreError};
use crate::learning::Cell;
use sea_orm::sea_query::{
    Expr, ExprTrait, Func, FunctionCall, Order, Query, SelectStatement, SimpleExpr,
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

/// What was found in a column.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectedColumn {
    /// Its name, type and kind.
    pub column: Column,
    /// Values that are not null.
    pub values: u64,
    /// Different values; none where the type knows no equality.
    pub distinct: Option<u64>,
    /// Values that are numbers.
    pub numbers: u64,
    /// Whether every number is stored as an integer.
    pub whole: bool,
    /// The smallest and the largest number.
    pub range: Option<(f64, f64)>,
    /// The number in the middle, of two the lower.
    pub median: Option<f64>,
}

/// Looks at one column.
///
/// # Errors
/// What the database says.
pub(super) async fn inspect_column(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
    column: Column,
) -> Result<InspectedColumn, StoreError> {
    let sqlite = is_sqlite(db.get_database_backend());
    let mut inspected = InspectedColumn {
        values: 0,
        distinct: Some(0),
        numbers: 0,
        whole: true,
        range: None,
        median: None,
        column,
    };
    if sqlite {
        let select = sqlite_counts(table, &inspected.column);
        for row in db.query_all(&select).await? {
            add_sqlite_values(&mut inspected, &row)?;
        }
    } else {
        let select = postgres_counts(table, &inspected.column);
        if let Some(row) = db.query_one(&select).await? {
            take_postgres_counts(&mut inspected, &row)?;
        }
    }
    if inspected.numbers > 0 {
        let select = median(table, &inspected, sqlite);
        if let Some(row) = db.query_one(&select).await? {
            inspected.median = if sqlite {
                number(&sqlite_value(&row, 0)?)
            } else {
                text_number(row.try_get_by_index(0)?)
            };
        }
    }
    Ok(inspected)
}

fn qualified(column: &Column) -> Expr {
    Expr::col((TABLE, column.name.clone()))
}

fn type_of(column: &Column) -> FunctionCall {
    Func::cust("typeof").arg(qualified(column))
}

/// PostgreSQL: which kinds are numbers.
fn is_number(kind: ColumnKind) -> bool {
    use ColumnKind as Kind;
    matches!(
        kind,
        Kind::Double | Kind::Single | Kind::Integer | Kind::Decimal
    )
}

fn postgres_counts(table: &DatasetTable, column: &Column) -> SelectStatement {
    let mut select = Query::select();
    select.expr(Func::count(qualified(column)));
    if column.kind != ColumnKind::Other {
        select.expr(Func::count_distinct(qualified(column)));
    }
    if is_number(column.kind) {
        // As text: a decimal may be larger than any double.
        select.expr(SimpleExpr::from(Func::min(qualified(column))).cast_as("text"));
        select.expr(SimpleExpr::from(Func::max(qualified(column))).cast_as("text"));
    }
    select.from_as(table.reference(), TABLE).take()
}

fn take_postgres_counts(into: &mut InspectedColumn, row: &QueryResult) -> Result<(), DbErr> {
    let kind = into.column.kind;
    into.values = count(row, 0)?;
    into.distinct = match kind {
        ColumnKind::Other => None,
        _ => Some(count(row, 1)?),
    };
    into.whole = kind == ColumnKind::Integer;
    if is_number(kind) {
        into.numbers = into.values;
        let (least, most) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        into.range = text_number(least).zip(text_number(most));
    }
    Ok(())
}

/// A row for each type that values of the column have.
fn sqlite_counts(table: &DatasetTable, column: &Column) -> SelectStatement {
    Query::select()
        .expr(type_of(column))
        .expr(Func::count(qualified(column)))
        .expr(Func::count_distinct(qualified(column)))
        .expr(Func::min(qualified(column)))
        .expr(Func::max(qualified(column)))
        .from_as(table.reference(), TABLE)
        .add_group_by([SimpleExpr::from(type_of(column))])
        .take()
}

fn add_sqlite_values(into: &mut InspectedColumn, row: &QueryResult) -> Result<(), DbErr> {
    let kind: String = row.try_get_by_index(0)?;
    let values = count(row, 1)?;
    into.values += values;
    into.distinct = into.distinct.zip(Some(count(row, 2)?)).map(|(a, b)| a + b);
    if kind != "integer" && kind != "real" {
        return Ok(());
    }
    into.numbers += values;
    into.whole &= kind == "integer";
    let least = number(&sqlite_value(row, 3)?);
    let found = least.zip(number(&sqlite_value(row, 4)?));
    into.range = match (into.range, found) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (before, found) => found.or(before),
    };
    Ok(())
}

fn median(table: &DatasetTable, inspected: &InspectedColumn, sqlite: bool) -> SelectStatement {
    let column = &inspected.column;
    let mut select = Query::select();
    if sqlite {
        select.expr(qualified(column));
        select.and_where(SimpleExpr::from(type_of(column)).is_in(["integer", "real"]));
    } else {
        select.expr(qualified(column).cast_as("text"));
        select.and_where(qualified(column).is_not_null());
    }
    select
        .from_as(table.reference(), TABLE)
        .order_by((TABLE, column.name.clone()), Order::Asc)
        .offset((inspected.numbers - 1) / 2)
        .limit(1)
        .take()
}

/// A count in a row.
pub(super) fn count(row: &QueryResult, index: usize) -> Result<u64, DbErr> {
    let count: i64 = row.try_get_by_index(index)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Integer(value) => Some(*value as f64),
        Cell::Number(value) => Some(*value),
        _ => None,
    }
}

fn text_number(text: Option<String>) -> Option<f64> {
    text.and_then(|text| text.parse().ok())
}
