//! Runs of one model and schema: asked for here, claimed by the retrainer.

use crate::clock::Clock;
use crate::store::{Database, Enqueued, StoreError, TrainingRun, Trigger};
use std::sync::Arc;

/// The queue of one model and schema.
#[derive(Debug, Clone)]
pub struct TrainingQueue {
    database: Database,
    model: String,
    schema_fingerprint: String,
    clock: Arc<dyn Clock>,
    worker: String,
    claim_ttl_seconds: u64,
}

impl TrainingQueue {
    /// The queue of this model and schema, as this process sees it.
    ///
    /// `claim_ttl_seconds` is how long a worker's heart may stop before its run is taken over.
    #[must_use]
    pub fn new(
        database: Database,
        model: String,
        schema_fingerprint: String,
        clock: Arc<dyn Clock>,
        claim_ttl_seconds: u64,
    ) -> Self {
        let worker = uuid::Uuid::new_v4().to_string();
        Self {
            database,
            model,
            schema_fingerprint,
            clock,
            worker,
            claim_ttl_seconds,
        }
    }

    /// How long a worker's heart may stop.
    #[must_use]
    pub fn claim_ttl_seconds(&self) -> u64 {
        self.claim_ttl_seconds
    }

    /// Makes a run, unless one waits or works already.
    ///
    /// # Errors
    /// What the store says.
    pub async fn enqueue(&self, trigger: Trigger) -> Result<Enqueued, StoreError> {
        let now = self.clock.now();
        self.database
            .enqueue_run(&self.model, &self.schema_fingerprint, trigger, now)
            .await
    }

    /// Takes the run that waits, or one whose worker died.
    ///
    /// # Errors
    /// What the store says.
    pub async fn claim(&self) -> Result<Option<TrainingRun>, StoreError> {
        let (model, schema) = (&self.model, &self.schema_fingerprint);
        let (ttl, now) = (self.claim_ttl_seconds, self.clock.now());
        self.database
            .claim_run(model, schema, &self.worker, ttl, now)
            .await
    }

    /// The run with this id.
    ///
    /// # Errors
    /// What the store says.
    pub async fn find(&self, id: &str) -> Result<Option<TrainingRun>, StoreError> {
        self.database.find_run(id).await
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
}
