//! The users' tables that the tests read: made, filled and counted through the query builder.
//!
//! Shape: free functions over a connection; a name is any text, quoted by the builder, so that
//! `x"; DROP TABLE data; --` is a table like another. Turned down: SQL text, which would quote
//! once for each engine, and entities, which would fix the columns.

use sea_orm::sea_query::{
    Alias, ColumnDef, Expr, ExprTrait, Func, Order, Query, SelectStatement, Table, Value,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

/// SQLite binds at most this many values in a statement; PostgreSQL takes twice as many.
const MOST_VALUES: usize = 32_000;

/// What a column of a user's table may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// An integer primary key, filled by whoever inserts.
    IntegerKey,
    /// A text primary key.
    TextKey,
    /// 16 bits.
    SmallInteger,
    /// 32 bits.
    Integer,
    /// 64 bits.
    BigInteger,
    /// Single precision.
    Real,
    /// Double precision.
    Double,
    /// Exact decimals: 30 digits, 10 of them after the point.
    Numeric,
    /// Text of any length.
    Text,
    /// True or false.
    Boolean,
    /// A moment with its offset.
    Timestamp,
}

impl ColumnKind {
    fn define(self, name: &str) -> ColumnDef {
        let mut column = ColumnDef::new(Alias::new(name));
        match self {
            Self::IntegerKey => column.integer().primary_key(),
            Self::TextKey => column.text().primary_key(),
            Self::SmallInteger => column.small_integer(),
            Self::Integer => column.integer(),
            Self::BigInteger => column.big_integer(),
            Self::Real => column.float(),
            Self::Double => column.double(),
            Self::Numeric => column.decimal_len(30, 10),
            Self::Text => column.text(),
            Self::Boolean => column.boolean(),
            Self::Timestamp => column.timestamp_with_time_zone(),
        };
        column
    }
}

/// Creates the table `name`; every column but a key may be null.
pub(crate) async fn create_table<C: AsRef<str>>(
    db: &DatabaseConnection,
    name: &str,
    columns: &[(C, ColumnKind)],
) {
    let mut table = Table::create();
    table.table(Alias::new(name));
    for (column, kind) in columns {
        table.col(kind.define(column.as_ref()));
    }
    db.execute(&table).await.expect("create a table");
}

/// Removes the table `name`.
pub(crate) async fn drop_table(db: &DatabaseConnection, name: &str) {
    let table = Table::drop().table(Alias::new(name)).to_owned();
    db.execute(&table).await.expect("drop a table");
}

/// Gives the table `name` another one.
pub(crate) async fn rename_table(db: &DatabaseConnection, name: &str, other: &str) {
    let rename = Table::rename()
        .table(Alias::new(name), Alias::new(other))
        .to_owned();
    db.execute(&rename).await.expect("rename a table");
}

/// Inserts `rows` in one transaction; each row has one value a column, in their order.
pub(crate) async fn insert_rows<C: AsRef<str>>(
    db: &DatabaseConnection,
    table: &str,
    columns: &[C],
    rows: Vec<Vec<Value>>,
) {
    let transaction = db.begin().await.expect("begin");
    let rows_a_statement = (MOST_VALUES / columns.len()).clamp(1, 1_000);
    for batch in rows.chunks(rows_a_statement) {
        let mut insert = Query::insert();
        insert.into_table(Alias::new(table));
        insert.columns(columns.iter().map(|column| Alias::new(column.as_ref())));
        for row in batch {
            insert.values_panic(row.iter().cloned().map(Expr::val));
        }
        transaction.execute(&insert).await.expect("insert rows");
    }
    transaction.commit().await.expect("commit");
}

/// How many rows `table` has.
pub(crate) async fn count_rows(db: &DatabaseConnection, table: &str) -> u64 {
    let star = Expr::col(sea_orm::sea_query::Asterisk);
    let count = Query::select()
        .expr(Func::count(star))
        .from(Alias::new(table))
        .to_owned();
    let row = db
        .query_one(&count)
        .await
        .expect("count rows")
        .expect("one row");
    let count: i64 = row.try_get_by_index(0).expect("a count");
    u64::try_from(count).expect("not negative")
}

