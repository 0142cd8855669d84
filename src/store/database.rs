//! The pools: one for our own tables, one for reading the dataset.
//!
//! Both are lazy: opening them asks nobody, so a service comes up without its database. A training
//! read may last minutes: it has a pool of its own without a statement timeout, so that it neither
//! starves the registry nor is cut off. On SQLite our own file is in WAL mode, where readers and a
//! writer do not wait for each other; a dataset in another file is opened read-only, untouched.

use super::{StoreError, watched_calls};
use crate::telemetry::DatabaseInstruments;
use migration::{Release, StepStatus};
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, SqlxSqliteConnector, TransactionOptions, TransactionTrait,
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
        let mut own = connect(&own_pool(options)).await?;
        let mut dataset = connect(&dataset_pool(options)).await?;
        for pool in [&mut own, &mut dataset] {
            if let Some(instruments) = &options.instruments {
                watched_calls::watch(pool, instruments.clone());
            }
        }
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

    /// Brings our own tables up to date and gives the names of the steps applied. Steps of a newer
    /// logitd stay.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where one of those breaks us, and what the database said; nothing is
    /// half applied.
    pub async fn migrate_up(&self) -> Result<Vec<String>, StoreError> {
        Ok(migration::up(&self.own).await?)
    }

    /// Takes the last steps back and gives their names.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where the last step is a newer logitd's, and what the database said.
    pub async fn migrate_down(&self, steps: u32) -> Result<Vec<String>, StoreError> {
        Ok(migration::down(&self.own, steps).await?)
    }

    /// Every step and whether the database holds it.
    ///
    /// # Errors
    /// What the database said.
    pub async fn migration_status(&self) -> Result<Vec<StepStatus>, StoreError> {
        Ok(migration::status(&self.own).await?)
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
        if let Ok(closed) = tokio::time::timeout(LONGEST_CLOSE, self.dataset.close()).await {
            closed?;
        }
        Ok(self.own.close().await?)
    }
}

/// One connection that may write where the dataset is. A file of somebody else's keeps its journal
/// mode; ours is in WAL mode from the start, whoever makes it.
///
/// # Errors
/// [`StoreError::Url`] for a URL that cannot be read.
pub(super) async fn connect_for_writing(
    options: &DatabaseOptions,
) -> Result<DatabaseConnection, StoreError> {
    connect(&Pool {
        application: "logitd import",
        max_connections: 1,
        writable: true,
        create: true,
        wal: options.dataset_url.is_none(),
        ..dataset_pool(options)
    })
    .await
}

/// A few connections that may write where the dataset is, while the service answers.
///
/// # Errors
/// [`StoreError::Url`] for a URL that cannot be read.
pub(super) async fn connect_for_observations(
    options: &DatabaseOptions,
) -> Result<DatabaseConnection, StoreError> {
    connect(&Pool {
        application: "logitd observations",
        max_connections: options.max_connections,
        writable: true,
        statement_timeout: Some(options.statement_timeout),
        wal: options.dataset_url.is_none(),
        ..dataset_pool(options)
    })
    .await
}

/// How one pool is opened.
struct Pool<'a> {
    url: &'a str,
    setting: &'static str,
    application: &'static str,
    max_connections: u32,
    min_connections: u32,
    acquire_timeout: Duration,
    idle_timeout: Duration,
    statement_timeout: Option<Duration>,
    /// SQLite: the file may be written; otherwise it is only read.
    writable: bool,
    /// SQLite: the file is made where it is missing.
    create: bool,
    /// SQLite: the file is in WAL mode, which is set where the file is made.
    wal: bool,
}

fn own_pool(options: &DatabaseOptions) -> Pool<'_> {
    Pool {
        url: &options.url,
        setting: "[database] url",
        application: "logitd",
        max_connections: options.max_connections,
        min_connections: options.min_connections,
        acquire_timeout: options.acquire_timeout,
        idle_timeout: options.idle_timeout,
        statement_timeout: Some(options.statement_timeout),
        writable: true,
        create: true,
        wal: true,
    }
}

fn dataset_pool(options: &DatabaseOptions) -> Pool<'_> {
    let elsewhere = options.dataset_url.as_deref();
    Pool {
        url: elsewhere.unwrap_or(&options.url),
        setting: if elsewhere.is_some() {
            "[dataset] url"
        } else {
            "[database] url"
        },
        application: "logitd dataset",
        max_connections: 2,
        min_connections: 0,
        statement_timeout: None,
        writable: elsewhere.is_none(),
        create: false,
        wal: false,
        ..own_pool(options)
    }
}

/// Prepares a pool. A URL that cannot be read is told without its text: it may hold a password.
async fn connect(pool: &Pool<'_>) -> Result<DatabaseConnection, StoreError> {
    let unreadable = || StoreError::Url {
        setting: pool.setting,
        detail: "it cannot be read as the URL of a SQLite file or a PostgreSQL database",
    };
    if pool.url.starts_with("sqlite:") {
        if pool.url.contains(":memory:") {
            let detail = "an in-memory SQLite database is not shared by a pool; name a file";
            return Err(StoreError::Url {
                setting: pool.setting,
                detail,
            });
        }
        return connect_sqlite(pool).ok_or_else(unreadable);
    }
    let mut options = ConnectOptions::new(driver_url(pool.url));
    options
        .max_connections(pool.max_connections)
        .min_connections(pool.min_connections)
        .acquire_timeout(pool.acquire_timeout)
        .idle_timeout(pool.idle_timeout)
        .set_application_name(pool.application)
        .sqlx_logging(false)
        .connect_lazy(true);
    if let Some(timeout) = pool.statement_timeout {
        options.statement_timeout(timeout);
    }
    sea_orm::Database::connect(options)
        .await
        .map_err(|_| unreadable())
}

/// Not through sea-orm's own `connect`, which asks the file for its version although it is lazy: a
/// service has to come up without its file.
fn connect_sqlite(pool: &Pool<'_>) -> Option<DatabaseConnection> {
    let mut file: SqliteConnectOptions = pool.url.parse().ok()?;
    file = file
        .busy_timeout(Duration::from_secs(10))
        .disable_statement_logging();
    file = if pool.writable {
        file.create_if_missing(pool.create)
    } else {
        file.read_only(true)
    };
    if pool.wal {
        file = file.journal_mode(SqliteJournalMode::Wal).foreign_keys(true);
    }
    let options = SqlitePoolOptions::new()
        .max_connections(pool.max_connections)
        .min_connections(pool.min_connections)
        .acquire_timeout(pool.acquire_timeout)
        .idle_timeout(pool.idle_timeout);
    Some(SqlxSqliteConnector::from_sqlx_sqlite_pool(
        options.connect_lazy_with(file),
    ))
}

/// sea-orm knows `postgres://` only.
fn driver_url(url: &str) -> String {
    match url.strip_prefix("postgresql://") {
        Some(rest) => format!("postgres://{rest}"),
        None => url.to_owned(),
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
