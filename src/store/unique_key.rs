//! Whether the key's column alone names a row: asked of the catalogue.
//!
//! A partial index, one over several columns or over an expression does not count: an upsert could
//! not be decided by it. Nor does a deferred constraint.

use super::catalog::{in_schema, join_catalog};
use super::database::is_sqlite;
use super::{DatasetTable, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

/// Whether there is a unique index on this column alone.
///
/// # Errors
/// What the database says.
pub(super) async fn is_unique(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
    key: &str,
) -> Result<bool, StoreError> {
    if !is_sqlite(db.get_database_backend()) {
        return Ok(db.query_one(&postgres_index(table, key)).await?.is_some());
    }
    if names(db, &sqlite_primary_key(table)).await? == [Some(key.to_owned())] {
        return Ok(true);
    }
    for index in names(db, &sqlite_unique_indexes(table)).await? {
        let columns = sqlite_index_columns(&index.unwrap_or_default());
        if names(db, &columns).await? == [Some(key.to_owned())] {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn names(
    db: &impl ConnectionTrait,
    select: &SelectStatement,
) -> Result<Vec<Option<String>>, StoreError> {
    let rows = db.query_all(select).await?;
    let first = |row: &QueryResult| row.try_get_by_index(0);
    Ok(rows.iter().map(first).collect::<Result<_, DbErr>>()?)
}

fn sqlite_primary_key(table: &DatasetTable) -> SelectStatement {
    let described = Func::cust("pragma_table_info").arg(table.table.as_str());
    Query::select()
        .column(("described", "name"))
        .from_function(described, "described")
        .and_where(Expr::col(("described", "pk")).gt(0))
        .take()
}

fn sqlite_unique_indexes(table: &DatasetTable) -> SelectStatement {
    let listed = Func::cust("pragma_index_list").arg(table.table.as_str());
    Query::select()
        .column(("listed", "name"))
        .from_function(listed, "listed")
        .and_where(Expr::col(("listed", "unique")).eq(1))
        .and_where(Expr::col(("listed", "partial")).eq(0))
        .take()
}

fn sqlite_index_columns(index: &str) -> SelectStatement {
    let described = Func::cust("pragma_index_info").arg(index);
    Query::select()
        .column(("described", "name"))
        .from_function(described, "described")
        .take()
}

fn postgres_index(table: &DatasetTable, key: &str) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::col(("i", "indkey")).cast_as("text"))
        .from_as(("pg_catalog", "pg_index"), "i");
    join_catalog(&mut select, "pg_class", "c", ("i", "indrelid"));
    join_catalog(&mut select, "pg_namespace", "n", ("c", "relnamespace"));
    let same = Expr::col(("a", "attrelid")).equals(("c", "oid"));
    let columns = ("pg_catalog", "pg_attribute");
    let number = Expr::col(("a", "attnum")).cast_as("text");
    select
        .join_as(JoinType::InnerJoin, columns, "a", same)
        .cond_where(in_schema(table))
        .and_where(Expr::col(("c", "relname")).eq(table.table.as_str()))
        .and_where(Expr::col(("a", "attname")).eq(key))
        .and_where(Expr::col(("i", "indkey")).cast_as("text").eq(number))
        .and_where(Expr::col(("i", "indpred")).is_null())
        .and_where(Expr::col(("i", "indexprs")).is_null());
    for property in ["indisunique", "indisvalid", "indimmediate"] {
        select.and_where(Expr::col(("i", property)).eq(true));
    }
    select
}
