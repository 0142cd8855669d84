//! Which columns the primary key of a table has, asked of the catalogue. A view has none.

use super::catalog::{in_schema, join_catalog};
use super::database::is_sqlite;
use super::{DatasetTable, StoreError};
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};

/// The columns of the primary key, none where there is no such key.
///
/// # Errors
/// What the database says.
pub(super) async fn load_primary_key(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
) -> Result<Vec<String>, StoreError> {
    let select = if is_sqlite(db.get_database_backend()) {
        sqlite_key(table)
    } else {
        postgres_key(table)
    };
    let rows = db.query_all(&select).await?;
    let names: Result<_, DbErr> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    Ok(names?)
}

fn sqlite_key(table: &DatasetTable) -> SelectStatement {
    let described = Func::cust("pragma_table_info").arg(table.table.as_str());
    Query::select()
        .column(("described", "name"))
        .from_function(described, "described")
        .and_where(Expr::col(("described", "pk")).gt(0))
        .order_by(("described", "pk"), Order::Asc)
        .take()
}

fn postgres_key(table: &DatasetTable) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::col(("a", "attname")).cast_as("text"))
        .from_as(("pg_catalog", "pg_index"), "i");
    join_catalog(&mut select, "pg_class", "c", ("i", "indrelid"));
    join_catalog(&mut select, "pg_namespace", "n", ("c", "relnamespace"));
    let of_the_table = Expr::col(("a", "attrelid")).equals(("c", "oid"));
    let of_the_key = Expr::col(("a", "attnum")).eq(PgFunc::any(Expr::col(("i", "indkey"))));
    select
        .join_as(
            JoinType::InnerJoin,
            ("pg_catalog", "pg_attribute"),
            "a",
            of_the_table.and(of_the_key),
        )
        .cond_where(in_schema(table))
        .and_where(Expr::col(("c", "relname")).eq(table.table.as_str()))
        .and_where(Expr::col(("i", "indisprimary")).eq(true))
        .order_by(("a", "attnum"), Order::Asc)
        .take()
}
