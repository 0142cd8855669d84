//! Runs of one model and schema: asked for here, claimed by the retrainer.
//!
//! Concurrency: any number of replicas share the queue through its table. In this process whoever
//! makes a run wakes the worker; other replicas look every `poll_interval_seconds`.

use super::timetable::Timetable;
use crate::clock::Clock;
use crate::store::{
    CoveredTrigger, Database, Enqueued, NewRun, StoreError, Ticked, TrainingRun, Trigger,
};
use crate::telemetry::current_trace_parent;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio::sync::Notify;

/// The queue of one model and schema.
#[derive(Debug, Clone)]
pub struct TrainingQueue {
    database: Database,
    model: String,
    schema_fingerprint: String,
    clock: Arc<dyn Clock>,
    worker: String,
    limits: QueueLimits,
    made: Arc<Notify>,
}

/// What a queue is held to.
#[derive(Debug, Clone, Copy)]
pub struct QueueLimits {
    /// How long a worker's heart may stop before its run is taken over.
    pub claim_ttl_seconds: u64,
    /// How many runs are remembered.
    pub keep_runs: u64,
}

/// What came of taking a run back.
#[derive(Debug, Clone, PartialEq)]
pub enum Cancelled {
    /// It is cancelled.
    Done(TrainingRun),
    /// It had ended before.
    Over(TrainingRun),
    /// There is no such run of this model.
    Unknown,
}

impl TrainingQueue {
    /// The queue of this model and schema, as this process sees it.
    #[must_use]
    pub fn new(
        database: Database,
        model: String,
        schema_fingerprint: String,
        clock: Arc<dyn Clock>,
        limits: QueueLimits,
    ) -> Self {
        Self {
            database,
            model,
            schema_fingerprint,
            clock,
            worker: uuid::Uuid::new_v4().to_string(),
            limits,
            made: Arc::default(),
        }
    }

    /// How long a worker's heart may stop.
    #[must_use]
    pub fn claim_ttl_seconds(&self) -> u64 {
        self.limits.claim_ttl_seconds
    }

    /// What tells this model and schema from others, the same for every replica.
    #[must_use]
    pub fn identity(&self) -> String {
        format!("{} {}", self.model, self.schema_fingerprint)
    }

