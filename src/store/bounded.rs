//! Connections on which every statement ends, whatever became of the other side.
//!
//! A server that is cut off without a word (a network that drops packets, a machine that stands
//! still) leaves a statement waiting for good: its own limit on statements ends nothing for us. So
//! each statement, each look for a free connection and each row of a stream has a limit on this side
//! too. It is longer than the server's, whose words come first where it is alive.
//!
//! Concurrency: none of its own. What was given up in a transaction rolls it back: nobody can know
//! what became of it.
//!
//! Turned down: a limit around each job (a statement that is added later would have none), and the
//! keep-alive of TCP (the driver gives nobody its sockets).

use super::database::begin_writing;
use futures_util::{Stream, TryStreamExt};
use sea_orm::prelude::async_trait;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, Statement, StreamTrait,
};
use std::future::Future;
use std::time::Duration;

/// Waits for the other side, and not for good.
///
/// # Errors
/// What it said; that it is unavailable ([`DbErr::Conn`]) where it said nothing in time.
pub async fn within<T, E: From<DbErr>>(
    limit: Duration,
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    match tokio::time::timeout(limit, asked).await {
        Ok(answered) => answered,
        Err(_) => {
            let silent = format!("no answer within {} ms", limit.as_millis());
            Err(DbErr::Conn(RuntimeErr::Internal(silent)).into())
        }
    }
}

/// A pool whose statements end.
#[derive(Debug, Clone)]
pub(super) struct Bounded {
    pool: DatabaseConnection,
    limit: Duration,
}

impl Bounded {
    /// Each statement on this pool, with the wait for a connection, takes no longer than `limit`.
    pub(super) fn new(pool: DatabaseConnection, limit: Duration) -> Self {
        Self { pool, limit }
    }

    /// The same pool for statements that may take longer.
    pub(super) fn for_as_long_as(&self, limit: Duration) -> Self {
        Self::new(self.pool.clone(), limit)
    }

    /// The pool itself.
    pub(super) fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// How long a statement may take.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        within(self.limit, self.pool.ping()).await
    }

    /// As [`begin_writing`].
    pub(super) async fn begin_writing(&self) -> Result<BoundedTransaction, DbErr> {
        self.begin(begin_writing(&self.pool)).await
    }

    /// Begins as told.
    pub(super) async fn begin(
        &self,
        begun: impl Future<Output = Result<DatabaseTransaction, DbErr>>,
    ) -> Result<BoundedTransaction, DbErr> {
        Ok(BoundedTransaction {
            transaction: within(self.limit, begun).await?,
            limit: self.limit,
        })
    }
}

/// A transaction whose statements end.
#[derive(Debug)]
pub(super) struct BoundedTransaction {
    transaction: DatabaseTransaction,
    limit: Duration,
}

impl BoundedTransaction {
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        within(self.limit, self.transaction.commit()).await
    }

    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        within(self.limit, self.transaction.rollback()).await
    }

    /// The rows of a select as they come; [`next`](Self::next) waits for each.
    pub(super) async fn stream<'a>(
        &'a self,
        select: &SelectStatement,
    ) -> Result<impl Stream<Item = Result<QueryResult, DbErr>> + Send + Unpin + 'a, DbErr> {
        within(self.limit, self.transaction.stream(select)).await
    }

    /// The next row of a stream.
    pub(super) async fn next(
        &self,
        stream: &mut (impl Stream<Item = Result<QueryResult, DbErr>> + Unpin),
    ) -> Result<Option<QueryResult>, DbErr> {
        within(self.limit, stream.try_next()).await
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Bounded {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        within(self.limit, self.pool.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, _text: &str) -> Result<ExecResult, DbErr> {
        Err(no_text())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        within(self.limit, self.pool.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        within(self.limit, self.pool.query_all_raw(statement)).await
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for BoundedTransaction {
    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(&self.transaction)
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        within(self.limit, self.transaction.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, _text: &str) -> Result<ExecResult, DbErr> {
        Err(no_text())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        within(self.limit, self.transaction.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        within(self.limit, self.transaction.query_all_raw(statement)).await
    }
}

/// The trait has a door for statements as text; nobody here goes through it.
fn no_text() -> DbErr {
    DbErr::Custom("a statement as text is not taken".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[tokio::test]
    async fn what_is_never_answered_ends_and_may_be_asked_again() {
        // Takes the connection, and says nothing.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let mut options =
            sea_orm::ConnectOptions::new(format!("postgres://nobody@127.0.0.1:{port}/nothing"));
        options
            .acquire_timeout(Duration::from_secs(3600))
            .connect_lazy(true);
        let pool = sea_orm::Database::connect(options).await.unwrap();
        let bounded = Bounded::new(pool, Duration::from_millis(50));
        let failed: StoreError = bounded.ping().await.unwrap_err().into();
        assert!(failed.is_unavailable(), "{failed:?}");
        let failed: StoreError = bounded.begin_writing().await.unwrap_err().into();
        assert!(failed.is_unavailable(), "{failed:?}");
    }
}
