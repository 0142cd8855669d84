//! Which columns alone name a row: asked of the catalogue.
//!
//! A partial index, one over several columns or over an expression does not count: an upsert could
//! not be decided by it. Nor does a deferred constraint.

use super::catalog::{in_schema, join_catalog};
use super::database::is_sqlite;
use super::{DatasetTable, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

/// The columns with a unique index of their own, the primary key's included, each once.
///
/// # Errors
/// What the database says.
pub(super) async fn load_unique_columns(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
) -> Result<Vec<String>, StoreError> {
    let mut found = if is_sqlite(db.get_database_backend()) {
        let mut found = sqlite_alone(db, &sqlite_primary_key(table)).await?;
        for index in names(db, &sqlite_unique_indexes(table)).await? {
            let columns = sqlite_index_columns(&index.unwrap_or_default());
            found.extend(sqlite_alone(db, &columns).await?);
        }
        found
    } else {
        let found = names(db, &postgres_indexes(table)).await?;
        found.into_iter().flatten().collect()
    };
    found.sort();
    found.dedup();
    Ok(found)
}

/// The only column of an index or key, if it has one only.
async fn sqlite_alone(
    db: &impl ConnectionTrait,
    select: &SelectStatement,
) -> Result<Vec<String>, StoreError> {
    let names = names(db, select).await?;
    Ok(match <[Option<String>; 1]>::try_from(names) {
        Ok([Some(only)]) => vec![only],
        _ => Vec::new(),
    })
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

fn postgres_indexes(table: &DatasetTable) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::col(("a", "attname")).cast_as("text"))
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
        .and_where(Expr::col(("i", "indkey")).cast_as("text").eq(number))
        .and_where(Expr::col(("i", "indpred")).is_null())
        .and_where(Expr::col(("i", "indexprs")).is_null());
    for property in ["indisunique", "indisvalid", "indimmediate"] {
        select.and_where(Expr::col(("i", property)).eq(true));
    }
    select
}
