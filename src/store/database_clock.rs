//! The database's own clock, as an expression: replicas need not agree on the time.

use super::database::is_sqlite;
use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, Func};

/// Seconds since 1970 as a double, by the database's clock.
pub(super) fn now_seconds(backend: DbBackend) -> Expr {
    if is_sqlite(backend) {
        // `subsec` makes it a real number; SQLite 3.42 and newer.
        return Func::cust("unixepoch").arg("now").arg("subsec").into();
    }
    Func::cust("date_part")
        .arg("epoch")
        .arg(Func::cust("clock_timestamp"))
        .into()
}
