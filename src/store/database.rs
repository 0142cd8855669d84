//! The pools: one for our own tables, one for reading the dataset.
//!
//! Both are lazy: opening them asks nobody, so a service comes up without its database. A training
//! read may last minutes: it has a pool of its own without a statement timeout, so that it neither
//! starves the registry nor is cut off. On SQLite our own file is in WAL mode, where readers and a
//! writer do not wait for each other; a dataset in another file is opened read-only, untouched.

use super::bounded::{Bounded, BoundedTransaction, within};
use super::open_pools::{connect, dataset_pool, own_pool};
use super::sqlite_file::SqliteFile;
use super::{StoreError, watched_calls};
use crate::telemetry::DatabaseInstruments;
use migration::{Release, StepStatus};
use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use std::time::Duration;

/// How to open the pools.
#[derive(Clone)]
pub struct DatabaseOptions {
    /// Where our own tables are.
    pub url: String,
    /// Where the dataset is, when it is elsewhere.
    pub dataset_url: Option<String>,
    /// The most connections of the pool for our own tables.
    pub max_connections: u32,
    /// Connections kept open.
    pub min_connections: u32,
    /// How long a caller waits for a connection.
    pub acquire_timeout: Duration,
    /// When an unused connection is closed.
    pub idle_timeout: Duration,
    /// When the server gives up on a statement of ours (PostgreSQL).
    pub statement_timeout: Duration,
    /// What measures every call; nothing does where it is absent.
    pub instruments: Option<DatabaseInstruments>,
}

/// How long the end of a process waits for a read that was given up.
const LONGEST_CLOSE: Duration = Duration::from_secs(1);

/// How long a read of many rows waits for the first or the next of them, and a migration for its end.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);

/// What a statement has on this side beyond what the server gives it.
const GRACE: Duration = Duration::from_secs(1);

/// The two pools. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    own: Bounded,
    dataset: Bounded,
    /// Where the dataset is a SQLite file.
    dataset_file: Option<SqliteFile>,
    instruments: Option<DatabaseInstruments>,
}

impl Database {
    /// Prepares the pools without asking the database.
    ///
    /// # Errors
    /// [`StoreError::Url`] for a URL that cannot be read.
    pub async fn open(options: &DatabaseOptions) -> Result<Self, StoreError> {
        let mut own = connect(&own_pool(options)).await?;
        let mut dataset = connect(&dataset_pool(options)).await?;
        for pool in [&mut own, &mut dataset] {
            if let Some(instruments) = &options.instruments {
                watched_calls::watch(pool, instruments.clone());
            }
        }
        let limit = options.acquire_timeout + options.statement_timeout + GRACE;
        let dataset_file = SqliteFile::of(dataset_pool(options).url());
        Ok(Self {
            own: Bounded::new(own, limit),
            dataset: Bounded::new(dataset, limit),
            dataset_file,
            instruments: options.instruments.clone(),
        })
    }

    /// The pool for our own tables.
    pub(super) fn own(&self) -> &Bounded {
        &self.own
    }

    /// The pool for reading the dataset: for what the catalog tells.
    pub(super) fn dataset(&self) -> &Bounded {
        &self.dataset
    }

    /// The same for what takes as long as there are rows.
    pub(super) fn dataset_rows(&self) -> Bounded {
        self.dataset.for_as_long_as(LONGEST_SILENCE)
    }

    /// A read-only transaction that sees one state of the dataset (SQLite in WAL mode: any read
    /// transaction does).
    pub(super) async fn snapshot(&self) -> Result<BoundedTransaction, StoreError> {
        let rows = self.dataset_rows();
        let pool = rows.pool();
        if is_sqlite(pool.get_database_backend()) {
            return Ok(rows.begin(pool.begin()).await?);
        }
        let isolation = Some(IsolationLevel::RepeatableRead);
        let begun = pool.begin_with_config(isolation, Some(AccessMode::ReadOnly));
        Ok(rows.begin(begun).await?)
    }

    /// The dataset's file, where it is in SQLite.
    pub(super) fn dataset_file(&self) -> Option<&SqliteFile> {
        self.dataset_file.as_ref()
    }

