//! Whether rows can be put into a table by someone who knows only some of its columns: asked of the
//! catalogue. It takes a base table, and no other column that must be given.

use super::catalog::{in_schema, join_catalog};
use super::database::is_sqlite;
use super::{DatasetTable, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};

/// Whether it is a table and no view.
///
/// # Errors
/// What the database says.
pub(super) async fn is_base_table(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
) -> Result<bool, StoreError> {
    let select = if is_sqlite(db.get_database_backend()) {
        let same = Expr::expr(Func::lower(Expr::col("name")));
        Query::select()
            .column("name")
            .from("sqlite_master")
            .and_where(Expr::col("type").eq("table"))
            .and_where(same.eq(Func::lower(Expr::val(table.table.as_str()))))
            .take()
    } else {
        let mut select = Query::select();
        select
            .expr(Expr::col(("c", "relname")).cast_as("text"))
            .from_as(("pg_catalog", "pg_class"), "c");
        join_catalog(&mut select, "pg_namespace", "n", ("c", "relnamespace"));
        let kind = Expr::col(("c", "relkind")).cast_as("text");
        select
            .cond_where(in_schema(table))
            .and_where(Expr::col(("c", "relname")).eq(table.table.as_str()))
            .and_where(kind.is_in(["r", "p"]))
            .take()
    };
    Ok(db.query_one(&select).await?.is_some())
}

/// The columns that take no null and have no value of their own: neither a default nor an identity.
///
/// # Errors
/// What the database says.
pub(super) async fn load_required_columns(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
) -> Result<Vec<String>, StoreError> {
    if is_sqlite(db.get_database_backend()) {
        return sqlite_required(db, table).await;
    }
    let rows = db.query_all(&postgres_required(table)).await?;
    let names: Result<_, DbErr> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    Ok(names?)
}

fn postgres_required(table: &DatasetTable) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::col(("a", "attname")).cast_as("text"))
        .from_as(("pg_catalog", "pg_class"), "c");
    join_catalog(&mut select, "pg_namespace", "n", ("c", "relnamespace"));
    let own = Expr::col(("a", "attrelid")).equals(("c", "oid"));
    let columns = ("pg_catalog", "pg_attribute");
    select
        .join_as(JoinType::InnerJoin, columns, "a", own)
        .cond_where(in_schema(table))
        .and_where(Expr::col(("c", "relname")).eq(table.table.as_str()))
        .and_where(Expr::col(("a", "attnum")).gt(0))
        .and_where(Expr::col(("a", "attisdropped")).eq(false))
        .and_where(Expr::col(("a", "attnotnull")).eq(true))
        .and_where(Expr::col(("a", "atthasdef")).eq(false))
        .and_where(Expr::col(("a", "attidentity")).cast_as("text").eq(""))
        .order_by(("a", "attnum"), Order::Asc)
        .take()
}

/// The one integer of the primary key is the row's own number, which SQLite gives.
async fn sqlite_required(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
) -> Result<Vec<String>, StoreError> {
    let described = Func::cust("pragma_table_info").arg(table.table.as_str());
    let select = Query::select()
        .column(("described", "name"))
        .column(("described", "type"))
        .column(("described", "notnull"))
        .column(("described", "dflt_value"))
        .column(("described", "pk"))
        .from_function(described, "described")
        .order_by(("described", "cid"), Order::Asc)
        .take();
    let rows = db.query_all(&select).await?;
    let in_key = |row| -> Result<bool, DbErr> { Ok(integer(row, 4)? > 0) };
    let keys = rows.iter().map(in_key).collect::<Result<Vec<_>, _>>()?;
    let alone = keys.iter().filter(|in_key| **in_key).count() == 1;
    let mut required = Vec::new();
    for (row, in_key) in rows.iter().zip(keys) {
        let declared: String = row.try_get_by_index(1)?;
        let numbers_itself = in_key && alone && declared.eq_ignore_ascii_case("integer");
        let default: Option<String> = row.try_get_by_index(3)?;
        if integer(row, 2)? != 0 && default.is_none() && !numbers_itself {
            required.push(row.try_get_by_index(0)?);
        }
    }
    Ok(required)
}

fn integer(row: &sea_orm::QueryResult, index: usize) -> Result<i64, DbErr> {
    row.try_get_by_index(index)
}
