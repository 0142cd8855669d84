//! What a table looks like: its columns, their order and their types, asked of the catalogue.
//!
//! A name that is not there is refused with the nearest that is. Turned down: reading the columns
//! and seeing what happens, since SQLite takes an unknown unqualified name for a string.

use super::database::is_sqlite;
use super::{DatasetTable, StoreError};
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement,
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

/// A column as the database declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as it is.
    pub name: String,
    /// Its type in the database's own word.
    pub declared: String,
    /// What can be made of it.
    pub kind: ColumnKind,
}

/// The kinds of column that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// A double.
    Double,
    /// Whole numbers and single floats: numbers that fit a double's range.
    Integer,
    /// A float of single precision.
    Single,
    /// A decimal of any size.
    Decimal,
    /// True and false.
    Boolean,
    /// Text, enumerations included.
    Text,
    /// SQLite: each value has a type of its own.
    PerValue,
    /// The same, declared as a boolean: 0 and 1 are false and true.
    PerValueBoolean,
    /// Dates, blobs, documents and the rest.
    Other,
}

/// The columns of the table, in order.
///
/// # Errors
/// [`StoreError::UnknownTable`] with the nearest name, and what the database says.
pub(super) async fn load_columns(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
) -> Result<Vec<Column>, StoreError> {
    let sqlite = is_sqlite(db.get_database_backend());
    let select = if sqlite {
        sqlite_columns(table)
    } else {
        postgres_columns(table)
    };
    let rows = db.query_all(&select).await?;
    let decode = if sqlite {
        sqlite_column
    } else {
        postgres_column
    };
    let columns: Vec<Column> = rows.iter().map(decode).collect::<Result<_, DbErr>>()?;
    if columns.is_empty() {
        return Err(unknown_table(db, table).await?);
    }
    Ok(columns)
}

/// The column of this name, or the refusal that names the nearest.
///
/// # Errors
/// [`StoreError::UnknownColumn`].
pub(super) fn require_column<'a>(
    columns: &'a [Column],
    table: &DatasetTable,
    name: &str,
) -> Result<&'a Column, StoreError> {
    columns
        .iter()
        .find(|column| column.name == name)
        .ok_or_else(|| StoreError::UnknownColumn {
            table: table.table.clone(),
            column: name.to_owned(),
            nearest: nearest(name, columns.iter().map(|column| column.name.as_str())),
        })
}

fn sqlite_columns(table: &DatasetTable) -> SelectStatement {
    let described = Func::cust("pragma_table_info").arg(table.table.as_str());
    Query::select()
        .column(("described", "name"))
        .column(("described", "type"))
        .from_function(described, "described")
        .order_by(("described", "cid"), Order::Asc)
        .take()
}

fn sqlite_column(row: &QueryResult) -> Result<Column, DbErr> {
    let declared: String = row.try_get_by_index(1)?;
    let boolean = declared.to_ascii_uppercase().starts_with("BOOL");
    let kind = if boolean {
        ColumnKind::PerValueBoolean
    } else {
        ColumnKind::PerValue
    };
    Ok(Column {
        name: row.try_get_by_index(0)?,
        declared,
        kind,
    })
}

/// `pg_attribute` and not `information_schema`, which leaves out materialized views.
fn postgres_columns(table: &DatasetTable) -> SelectStatement {
    let base_name = Func::coalesce([Expr::col(("b", "typname")), Expr::col(("t", "typname"))]);
    let mut select = Query::select();
    select
        .expr(Expr::col(("a", "attname")).cast_as("text"))
        .expr(Expr::expr(base_name).cast_as("text"))
        .expr(Expr::col(("t", "typcategory")).cast_as("text"))
        .from_as(("pg_catalog", "pg_attribute"), "a");
    join_catalog(&mut select, "pg_class", "c", ("a", "attrelid"));
    join_catalog(&mut select, "pg_namespace", "n", ("c", "relnamespace"));
    join_catalog(&mut select, "pg_type", "t", ("a", "atttypid"));
    let base = Expr::col(("b", "oid")).equals(("t", "typbasetype"));
    select
        .join_as(JoinType::LeftJoin, ("pg_catalog", "pg_type"), "b", base)
        .cond_where(in_schema(table))
        .and_where(Expr::col(("c", "relname")).eq(table.table.as_str()))
        .and_where(Expr::col(("a", "attnum")).gt(0))
        .and_where(Expr::col(("a", "attisdropped")).eq(false))
        .order_by(("a", "attnum"), Order::Asc)
        .take()
}