    fn new_run(&self, trigger: Trigger) -> NewRun<'_> {
        NewRun {
            model: &self.model,
            schema_fingerprint: &self.schema_fingerprint,
            trigger,
            requested_by: None,
            trace_parent: None,
            scheduled_for: None,
            now: self.clock.now(),
        }
    }

    /// Makes a run, unless one waits or works already. A start or new rows that find one are recorded
    /// as covered by it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn enqueue(&self, trigger: Trigger) -> Result<Enqueued, StoreError> {
        let asking = current_trace_parent();
        let new = NewRun {
            trace_parent: asking.as_deref(),
            ..self.new_run(trigger)
        };
        let enqueued = self.database.enqueue_run(new).await?;
        match &enqueued {
            Enqueued::Made(_) => self.made.notify_one(),
            Enqueued::Covered(run) if matches!(trigger, Trigger::Start | Trigger::NewRows) => {
                self.database.record_covered(new, run).await?;
            }
            Enqueued::Covered(_) => {}
        }
        Ok(enqueued)
    }

    /// Makes a run that somebody asks for, unless one waits or works already.
    ///
    /// # Errors
    /// What the store says.
    pub async fn request(&self, by: &str) -> Result<Enqueued, StoreError> {
        let asking = current_trace_parent();
        let new = NewRun {
            trace_parent: asking.as_deref(),
            requested_by: Some(by),
            ..self.new_run(Trigger::Request)
        };
        let enqueued = self.database.enqueue_run(new).await?;
        if matches!(enqueued, Enqueued::Made(_)) {
            self.made.notify_one();
        }
        Ok(enqueued)
    }

    /// Records a tick and makes its run, unless one waits or works already.
    ///
    /// # Errors
    /// What the store says; the tick is then still owed.
    pub async fn enqueue_tick(&self, tick: DateTime<Utc>) -> Result<Ticked, StoreError> {
        let new = NewRun {
            scheduled_for: Some(tick),
            ..self.new_run(Trigger::Schedule)
        };
        let ticked = self.database.enqueue_tick(new, tick).await?;
        if matches!(ticked, Ticked::Made(_)) {
            self.made.notify_one();
        }
        Ok(ticked)
    }

    /// The newest tick that was recorded; where there is none the schedule begins here, and no tick
    /// before `beginning` is owed.
    ///
    /// # Errors
    /// What the store says.
    pub async fn begin_schedule(
        &self,
        beginning: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, StoreError> {
        let (model, schema) = (&self.model, &self.schema_fingerprint);
        if let Some(newest) = self.database.find_newest_tick(model, schema).await? {
            return Ok(newest);
        }
        let new = self.new_run(Trigger::Schedule);
        self.database.begin_schedule(new, beginning).await?;
        Ok(beginning)
    }

    /// When a schedule ticks next; its jitter comes on top.
    #[must_use]
    pub fn next_tick(&self, timetable: &Timetable) -> Option<DateTime<Utc>> {
        let now = self.clock.now();
        timetable.next(now, now)
    }

    /// Waits until this process made a run.
    pub async fn made(&self) {
        self.made.notified().await;
    }

    /// Takes the run that waits, or one whose worker died.
    ///
    /// # Errors
    /// What the store says.
    pub async fn claim(&self) -> Result<Option<TrainingRun>, StoreError> {
        let (model, schema) = (&self.model, &self.schema_fingerprint);
        let (ttl, now) = (self.limits.claim_ttl_seconds, self.clock.now());
        self.database
            .claim_run(model, schema, &self.worker, ttl, now)
            .await
    }

    /// Takes a run of this model back: one that waits, or one that works on whichever replica.
    ///
    /// # Errors
    /// What the store says.
    pub async fn cancel(&self, id: &str) -> Result<Cancelled, StoreError> {
        let now = self.clock.now();
        let cancelled = self.database.cancel_run(&self.model, id, now).await?;
        Ok(match self.find(id).await? {
            Some(run) if cancelled => Cancelled::Done(run),
            Some(run) => Cancelled::Over(run),
            None => Cancelled::Unknown,
        })
    }

    /// Forgets what is older than `keep_runs`.
    ///
    /// # Errors
    /// What the store says.
    pub async fn prune(&self) -> Result<u64, StoreError> {
        let (model, schema) = (&self.model, &self.schema_fingerprint);
        self.database
            .prune_runs(model, schema, self.limits.keep_runs)
            .await
    }

    /// The run of this model with this id.
    ///
    /// # Errors
    /// What the store says.
    pub async fn find(&self, id: &str) -> Result<Option<TrainingRun>, StoreError> {
        let run = self.database.find_run(id).await?;
        Ok(run.filter(|run| run.model == self.model))
    }

    /// At most `limit` runs of this model, of any schema, with an id below `before`, newest first.
    ///
    /// # Errors
    /// What the store says.
    pub async fn list(
        &self,
        before: Option<&str>,
        limit: u64,
    ) -> Result<Vec<TrainingRun>, StoreError> {
        self.database.list_runs(&self.model, before, limit).await
    }

    /// The causes that this run covers, newest first, the first hundred.
    ///
    /// # Errors
    /// What the store says.
    pub async fn list_covered(&self, run: &TrainingRun) -> Result<Vec<CoveredTrigger>, StoreError> {
        self.database.list_covered(run).await
    }

    /// The newest run, whatever became of it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn find_newest(&self) -> Result<Option<TrainingRun>, StoreError> {
        self.database
            .find_newest_run(&self.model, &self.schema_fingerprint)
            .await
    }

    /// The newest run that ended promoted or kept.
    ///
    /// # Errors
    /// What the store says.
    pub async fn find_newest_judged(&self) -> Result<Option<TrainingRun>, StoreError> {
        self.database
            .find_newest_judged_run(&self.model, &self.schema_fingerprint)
            .await
    }

    /// The newest run that judged this version as its champion.
    ///
    /// # Errors
    /// What the store says.
    pub async fn find_newest_judging(
        &self,
        version: i32,
    ) -> Result<Option<TrainingRun>, StoreError> {
        let (model, schema) = (&self.model, &self.schema_fingerprint);
        let database = &self.database;
        database
            .find_newest_run_that_judged(model, schema, version)
            .await
    }
}
