//! The calls that ask for training, follow it and take it back.

use super::answer::{Accepted, JsonAnswer};
use super::caller::Caller;
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::model_version_body::timestamp;
use super::openapi::ApiTag;
use super::page::Page;
use super::state::ApiState;
use super::training_run_body::{RefusedRowBody, TrainingRunBody};
use crate::retraining::{Cancelled, Enqueued, RunStatus, StoreError, TrainingRun};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

/// Training runs, newest first.
#[derive(Debug, Object, Serialize)]
struct TrainingRunList {
    /// A page of runs.
    items: Vec<TrainingRunBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// When the schedule ticks next; absent without a schedule.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_tick: Option<String>,
}

/// Rows that could not be used, in the order in which they were read.
#[derive(Debug, Object, Serialize)]
struct RefusedRowList {
    /// The first hundred.
    items: Vec<RefusedRowBody>,
    /// Always absent: no more than these are kept.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

pub(super) struct TrainingApi;

#[OpenApi(tag = "ApiTag::Training")]
impl TrainingApi {
    /// Ask for a training run
    ///
    /// It is queued and answered at once; `Location` is where to follow it. One run at a time: while
    /// one is queued or running this is refused with `training_in_progress` and the link of that
    /// run.
    #[oai(
        path = "/v1/training-runs",
        method = "post",
        operation_id = "request_training_run"
    )]
    async fn request_training_run(
        &self,
        state: Data<&ApiState>,
        caller: Caller,
    ) -> Result<Accepted<TrainingRunBody>, ApiError> {
        match state.training.request(caller.name()).await? {
            Enqueued::Made(run) => Ok(Accepted {
                location: link(&run),
                body: TrainingRunBody::of(&run, None),
            }),
            Enqueued::Covered(run) => {
                let detail = format!("the run {} is {}", run.id, run.status);
                let refused = ApiError::new(ErrorCode::TrainingInProgress, detail);
                Err(refused.with_link(link(&run)))
            }
        }
    }

    /// List the training runs
    ///
    /// Newest first, a page at a time, with the next tick of the schedule. Old runs are forgotten:
    /// `[training] keep_runs`.
    #[oai(
        path = "/v1/training-runs",
        method = "get",
        operation_id = "list_training_runs"
    )]
    async fn list_training_runs(
        &self,
        state: Data<&ApiState>,
        /// How many to a page, from 1 to 100; 20 unless told.
        limit: Query<Option<String>>,
        /// Where the page begins: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<JsonAnswer<TrainingRunList>, ApiError> {
        let page = Page::by('r', id, limit.0.as_deref(), cursor.0.as_deref())?;
        let listed = state.training.list(page.before.as_deref(), page.fetched());
        let mut runs = listed.await?;
        let next_cursor = page.cut(&mut runs, |run| run.id.clone());
        let made: Vec<i32> = runs.iter().filter_map(|run| run.version).collect();
        let versions = state.registry.find_versions(&made).await?;
        let made_by = |run: &TrainingRun| {
            let mut made = versions.iter();
            made.find(|version| Some(version.version) == run.version)
        };
        let next_tick = state.timetable.as_ref();
        let next_tick = next_tick.and_then(|table| state.training.next_tick(table));
        Ok(JsonAnswer(TrainingRunList {
            items: runs
                .iter()
                .map(|run| TrainingRunBody::of(run, made_by(run)))
                .collect(),
            next_cursor,
            next_tick: next_tick.map(timestamp),
        }))
    }

    /// Show one training run
    ///
    /// Where it stands, what it read, what it made, and what the gate said of it.
    #[oai(
        path = "/v1/training-runs/:id",
        method = "get",
        operation_id = "get_training_run"
    )]
    async fn get_training_run(
        &self,
        state: Data<&ApiState>,
        /// The run's id.
        id: Path<String>,
    ) -> Result<JsonAnswer<TrainingRunBody>, ApiError> {
        let run = require_run(&state, &id.0).await?;
        shown(&state, &run).await.map(JsonAnswer)
    }

    /// List the rows that a run could not use
    ///
    /// The first hundred, each with its key, the column at fault and the reason. How many there were
    /// says `rows.refused` of the run.
    #[oai(
        path = "/v1/training-runs/:id/refused",
        method = "get",
        operation_id = "list_refused_rows"
    )]
    async fn list_refused_rows(
        &self,
        state: Data<&ApiState>,
        /// The run's id.
        id: Path<String>,
    ) -> Result<JsonAnswer<RefusedRowList>, ApiError> {
        let run = require_run(&state, &id.0).await?;
        let items = run.refused.into_iter().map(RefusedRowBody::of);
        Ok(JsonAnswer(RefusedRowList {
            items: items.collect(),
            next_cursor: None,
        }))
    }

    /// Cancel a training run
    ///
    /// It ends at once, queued or running, whichever replica works on it; nothing of it is
    /// published. One that is cancelled already is shown again; one that ended otherwise is refused
    /// with `conflict`.
    #[oai(
        path = "/v1/training-runs/:id",
        method = "delete",
        operation_id = "cancel_training_run"
    )]
    async fn cancel_training_run(
        &self,
        state: Data<&ApiState>,
        /// The run's id.
        id: Path<String>,
    ) -> Result<JsonAnswer<TrainingRunBody>, ApiError> {
        let run = match state.training.cancel(&spelled(&id.0)?).await? {
            Cancelled::Done(run) => run,
            Cancelled::Over(run) if run.is(RunStatus::Cancelled) => run,
            Cancelled::Over(run) => {
                let detail = format!("the run is over: it was {}", run.status);
                return Err(ApiError::new(ErrorCode::Conflict, detail));
            }
            Cancelled::Unknown => return Err(no_run(&id.0)),
        };
        shown(&state, &run).await.map(JsonAnswer)
    }
}

/// Where a run is followed.
fn link(run: &TrainingRun) -> String {
    format!("/v1/training-runs/{}", run.id)
}

/// A run's id as a cursor has it.
fn id(text: &str) -> Option<String> {
    uuid::Uuid::parse_str(text).ok().map(|id| id.to_string())
}

async fn require_run(state: &ApiState, text: &str) -> Result<TrainingRun, ApiError> {
    let found = state.training.find(&spelled(text)?).await?;
    found.ok_or_else(|| no_run(text))
}

/// The id that the address spells; what is none names no run, and asks no database.
fn spelled(text: &str) -> Result<String, ApiError> {
    id(text).ok_or_else(|| no_run(text))
}

async fn shown(state: &ApiState, run: &TrainingRun) -> Result<TrainingRunBody, ApiError> {
    let version = state.registry.find_versions(run.version.as_slice()).await?;
    let covered = state.training.list_covered(run).await?;
    Ok(TrainingRunBody::of(run, version.first()).covering(covered))
}

fn no_run(id: &str) -> ApiError {
    let detail = format!("there is no training run {id:?}, or it is forgotten");
    ApiError::new(ErrorCode::NotFound, detail)
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        crate::serving::RegistryError::from(error).into()
    }
}
