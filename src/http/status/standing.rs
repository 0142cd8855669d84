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
    /// What made it; absent where it was forgotten, and where the database does not answer.
    pub(super) made_by: Option<TrainingRun>,
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
        let model = state.slot.snapshot();
        let (runs, replicas, made_by) = tokio::join!(
            state.training.list(None, RUNS),
            state.registry.list_replicas(),
            made_by(state, model.as_deref())
        );
        let timetable = state.timetable.as_ref();
        Self {
            state,
            model,
            made_by,
            next_run: timetable.and_then(|timetable| state.training.next_tick(timetable)),
            runs: runs.ok(),
            replicas: replicas.ok(),
        }
    }
}

async fn made_by(state: &ApiState, model: Option<&ServedModel>) -> Option<TrainingRun> {
    let id = &model?.version().content.training_run;
    state.training.find(id).await.ok().flatten()
}