    /// What measures every call; nothing does where it is absent.
    pub(super) fn instruments(&self) -> Option<&DatabaseInstruments> {
        self.instruments.as_ref()
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] and what else the database says.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.own.ping().await?)
    }

    /// Brings our own tables up to date and gives the names of the steps applied. Steps of a newer
    /// logitd stay.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where one of those breaks us, and what the database said; nothing is
    /// half applied.
    pub async fn migrate_up(&self) -> Result<Vec<String>, StoreError> {
        let steps = self.migration_status().await?;
        if steps.iter().all(|step| step.applied) {
            migration::check(&steps, Release::ours())?;
            return Ok(Vec::new());
        }
        let applied = within(LONGEST_SILENCE, migration::up(self.own.pool()));
        Ok(applied.await?)
    }

    /// Takes the last steps back and gives their names.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where the last step is a newer logitd's, and what the database said.
    pub async fn migrate_down(&self, steps: u32) -> Result<Vec<String>, StoreError> {
        let taken_back = within(LONGEST_SILENCE, migration::down(self.own.pool(), steps));
        Ok(taken_back.await?)
    }

    /// Every step and whether the database holds it.
    ///
    /// # Errors
    /// What the database said.
    pub async fn migration_status(&self) -> Result<Vec<StepStatus>, StoreError> {
        let status = within(self.own.limit(), migration::status(self.own.pool()));
        Ok(status.await?)
    }

    /// The steps that a newer logitd has applied, which are left alone.
    ///
    /// # Errors
    /// What the database said.
    pub async fn newer_steps(&self) -> Result<Vec<String>, StoreError> {
        let steps = self.migration_status().await?.into_iter();
        let newer = steps.filter(|step| !step.known);
        Ok(newer.map(|step| step.name).collect())
    }

    /// Refuses tables that we cannot work on, changing nothing.
    ///
    /// # Errors
    /// [`StoreError::NotMigrated`] with the number of missing steps, [`StoreError::Newer`] where a
    /// newer logitd's step breaks us.
    pub async fn require_migrated(&self) -> Result<(), StoreError> {
        let steps = self.migration_status().await?;
        migration::check(&steps, Release::ours())?;
        match steps.iter().filter(|step| !step.applied).count() {
            0 => Ok(()),
            missing => Err(StoreError::NotMigrated { missing }),
        }
    }

    /// Closes both pools. What is in use of our own tables is waited for; a read of the dataset, which
    /// nobody waits for any more, not for long.
    ///
    /// # Errors
    /// What the driver said.
    pub async fn close(self) -> Result<(), StoreError> {
        if let Ok(closed) =
            tokio::time::timeout(LONGEST_CLOSE, self.dataset.pool().clone().close()).await
        {
            closed?;
        }
        Ok(self.own.pool().clone().close().await?)
    }
}

/// A transaction that is going to write. On SQLite it says so at once: one that reads first and
/// writes later is refused when another wrote in between, however long it would wait.
pub(super) async fn begin_writing(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    db.begin_with_options(options).await
}

/// Whether a connection speaks to SQLite; there are only two engines here.
pub(super) fn is_sqlite(backend: DbBackend) -> bool {
    backend == DbBackend::Sqlite
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(url: &str) -> DatabaseOptions {
        DatabaseOptions {
            url: url.into(),
            dataset_url: None,
            max_connections: 1,
            min_connections: 0,
            acquire_timeout: Duration::from_secs(1),
            idle_timeout: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(1),
            instruments: None,
        }
    }

    #[tokio::test]
    async fn a_url_that_cannot_be_read_is_told_without_its_text() {
        for url in ["postgres://u:hunter2@h:x/db", "sqlite://x?mode=hunter2"] {
            let error = Database::open(&options(url)).await.unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(
                told.contains("[database] url") && !told.contains("hunter2"),
                "{told}"
            );
        }
    }

    #[tokio::test]
    async fn opening_asks_nobody() {
        for url in [
            "sqlite:///no/such/directory/x.db",
            "postgres://nobody@127.0.0.1:1/x",
        ] {
            let database = Database::open(&options(url)).await.unwrap();
            assert!(database.ping().await.is_err(), "{url}");
        }
    }
}
