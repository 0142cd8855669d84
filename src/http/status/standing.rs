//! What is known now.

use crate::http::state::ApiState;
use crate::retraining::TrainingRun;
use crate::serving::{SeenReplica, ServedModel};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Runs that are shown.
const RUNS: u64 = 10;

/// How the service stands at this moment.
pub(super) struct Standing<'a> {
    pub(super) state: &'a ApiState,
    /// What answers here.
    pub(super) model: Option<Arc<ServedModel>>,
    /// When the schedule asks for a run next; absent without a schedule.
    pub(super) next_run: Option<DateTime<Utc>>,
    /// The newest runs, newest first; absent where the database does not answer.
    pub(super) runs: Option<Vec<TrainingRun>>,
    /// The processes that answer for this model; absent as the runs are.
    pub(super) replicas: Option<Vec<SeenReplica>>,
}

impl<'a> Standing<'a> {
    /// Asks memory and database.
    pub(super) async fn of(state: &'a ApiState) -> Self {
        let (runs, replicas) = tokio::join!(
            state.training.list(None, RUNS),
            state.registry.list_replicas()
        );
        let timetable = state.timetable.as_ref();
        Self {
            state,
            model: state.slot.snapshot(),
            next_run: timetable.and_then(|timetable| state.training.next_tick(timetable)),
            runs: runs.ok(),
            replicas: replicas.ok(),
        }
    }
}
