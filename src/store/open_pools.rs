//! How each pool is opened: for our own tables, for reading the dataset, for writing into it.

use super::pool_checks::{ConnectionChecks, outside_transactions};
use super::{DatabaseOptions, StoreError};
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sea_orm::{ConnectOptions, DatabaseConnection, SqlxSqliteConnector};
use std::time::Duration;

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
pub(super) struct Pool<'a> {
    url: &'a str,
    setting: &'static str,
    application: &'static str,
    max_connections: u32,
    min_connections: u32,
    acquire_timeout: Duration,
    idle_timeout: Duration,
    /// When the server gives up on a statement, if ever.
    statement_timeout: Option<Duration>,
    /// How long a statement that nobody waits for any more may keep its connection.
    longest_statement: Duration,
    /// SQLite: the file may be written; otherwise it is only read.
    writable: bool,
    /// SQLite: the file is made where it is missing.
    create: bool,
    /// SQLite: the file is in WAL mode, which is set where the file is made.
    wal: bool,
}

impl<'a> Pool<'a> {
    /// As configured.
    pub(super) fn url(&self) -> &'a str {
        self.url
    }
}

pub(super) fn own_pool(options: &DatabaseOptions) -> Pool<'_> {
    Pool {
        url: &options.url,
        setting: "[database] url",
        application: "logitd",
        max_connections: options.max_connections,
        min_connections: options.min_connections,
        acquire_timeout: options.acquire_timeout,
        idle_timeout: options.idle_timeout,
        statement_timeout: Some(options.statement_timeout),
        longest_statement: options.statement_timeout,
        writable: true,
        create: true,
        wal: true,
    }
}

pub(super) fn dataset_pool(options: &DatabaseOptions) -> Pool<'_> {
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
pub(super) async fn connect(pool: &Pool<'_>) -> Result<DatabaseConnection, StoreError> {
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
    let looks = ConnectionChecks {
        before_use: pool.acquire_timeout / 4,
        after_use: pool.acquire_timeout + pool.longest_statement,
    };
    options.map_sqlx_postgres_pool_opts(move |pool| looks.on(pool));
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
        outside_transactions(options).connect_lazy_with(file),
    ))
}

/// sea-orm knows `postgres://` only.
fn driver_url(url: &str) -> String {
    match url.strip_prefix("postgresql://") {
        Some(rest) => format!("postgres://{rest}"),
        None => url.to_owned(),
    }
}
