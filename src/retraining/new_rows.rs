//! Asks for a run when enough rows have come.
//!
//! Counted against what the last run that ended promoted or kept has read: after one that was kept as
//! many rows again are waited for. A run that failed, was skipped or taken back has judged nothing,
//! so it is tried again, after a pause.

use super::queue::TrainingQueue;
use crate::clock::Clock;
use crate::store::{Database, DatasetTable, Enqueued, RunStatus, StoreError, TrainingRun, Trigger};
use chrono::TimeDelta;
use std::sync::Arc;

/// How long a run that judged nothing is left alone.
const PAUSE: TimeDelta = TimeDelta::minutes(10);

/// Watches the number of rows.
#[derive(Debug, Clone)]
pub struct NewRows {
    queue: TrainingQueue,
    database: Database,
    table: DatasetTable,
    clock: Arc<dyn Clock>,
    rows: u64,
}

impl NewRows {
    /// Asks for a run when the table has `rows` more.
    #[must_use]
    pub fn new(
        queue: TrainingQueue,
        database: Database,
        table: DatasetTable,
        clock: Arc<dyn Clock>,
        rows: u64,
    ) -> Self {
        Self {
            queue,
            database,
            table,
            clock,
            rows,
        }
    }

    /// Counts, and asks for a run where there is cause.
    ///
    /// # Errors
    /// What the store says.
    pub async fn look(&self) -> Result<Option<Enqueued>, StoreError> {
        let newest = self.queue.find_newest().await?;
        if newest.is_some_and(|run| self.is_left_alone(&run)) {
            return Ok(None);
        }
        let judged = self.queue.find_newest_judged().await?;
        let seen = judged.and_then(|run| run.rows).map_or(0, |rows| rows.read);
        let there = self.database.count_observations(&self.table).await?;
        if there < seen.saturating_add(self.rows) {
            return Ok(None);
        }
        self.queue.enqueue(Trigger::NewRows).await.map(Some)
    }

    fn is_left_alone(&self, run: &TrainingRun) -> bool {
        let judged = run.is(RunStatus::Promoted) || run.is(RunStatus::Kept);
        let ended = run.finished_at.filter(|_| !judged);
        // Either way: an end that lies ahead was written by a clock that was put back.
        ended.is_some_and(|ended| (self.clock.now() - ended).abs() < PAUSE)
    }
}
