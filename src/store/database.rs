//! The pools: one for our own tables, one for reading the dataset.
//!
//! Both are lazy: opening them asks nobody, so a service comes up without its database. A training
//! read may last minutes: it has a pool of its own without a statement timeout, so that it neither
//! starves the registry nor is cut off. On SQLite our own file is in WAL mode, where readers and a
//! writer do not wait for each other; a dataset in another file is opened read-only, untouched.

use super::StoreError;
use migration::StepStatus;
use sea_orm::sqlx::sqlite::SqliteJournalMode;
use sea_orm::{ConnectOptions, DatabaseConnection, DbBackend, DbErr};
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
}

/// The two pools. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    own: DatabaseConnection,
    dataset: DatabaseConnection,
}

impl Database {
    /// Prepares the pools without asking the database.
    ///
    /// # Errors
    /// [`StoreError::Url`] for a URL that cannot be read.
    pub async fn open(options: &DatabaseOptions) -> Result<Self, StoreError> {
        let own = connect(own_pool(options)?).await?;
        let dataset = connect(dataset_pool(options)?).await?;
        Ok(Self { own, dataset })
    }

    /// The pool for our own tables.
    pub(super) fn own(&self) -> &DatabaseConnection {
        &self.own
    }

    /// The pool for reading the dataset.
    pub(super) fn dataset(&self) -> &DatabaseConnection {
        &self.dataset
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] and what else the database says.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.own.ping().await?)
    }

    /// Brings our own tables up to date and gives the names of the steps applied.
    ///
    /// # Errors
    /// What the database said; nothing is half applied.
    pub async fn migrate_up(&self) -> Result<Vec<String>, StoreError> {
        Ok(migration::up(&self.own).await?)
    }

    /// Takes the last steps back.
    ///
    /// # Errors
    /// What the database said.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        Ok(migration::down(&self.own, steps).await?)
    }

    /// Every step and whether the database holds it.
    ///
    /// # Errors
    /// What the database said.
    pub async fn migration_status(&self) -> Result<Vec<StepStatus>, StoreError> {
        Ok(migration::status(&self.own).await?)
    }

    /// Refuses tables that are behind, changing nothing.
    ///
    /// # Errors
    /// [`StoreError::NotMigrated`] with the number of missing steps.
    pub async fn require_migrated(&self) -> Result<(), StoreError> {
        let missing = self
            .migration_status()
            .await?
            .iter()
            .filter(|step| !step.applied)
            .count();
        if missing == 0 {
            Ok(())
        } else {
            Err(StoreError::NotMigrated { missing })
        }
    }

    /// Closes both pools; what is in use is waited for.
    ///
    /// # Errors
    /// What the driver said.
    pub async fn close(self) -> Result<(), StoreError> {
        self.dataset.close().await?;
        Ok(self.own.close().await?)
    }
}

async fn connect(options: ConnectOptions) -> Result<DatabaseConnection, StoreError> {
    sea_orm::Database::connect(options)
        .await
        .map_err(|error| match error {
            DbErr::Conn(cause) => StoreError::Url(cause.to_string()),
            other => StoreError::from(other),
        })
}

/// sea-orm knows `postgres://` only.
fn driver_url(url: &str) -> Result<String, StoreError> {
    if url.starts_with("sqlite:") && url.contains(":memory:") {
        let detail = "an in-memory SQLite database is not shared by a pool; name a file";
        return Err(StoreError::Url(detail.into()));
    }
    Ok(match url.strip_prefix("postgresql://") {
        Some(rest) => format!("postgres://{rest}"),
        None => url.to_owned(),
    })
}

fn own_pool(options: &DatabaseOptions) -> Result<ConnectOptions, StoreError> {
    let mut pool = ConnectOptions::new(driver_url(&options.url)?);
    pool.max_connections(options.max_connections)
        .min_connections(options.min_connections)
        .acquire_timeout(options.acquire_timeout)
        .idle_timeout(options.idle_timeout)
        .statement_timeout(options.statement_timeout)
        .set_application_name("logitd")
        .sqlx_logging(false)
        .connect_lazy(true);
    pool.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true)
    });
    Ok(pool)
}

fn dataset_pool(options: &DatabaseOptions) -> Result<ConnectOptions, StoreError> {
    let elsewhere = options.dataset_url.is_some();
    let url = options.dataset_url.as_deref().unwrap_or(&options.url);
    let mut pool = ConnectOptions::new(driver_url(url)?);
    pool.max_connections(2)
        .min_connections(0)
        .acquire_timeout(options.acquire_timeout)
        .idle_timeout(options.idle_timeout)
        .set_application_name("logitd dataset")
        .sqlx_logging(false)
        .connect_lazy(true);
    pool.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .read_only(elsewhere)
            .busy_timeout(Duration::from_secs(10))
    });
    Ok(pool)
}

/// Whether a connection speaks to SQLite; there are only two engines here.
pub(super) fn is_sqlite(backend: DbBackend) -> bool {
    backend == DbBackend::Sqlite
}
