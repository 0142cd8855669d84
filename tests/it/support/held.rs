//! A dataset that nobody can read until it is let go: whoever works on a run stays at its first step.
//!
//! PostgreSQL: an open transaction that has altered the table. SQLite: the rows are in a file of their
//! own, which an exclusive transaction keeps; a reader waits ten seconds for it.

use super::database::{Engine, TestDatabase};
use super::rows::load_two_features;
use sea_orm::sea_query::{Alias, ColumnDef, Table};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

/// The table `data` of two features, in one database or beside it.
pub(crate) struct HeldDataset {
    rows: DatabaseConnection,
    engine: Engine,
    _file: Option<TestDatabase>,
    url: String,
}

impl HeldDataset {
    /// Makes the table; nothing is held yet.
    pub(crate) async fn new(database: &TestDatabase, rows: usize) -> Self {
        let engine = database.engine();
        let file = match engine {
            Engine::Sqlite => Some(TestDatabase::new(Engine::Sqlite).await),
            Engine::Postgres => None,
        };
        let place = file.as_ref().unwrap_or(database);
        let (url, connection) = (place.url(), place.connect().await);
        load_two_features(&connection, rows, 7).await;
        Self {
            rows: connection,
            engine,
            _file: file,
            url,
        }
    }

    /// Where the rows are, for `[dataset] url`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Holds it until the transaction is rolled back.
    pub(crate) async fn hold(&self) -> DatabaseTransaction {
        if self.engine == Engine::Sqlite {
            let exclusive = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Exclusive),
                ..Default::default()
            };
            return self.rows.begin_with_options(exclusive).await.unwrap();
        }
        hold_table(&self.rows, "data").await
    }
}

/// PostgreSQL: a table that nobody reads until the transaction is rolled back.
pub(crate) async fn hold_table(db: &DatabaseConnection, table: &str) -> DatabaseTransaction {
    let transaction = db.begin().await.unwrap();
    let column = ColumnDef::new(Alias::new("held")).integer().take();
    let alter = Table::alter()
        .table(Alias::new(table))
        .add_column(column)
        .take();
    transaction.execute(&alter).await.unwrap();
    transaction
}