/// Joins a table of the catalogue by its `oid`.
pub(super) fn join_catalog(
    select: &mut SelectStatement,
    table: &'static str,
    alias: &'static str,
    reference: (&'static str, &'static str),
) {
    let same = Expr::col((alias, "oid")).equals(reference);
    select.join_as(JoinType::InnerJoin, ("pg_catalog", table), alias, same);
}

/// Tables and views of the schema as configured, else those that the search path makes visible.
pub(super) fn in_schema(table: &DatasetTable) -> Condition {
    let place = match &table.schema {
        Some(schema) => Expr::col(("n", "nspname")).eq(schema.as_str()),
        None => Func::cust("pg_table_is_visible")
            .arg(Expr::col(("c", "oid")))
            .into(),
    };
    let kind = Expr::col(("c", "relkind"))
        .cast_as("text")
        .is_in(["r", "p", "v", "m", "f"]);
    Condition::all().add(place).add(kind)
}

fn postgres_column(row: &QueryResult) -> Result<Column, DbErr> {
    let declared: String = row.try_get_by_index(1)?;
    let category: String = row.try_get_by_index(2)?;
    let kind = match (declared.as_str(), category.as_str()) {
        ("float8", _) => ColumnKind::Double,
        ("float4", _) => ColumnKind::Single,
        ("int2" | "int4" | "int8", _) => ColumnKind::Integer,
        ("numeric", _) => ColumnKind::Decimal,
        ("bool", _) => ColumnKind::Boolean,
        (_, "S" | "E") => ColumnKind::Text,
        _ => ColumnKind::Other,
    };
    Ok(Column {
        name: row.try_get_by_index(0)?,
        declared,
        kind,
    })
}

async fn unknown_table(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
) -> Result<StoreError, StoreError> {
    let select = if is_sqlite(db.get_database_backend()) {
        Query::select()
            .column("name")
            .from("sqlite_master")
            .and_where(Expr::col("type").is_in(["table", "view"]))
            .take()
    } else {
        let mut select = Query::select();
        select
            .expr(Expr::col(("c", "relname")).cast_as("text"))
            .from_as(("pg_catalog", "pg_class"), "c");
        join_catalog(&mut select, "pg_namespace", "n", ("c", "relnamespace"));
        select.cond_where(in_schema(table)).take()
    };
    let rows = db.query_all(&select).await?;
    let names: Vec<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, DbErr>>()?;
    Ok(StoreError::UnknownTable {
        table: table.to_string(),
        nearest: nearest(&table.table, names.iter().map(String::as_str)),
    })
}

/// The most similar name, if it is similar enough to be meant.
fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    candidates
        .filter(|candidate| !candidate.starts_with("pg_") && !candidate.starts_with("sqlite_"))
        .map(|candidate| {
            let alike = strsim::jaro_winkler(&name.to_lowercase(), &candidate.to_lowercase());
            (alike, candidate)
        })
        .filter(|(alike, _)| *alike > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_one_meant() {
        let names = ["observations", "orders", "data", "pg_data"];
        assert_eq!(nearest("Data", names.into_iter()).as_deref(), Some("data"));
        assert_eq!(
            nearest("observation", names.into_iter()).as_deref(),
            Some("observations")
        );
        assert_eq!(nearest("zzz", names.into_iter()), None);
    }
}