/// Every value of the named columns as text, null as `None`, in the order of the columns: equal
/// before and after is the proof that a table was left alone.
pub(crate) async fn read_all<C: AsRef<str>>(
    db: &DatabaseConnection,
    table: &str,
    columns: &[C],
) -> Vec<Vec<Option<String>>> {
    let rows = db
        .query_all(&every_value_as_text(table, columns))
        .await
        .expect("read rows");
    rows.iter()
        .map(|row| {
            (0..columns.len())
                .map(|index| row.try_get_by_index(index))
                .collect()
        })
        .collect::<Result<_, _>>()
        .expect("values as text")
}

fn every_value_as_text<C: AsRef<str>>(table: &str, columns: &[C]) -> SelectStatement {
    let mut select = Query::select();
    select.from(Alias::new(table));
    for column in columns {
        let name = (Alias::new(table), Alias::new(column.as_ref()));
        select.expr(Expr::col(name.clone()).cast_as("text"));
        select.order_by(name, Order::Asc);
    }
    select
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::database::on_both;

    const AWKWARD: [&str; 3] = ["Order Total", "select", "x\"; DROP TABLE data; --"];

    on_both!(awkward_names_are_names, |database| async {
        let db = database.connect().await;
        create_table(&db, "data", &[("id", ColumnKind::IntegerKey)]).await;
        for name in AWKWARD {
            create_table(
                &db,
                name,
                &AWKWARD.map(|column| (column, ColumnKind::Double)),
            )
            .await;
            let row = vec![
                Value::from(0.5),
                Value::from(None::<f64>),
                Value::from(-1e300),
            ];
            insert_rows(&db, name, &AWKWARD, vec![row]).await;
            assert_eq!(count_rows(&db, name).await, 1);
            let read = read_all(&db, name, &AWKWARD).await;
            assert_eq!(read[0][..2], [Some("0.5".to_owned()), None]);
            drop_table(&db, name).await;
        }
        assert_eq!(count_rows(&db, "data").await, 0);
    });

    on_both!(every_kind_keeps_a_value, |database| async {
        let db = database.connect().await;
        let moment = sea_orm::prelude::DateTimeUtc::UNIX_EPOCH;
        let cases = [
            (ColumnKind::IntegerKey, Value::from(7), "7"),
            (ColumnKind::TextKey, Value::from("Ada"), "Ada"),
            (ColumnKind::SmallInteger, Value::from(-3_i16), "-3"),
            (ColumnKind::Integer, Value::from(70_000), "70000"),
            (
                ColumnKind::BigInteger,
                Value::from(1_i64 << 40),
                "1099511627776",
            ),
            (ColumnKind::Real, Value::from(0.25_f32), "0.25"),
            (ColumnKind::Double, Value::from(0.1), "0.1"),
            (ColumnKind::Numeric, Value::from(12.5), "12.5"),
            (ColumnKind::Text, Value::from("a 'b'"), "a 'b'"),
            (ColumnKind::Timestamp, Value::from(moment), "1970-01-01"),
        ];
        for (kind, value, expected) in cases {
            let table = format!("{kind:?}");
            create_table(&db, &table, &[("value", kind)]).await;
            insert_rows(&db, &table, &["value"], vec![vec![value]]).await;
            let read = read_all(&db, &table, &["value"]).await;
            let text = read[0][0].as_deref().unwrap_or_default();
            assert!(text.starts_with(expected), "{kind:?} gave {text:?}");
        }
    });

    on_both!(a_boolean_is_read_back, |database| async {
        let db = database.connect().await;
        create_table(&db, "answers", &[("yes", ColumnKind::Boolean)]).await;
        insert_rows(&db, "answers", &["yes"], vec![vec![Value::from(true)]]).await;
        let read = read_all(&db, "answers", &["yes"]).await;
        // As each engine writes it: SQLite has no booleans of its own.
        assert!(matches!(read[0][0].as_deref(), Some("true" | "1")));
    });

    on_both!(many_rows_go_in_several_statements, |database| async {
        let db = database.connect().await;
        let columns: Vec<_> = (0..300).map(|n| format!("feature_{n}")).collect();
        let kinds: Vec<_> = columns
            .iter()
            .map(|name| (name, ColumnKind::Double))
            .collect();
        create_table(&db, "wide", &kinds).await;
        let rows = (0..250)
            .map(|row| vec![Value::from(f64::from(row)); 300])
            .collect();
        insert_rows(&db, "wide", &columns, rows).await;
        assert_eq!(count_rows(&db, "wide").await, 250);
    });
}
