//! Database, queue, retrainer and registry, made from a configuration.

use super::cores::{Cores, training_threads};
use crate::clock::Clock;
use crate::config::{Config, OnStart};
use crate::learning::{InvalidRecipe, Schema, Search, SplitRule};
use crate::retraining::{
    NewRows, QueueLimits, Retrainer, Ticker, Timetable, TrainingPlan, TrainingQueue,
};
use crate::serving::Registry;
use crate::store::{Database, DatabaseOptions, DatasetTable, StoreError};
use crate::telemetry::Telemetry;
use std::sync::Arc;
use std::time::Duration;

/// What training and serving share.
#[derive(Debug, Clone)]
pub struct Workshop {
    /// The pools.
    pub database: Database,
    /// Where the rows are.
    pub table: DatasetTable,
    /// What is learned from and for.
    pub schema: Arc<Schema>,
    /// The runs of this model and schema.
    pub queue: TrainingQueue,
    /// What works them off.
    pub retrainer: Retrainer,
    /// The versions of this model and schema.
    pub registry: Registry,
    /// When a run is made by itself.
    pub timetable: Option<Timetable>,
    /// What makes a run when rows have come.
    pub new_rows: Option<NewRows>,
    clock: Arc<dyn Clock>,
    /// What measures all of them.
    pub telemetry: Telemetry,
    migrate: bool,
}

/// Why it could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WorkshopError {
    /// The database's URL.
    #[error("prepare the database")]
    Store(#[from] StoreError),
    /// A penalty or the number of folds.
    #[error("use the penalties")]
    Recipe(#[from] InvalidRecipe),
}

impl Workshop {
    /// Puts it together without asking the database.
    ///
    /// # Errors
    /// [`WorkshopError`]: a URL or a penalty that cannot be used.
    pub async fn build(
        config: &Config,
        clock: Arc<dyn Clock>,
        cores: Cores,
        telemetry: &Telemetry,
    ) -> Result<Self, WorkshopError> {
        let database = open_database(config, telemetry).await?;
        let schema = Arc::new(config.dataset.learning_schema.clone());
        let model = config.model.name.clone();
        let table = dataset_table(config);
        let plan = plan(config, table.clone(), Arc::clone(&schema), cores)?;
        let fingerprint = schema.fingerprint();
        let queue = TrainingQueue::new(
            database.clone(),
            model.clone(),
            fingerprint.clone(),
            Arc::clone(&clock),
            queue_limits(config),
        );
        let (time, measured) = (Arc::clone(&clock), telemetry.clone());
        let retrainer = Retrainer::new(database.clone(), queue.clone(), time, plan, measured);
        let new_rows = config.training.timing.new_rows.map(|rows| {
            let (queue, database) = (queue.clone(), database.clone());
            NewRows::new(queue, database, table.clone(), Arc::clone(&clock), rows)
        });
        let registry = Registry::new(database.clone(), model, fingerprint);
        Ok(Self {
            timetable: timetable(config, &queue),
            new_rows,
            clock,
            database,
            table,
            schema,
            queue,
            retrainer,
            registry,
            telemetry: telemetry.clone(),
            migrate: config.database.migrate,
        })
    }

    /// What tells the time.
    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What asks for the run of every tick, where there is a schedule.
    #[must_use]
    pub fn ticker(&self) -> Option<Ticker> {
        let timetable = self.timetable.clone()?;
        Some(Ticker::new(
            self.queue.clone(),
            timetable,
            Arc::clone(&self.clock),
        ))
    }

    /// Brings our own tables up to date, or only checks them where `migrate = false`.
    ///
    /// # Errors
    /// What the store says.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        if self.migrate {
            for step in self.database.migrate_up().await? {
                tracing::info!(step, "applied a migration");
            }
        } else {
            self.database.require_migrated().await?;
        }
        for step in self.database.newer_steps().await? {
            tracing::warn!(step, "left a migration of a newer logitd alone");
        }
        Ok(())
    }
}

fn queue_limits(config: &Config) -> QueueLimits {
    QueueLimits {
        claim_ttl_seconds: config.training.claim_ttl_seconds,
        keep_runs: config.training.keep_runs,
    }
}

fn timetable(config: &Config, queue: &TrainingQueue) -> Option<Timetable> {
    let timing = &config.training.timing;
    let schedule = timing.schedule.clone()?;
    Some(Timetable::new(
        schedule,
        timing.jitter_seconds,
        queue.identity(),
    ))
}

fn plan(
    config: &Config,
    table: DatasetTable,
    schema: Arc<Schema>,
    cores: Cores,
) -> Result<TrainingPlan, InvalidRecipe> {
    let training = &config.training;
    Ok(TrainingPlan {
        model: config.model.name.clone(),
        database: database_identity(config),
        table,
        schema,
        maximum_rows: training.maximum_rows,
        tolerance: config.gate.tolerance,
        split: SplitRule {
            held_out_fraction: training.held_out_fraction,
            minimum_rows: training.minimum_rows,
        },
        search: Search::new(training.penalties.clone(), training.folds)?,
        seed: training.seed,
        threads: training_threads(training.threads, cores),
        refit: training.refit,
        train_at_every_start: training.on_start == OnStart::Always,
        code_version: env!("LOGITD_CODE_VERSION").to_owned(),
    })
}

async fn open_database(config: &Config, telemetry: &Telemetry) -> Result<Database, StoreError> {
    let options = DatabaseOptions {
        instruments: Some(telemetry.database()),
        ..database_options(config)
    };
    Database::open(&options).await
}

/// Where the rows are, as configured.
#[must_use]
pub fn dataset_table(config: &Config) -> DatasetTable {
    DatasetTable {
        table: config.dataset.table.clone(),
        schema: config.dataset.schema.clone(),
        key: config.dataset.key.clone(),
        order: config.dataset.order.clone(),
    }
}

/// Which database the rows are in.
fn database_identity(config: &Config) -> String {
    let own = &config.database.url;
    let url = config.dataset.url.as_ref().unwrap_or(own);
    url.database_identity()
}

/// How the pools are opened, as configured.
#[must_use]
pub fn database_options(config: &Config) -> DatabaseOptions {
    let database = &config.database;
    DatabaseOptions {
        url: database.url.expose().to_owned(),
        dataset_url: config
            .dataset
            .url
            .as_ref()
            .map(|url| url.expose().to_owned()),
        max_connections: database.max_connections,
        min_connections: database.min_connections,
        acquire_timeout: Duration::from_millis(database.acquire_timeout_ms),
        idle_timeout: Duration::from_secs(database.idle_timeout_seconds),
        statement_timeout: Duration::from_millis(database.statement_timeout_ms),
        instruments: None,
    }
}
