//! Looks, chooses, writes the file.

use super::super::arguments::InitArguments;
use super::super::failure::Failure;
use super::super::output;
use super::super::unreachable::Unreachable;
use super::cautions::cautions;
use super::choice::{NoChoice, Wanted, choose, refuse_two_things};
use super::document::{Subject, document};
use crate::config::{Config, ConfigError, Environment, Secret};
use crate::store::{Database, DatabaseOptions, DatasetTable, Inspection, StoreError};
use std::fs::{OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// The URL is a secret.
const OWNER_ONLY: u32 = 0o600;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum InitError {
    #[error("replace {0:?}, which is there already; --force does it, --out names another file")]
    Exists(PathBuf),
    #[error("take --schema: SQLite has no schemas; leave it out")]
    Schema,
    #[error("take --database-url: {0}")]
    Url(&'static str),
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    #[error("{source}; --schema names another schema than those on the search path")]
    Elsewhere { source: StoreError },
    #[error("{source}; a view can make such a column of it")]
    Unusable { source: StoreError },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NoChoice(#[from] NoChoice),
    #[error("make a configuration that works:\n{0}")]
    Config(#[from] ConfigError),
    #[error("write {path:?}")]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

pub(in crate::cli) async fn run(arguments: InitArguments) -> Result<ExitCode, Failure> {
    let failed = Failure::of("write a configuration");
    init(&arguments)
        .await
        .map_err(|error| failed(error.into()))?;
    Ok(ExitCode::SUCCESS)
}

async fn init(arguments: &InitArguments) -> Result<(), InitError> {
    if !arguments.force && arguments.out.exists() {
        return Err(InitError::Exists(arguments.out.clone()));
    }
    let wanted = Wanted {
        target: &arguments.target,
        features: &arguments.features,
        key: arguments.key.as_deref(),
    };
    refuse_two_things(wanted)?;
    let inspection = inspect(arguments).await?;
    let choice = choose(&inspection, wanted)?;
    let cautions = cautions(&inspection, &choice);
    let subject = Subject {
        url: &arguments.database_url,
        table: &arguments.table,
        schema: arguments.schema.as_deref(),
        target: &arguments.target,
    };
    let text = document(subject, &inspection, &choice, &cautions);
    Config::parse(
        &text,
        &arguments.out.to_string_lossy(),
        &Environment::default(),
    )?;
    write(&arguments.out, arguments.force, &text)?;
    for caution in &cautions {
        output::tell(format!("worth a look: {caution}"));
    }
    output::say(format!(
        "wrote {}: {} rows, {} classes, {} features of {} columns; the file says why",
        arguments.out.display(),
        inspection.rows,
        inspection.labels.counts.len(),
        choice.features.len(),
        inspection.columns.len()
    ));
    output::say(format!("next: {}", next(&arguments.out)));
    Ok(())
}

fn next(out: &Path) -> String {
    match out == Path::new("logitd.toml") {
        true => "logitd train, then logitd serve".to_owned(),
        false => {
            let config = format!("--config {}", out.display());
            format!("logitd train {config}, then logitd serve {config}")
        }
    }
}

async fn inspect(arguments: &InitArguments) -> Result<Inspection, InitError> {
    let url = Secret::new(&arguments.database_url);
    if arguments.schema.is_some() && url.is_sqlite() {
        return Err(InitError::Schema);
    }
    let opened = Database::open(&options(&url)).await;
    let database = opened.map_err(|error| told(error, arguments, &url))?;
    let table = DatasetTable {
        table: arguments.table.clone(),
        schema: arguments.schema.clone(),
        key: arguments.key.clone(),
        order: None,
    };
    let found = database
        .inspect(&table, &arguments.target, &arguments.features)
        .await;
    // What was found counts; a connection that does not close well is gone with the process.
    let _ = database.close().await;
    found.map_err(|error| told(error, arguments, &url))
}

/// With what to do about it.
fn told(error: StoreError, arguments: &InitArguments, url: &Secret) -> InitError {
    match error {
        StoreError::Url { detail, .. } => InitError::Url(detail),
        source if source.is_unavailable() => {
            InitError::Unreachable(Unreachable::at(url, "--database-url", source))
        }
        source @ StoreError::UnknownTable { nearest: None, .. }
            if arguments.schema.is_none() && !url.is_sqlite() =>
        {
            InitError::Elsewhere { source }
        }
        source @ StoreError::UnusableColumn { .. } => InitError::Unusable { source },
        other => InitError::Store(other),
    }
}

/// Only the pool for a dataset is used: it reads, and makes no file.
fn options(url: &Secret) -> DatabaseOptions {
    DatabaseOptions {
        url: url.expose().to_owned(),
        dataset_url: Some(url.expose().to_owned()),
        max_connections: 1,
        min_connections: 0,
        acquire_timeout: Duration::from_secs(5),
        idle_timeout: Duration::from_secs(60),
        statement_timeout: Duration::from_secs(60),
        instruments: None,
    }
}

/// Writes the file for its owner only; one that is there is replaced only by force.
fn write(path: &Path, force: bool, text: &str) -> Result<(), InitError> {
    let failed = |source: std::io::Error| match source.kind() {
        ErrorKind::AlreadyExists => InitError::Exists(path.to_owned()),
        _ => InitError::Write {
            path: path.to_owned(),
            source,
        },
    };
    let mut options = OpenOptions::new();
    options.write(true).mode(OWNER_ONLY);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let mut file = options.open(path).map_err(failed)?;
    // One that was there keeps its mode otherwise.
    file.set_permissions(Permissions::from_mode(OWNER_ONLY))
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
