//! A training run as it goes over the wire.

use super::gate_body::GateBody;
use super::model_version_body::{EvaluationBody, timestamp};
use crate::learning::{RefusedRow, RowCounts};
use crate::retraining::{CoveredTrigger, TrainingRun};
use crate::serving::ModelVersion;
use poem_openapi::Object;
use serde::Serialize;

/// One attempt to train, from its cause to what became of it.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "TrainingRun")]
pub(super) struct TrainingRunBody {
    /// A UUID of version 7: later runs have larger ids.
    id: String,
    /// The model's name.
    model: String,
    /// Of target, features and how missing values are taken: runs of one fingerprint share a queue.
    schema_fingerprint: String,
    /// Why it was made.
    trigger: String,
    /// Who asked for it: a key's name, or `anonymous`. Absent where nobody did.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_by: Option<String>,
    /// The tick of the schedule that made it.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<String>,
    /// Where it stands.
    status: String,
    /// What its worker is doing; only while it runs.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// The share of that step that is done, from 0 to 1; it stays at 0 where nobody knows.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<f64>,
    /// How often a worker took it up; 3 at most.
    attempt: i32,
    /// When it was asked for.
    queued_at: String,
    /// When a worker took it up last.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    /// When it ended.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    /// What was read.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<RowsRead>,
    /// How good its version is, on the held-out rows.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation: Option<EvaluationBody>,
    /// May its version serve? Absent where nothing was judged.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    gate: Option<GateBody>,
    /// The version that it made.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// Why it failed.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RunError>,
    /// What would have made a run and found this one queued or running, newest first, the first
    /// hundred. Only where one run is asked for.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    covers: Option<Vec<CoveredBody>>,
}

/// What was read: `read` is the sum of the others.
#[derive(Debug, Clone, Object, Serialize)]
struct RowsRead {
    /// Rows looked at.
    read: u64,
    /// Rows that can be learned from.
    usable: u64,
    /// Rows at fault; `GET /v1/training-runs/{id}/refused` has the first hundred.
    refused: u64,
    /// Rows without a label.
    unlabelled: u64,
}

/// Why a run failed.
#[derive(Debug, Clone, Object, Serialize)]
struct RunError {
    /// `not_trainable`, `store_unavailable` or `internal`.
    code: String,
    /// In words.
    detail: String,
}

/// A cause that made no run of its own.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "CoveredTrigger")]
struct CoveredBody {
    /// Why a run would have been made.
    trigger: String,
    /// The tick of the schedule, where it was one.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<String>,
    /// When it was recorded.
    recorded_at: String,
}

/// A row that could not be used.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "RefusedRow")]
pub(super) struct RefusedRowBody {
    /// Its key; absent where the table has none, or the row.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The first column at fault.
    column: String,
    /// What is wrong with it.
    reason: String,
}

impl TrainingRunBody {
    /// Shows a run, with the version that it made.
    pub(super) fn of(run: &TrainingRun, version: Option<&ModelVersion>) -> Self {
        let running = !run.is_finished() && run.started_at.is_some();
        let evaluation = version.and_then(|version| version.content.trained.evaluation.as_ref());
        Self {
            id: run.id.clone(),
            model: run.model.clone(),
            schema_fingerprint: run.schema_fingerprint.clone(),
            trigger: run.trigger.clone(),
            requested_by: run.requested_by.clone(),
            scheduled_for: run.scheduled_for.map(timestamp),
            status: run.status.clone(),
            step: run.step.clone().filter(|_| running),
            progress: run.progress.filter(|_| running),
            attempt: run.attempt,
            queued_at: timestamp(run.queued_at),
            started_at: run.started_at.map(timestamp),
            finished_at: run.finished_at.map(timestamp),
            rows: run.rows.map(RowsRead::of),
            evaluation: evaluation.map(EvaluationBody::of),
            gate: (run.gate.as_ref()).and_then(|gate| GateBody::of(gate, run.version)),
            version: run.version,
            error: run.error.as_ref().map(|error| RunError {
                code: error.code.clone(),
                detail: error.detail.clone(),
            }),
            covers: None,
        }
    }

    /// With the causes that it covers.
    pub(super) fn covering(mut self, covered: Vec<CoveredTrigger>) -> Self {
        let covers = covered.into_iter().map(|covered| CoveredBody {
            trigger: covered.trigger,
            scheduled_for: covered.scheduled_for.map(timestamp),
            recorded_at: timestamp(covered.recorded_at),
        });
        self.covers = Some(covers.collect());
        self
    }
}

impl RowsRead {
    fn of(rows: RowCounts) -> Self {
        Self {
            read: rows.read,
            usable: rows.usable,
            refused: rows.refused,
            unlabelled: rows.unlabelled,
        }
    }
}

impl RefusedRowBody {
    pub(super) fn of(row: RefusedRow) -> Self {
        Self {
            key: row.key,
            column: row.column,
            reason: row.reason,
        }
    }
}
