//! Enumerations of PostgreSQL: a column of one takes text by a cast only, and only its own labels.

use super::catalog::{in_schema, join_catalog};
use super::database::is_sqlite;
use super::{DatasetTable, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::HashMap;

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Enumeration {
    schema: String,
    name: String,
    labels: Vec<String>,
}

impl Enumeration {
    /// A text as a value of it.
    pub(super) fn value(&self, text: Option<&str>) -> Expr {
        let text = Expr::val(text.map(str::to_owned));
        Func::cast_as_quoted(text, (self.schema.clone(), self.name.clone())).into()
    }

    /// Refuses what is none of its labels.
    ///
    /// # Errors
    /// What it takes, and what was found.
    pub(super) fn check(&self, text: &str) -> Result<(), String> {
        if self.labels.iter().any(|label| label == text) {
            return Ok(());
        }
        let labels: Vec<String> = self.labels.iter().map(|one| format!("{one:?}")).collect();
        Err(format!(
            "expected one of {}, as the column takes, found {text:?}",
            labels.join(", ")
        ))
    }
}

/// The table's columns that are of an enumeration, by name.
///
/// # Errors
/// What the database says.
pub(super) async fn load_enumerations(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
) -> Result<HashMap<String, Enumeration>, StoreError> {
    let mut found: HashMap<String, Enumeration> = HashMap::new();
    if is_sqlite(db.get_database_backend()) {
        return Ok(found);
    }
    for row in db.query_all(&labels(table)).await? {
        let text = |index| -> Result<String, DbErr> { row.try_get_by_index(index) };
        let enumeration = found.entry(text(0)?).or_insert(Enumeration {
            schema: text(1)?,
            name: text(2)?,
            labels: Vec::new(),
        });
        enumeration.labels.push(text(3)?);
    }
    Ok(found)
}

/// A row a label; a domain over an enumeration counts as the enumeration.
fn labels(table: &DatasetTable) -> SelectStatement {
    let mut select = Query::select();
    for name in [
        ("a", "attname"),
        ("s", "nspname"),
        ("t", "typname"),
        ("e", "enumlabel"),
    ] {
        select.expr(Expr::col(name).cast_as("text"));
    }
    select.from_as(("pg_catalog", "pg_attribute"), "a");
    join_catalog(&mut select, "pg_class", "c", ("a", "attrelid"));
    join_catalog(&mut select, "pg_namespace", "n", ("c", "relnamespace"));
    join_catalog(&mut select, "pg_type", "d", ("a", "atttypid"));
    let own = Expr::col(("t", "oid")).equals(("d", "oid"));
    let base = Expr::col(("t", "oid")).equals(("d", "typbasetype"));
    let types = ("pg_catalog", "pg_type");
    select.join_as(JoinType::InnerJoin, types, "t", own.or(base));
    join_catalog(&mut select, "pg_namespace", "s", ("t", "typnamespace"));
    let of_the_type = Expr::col(("e", "enumtypid")).equals(("t", "oid"));
    let labels = ("pg_catalog", "pg_enum");
    select
        .join_as(JoinType::InnerJoin, labels, "e", of_the_type)
        .cond_where(in_schema(table))
        .and_where(Expr::col(("c", "relname")).eq(table.table.as_str()))
        .and_where(Expr::col(("a", "attnum")).gt(0))
        .and_where(Expr::col(("a", "attisdropped")).eq(false))
        .order_by(("e", "enumsortorder"), Order::Asc)
        .take()
}
