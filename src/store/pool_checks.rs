//! When a connection of a pool is looked at, so that one that leads nowhere any more is replaced.
//!
//! The driver asks each connection for a sign of life before it lends it and when it comes back, and
//! waits for the answer for as long as the wait for a connection may last, or for good. After a
//! network that dropped packets each dead connection would then fail one call, and one that was in
//! use would keep its place in the pool until the operating system gives it up, a quarter of an hour
//! later. Here both have a limit of their own: what does not answer is closed, and another opened.
//!
//! SQLite takes a transaction back by itself where the disk is full or fails. The driver's own attempt
//! is then an error, and it goes on counting the transaction as begun: the next one on that connection
//! would be a savepoint within nothing, and what it is said to have written be lost one day. So a
//! connection that comes back within a transaction is closed.

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::{Connection, PgConnection, Postgres, Sqlite};
use std::time::Duration;

/// How long a connection may take for a sign of life.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConnectionChecks {
    /// Before it is lent: a part of the wait for a connection, so that there is time for another.
    pub(super) before_use: Duration,
    /// When it comes back, perhaps from a statement that nobody waits for any more: as long as the
    /// server may work on that.
    pub(super) after_use: Duration,
}

impl ConnectionChecks {
    /// Has a pool look.
    pub(super) fn on(self, pool: PoolOptions<Postgres>) -> PoolOptions<Postgres> {
        let (before, after) = (self.before_use, self.after_use);
        pool.test_before_acquire(false)
            .before_acquire(move |connection, _| {
                Box::pin(async move { Ok(answers(connection, before).await) })
            })
            .after_release(move |connection, _| {
                Box::pin(async move { Ok(answers(connection, after).await) })
            })
    }
}

/// Has a pool of a file take back only what is outside of any transaction.
pub(super) fn outside_transactions(pool: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    pool.after_release(|connection, _| {
        Box::pin(async move {
            // A transaction that was dropped is rolled back before this is answered.
            let alive = connection.ping().await.is_ok();
            Ok(alive && !connection.is_in_transaction())
        })
    })
}

async fn answers(connection: &mut PgConnection, limit: Duration) -> bool {
    matches!(
        tokio::time::timeout(limit, connection.ping()).await,
        Ok(Ok(()))
    )
}
