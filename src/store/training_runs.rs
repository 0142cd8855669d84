//! `logitd_training_run`: the queue, one row an attempt to train.
//!
//! At most one run of a model and schema is queued or running: a unique index sees to it. A run is
//! claimed by a conditional update; its worker beats the heart by the database's clock; a run whose
//! heart stopped for longer than the time to live may be claimed again, [`MOST_ATTEMPTS`] at most.

use super::StoreError;
use super::entity::training_run::{Column, Model};
use crate::learning::{RefusedRow, RowCounts};
use chrono::{DateTime, Utc};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::Condition;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How often a run may be claimed before it is given up.
pub const MOST_ATTEMPTS: i32 = 3;

/// Why a run was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A tick of the schedule.
    Schedule,
    /// Somebody asked over HTTP.
    Request,
    /// The service started without a champion, or was told to train at every start.
    Start,
    /// The table has so many rows more.
    NewRows,
    /// `logitd train`.
    Command,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Waits for a worker.
    Queued,
    /// A worker holds it.
    Running,
    /// Its version serves.
    Promoted,
    /// Its version is stored and does not serve.
    Kept,
    /// It made no version.
    Failed,
    /// There was nothing to do.
    Skipped,
    /// Whoever asked for it took it back.
    Cancelled,
}

impl RunStatus {
    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Promoted => "promoted",
            Self::Kept => "kept",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Trigger {
    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Request => "request",
            Self::Start => "start",
            Self::NewRows => "new_rows",
            Self::Command => "command",
        }
    }
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFault {
    /// `not_trainable`, `store_unavailable` or `internal`.
    pub code: String,
    /// In words.
    pub detail: String,
}

/// How a claimed run ends.
#[derive(Debug, Clone)]
pub struct RunEnd {
    /// Its last status.
    pub status: RunStatus,
    /// When.
    pub finished_at: DateTime<Utc>,
    /// What was read, if it came so far.
    pub rows: Option<RowCounts>,
    /// The first refused rows.
    pub refused: Vec<RefusedRow>,
    /// The gate's decision with its reasons.
    pub gate: Option<serde_json::Value>,
    /// Why it failed.
    pub error: Option<RunFault>,
    /// What it was made of.
    pub made_of: MadeOf,
    /// The champion whose quality it judged.
    pub judged_version: Option<i32>,
}

/// What a run was made of: of the same its result would be the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MadeOf {
    /// The settings it was made with.
    pub settings: Option<serde_json::Value>,
    /// Of the settings that change a result.
    pub settings_fingerprint: Option<String>,
    /// Of the rows, if they were read to the end.
    pub data_fingerprint: Option<String>,
}

impl RunEnd {
    /// An end with nothing read, decided or gone wrong.
    #[must_use]
    pub fn at(status: RunStatus, finished_at: DateTime<Utc>) -> Self {
        Self {
            status,
            finished_at,
            rows: None,
            refused: Vec::new(),
            gate: None,
            error: None,
            made_of: MadeOf::default(),
            judged_version: None,
        }
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingRun {
    /// A UUID of version 7.
    pub id: String,
    /// The model's name.
    pub model: String,
    /// The schema's fingerprint.
    pub schema_fingerprint: String,
    /// Why it was made.
    pub trigger: String,
    /// Who asked for it, where somebody did.
    pub requested_by: Option<String>,
    /// The span that asked, as a W3C `traceparent`.
    pub trace_parent: Option<String>,
    /// The tick that made it.
    pub scheduled_for: Option<DateTime<Utc>>,
    /// Where it stands.
    pub status: String,
    /// What its worker is doing, or was doing last.
    pub step: Option<String>,
    /// The share of that step that is done, from 0 to 1.
    pub progress: Option<f64>,
    /// How often it was claimed.
    pub attempt: i32,
    /// When it was asked for.
    pub queued_at: DateTime<Utc>,
    /// When it was claimed last.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// The worker that holds it.
    pub claimed_by: Option<String>,
    /// The version it made.
    pub version: Option<i32>,
    /// The gate's decision.
    pub gate: Option<serde_json::Value>,
    /// What was read.
    pub rows: Option<RowCounts>,
    /// The first refused rows.
    pub refused: Vec<RefusedRow>,
    /// Why it failed.
    pub error: Option<RunFault>,
    /// What it was made of; nothing where an earlier logitd made it.
    pub made_of: MadeOf,
    /// The champion whose quality it judged.
    pub judged_version: Option<i32>,
}

fn decoded<T: DeserializeOwned>(
    stored: Option<serde_json::Value>,
) -> Result<Option<T>, StoreError> {
    let value = stored.map(serde_json::from_value).transpose();
    value.map_err(|source| StoreError::Undecodable {
        table: "logitd_training_run",
        source,
    })
}

impl TrainingRun {
    pub(super) fn decode(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            model: row.model,
            schema_fingerprint: row.schema_fingerprint,
            trigger: row.trigger,
            requested_by: row.requested_by,
            trace_parent: row.trace_parent,
            scheduled_for: row.scheduled_for,
            status: row.status,
            step: row.step,
            progress: row.progress,
            queued_at: row.queued_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            attempt: row.attempt,
            claimed_by: row.claimed_by,
            version: row.version,
            gate: row.gate,
            rows: decoded(row.rows)?,
            refused: decoded(row.refused)?.unwrap_or_default(),
            error: decoded(row.error)?,
            made_of: MadeOf {
                settings: row.settings,
                settings_fingerprint: row.settings_fingerprint,
                data_fingerprint: row.data_fingerprint,
            },
            judged_version: row.judged_version,
        })
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        !self.is(RunStatus::Queued) && !self.is(RunStatus::Running)
    }

    /// Whether it stands so.
    #[must_use]
    pub fn is(&self, status: RunStatus) -> bool {
        self.status == status.as_str()
    }

    /// The first code that says why it ended so: the gate's, else the error's, else `none`.
    #[must_use]
    pub fn first_reason(&self) -> &str {
        let gate = self.gate.as_ref();
        let gate = gate.and_then(|gate| gate["reasons"][0]["code"].as_str());
        let error = self.error.as_ref().map(|error| error.code.as_str());
        gate.or(error).unwrap_or("none")
    }

    /// Whether the gate gave this code among its reasons.
    #[must_use]
    pub fn has_reason(&self, code: &str) -> bool {
        let gate = self.gate.as_ref();
        let reasons = gate.and_then(|gate| gate["reasons"].as_array());
        let mut reasons = reasons.into_iter().flatten();
        reasons.any(|reason| reason["code"] == code)
    }

    /// Only the row that this claim still holds.
    pub(super) fn held(&self) -> Condition {
        Condition::all()
            .add(Column::Id.eq(&self.id))
            .add(Column::Attempt.eq(self.attempt))
            .add(Column::ClaimedBy.eq(self.claimed_by.clone()))
            .add(Column::Status.eq(RunStatus::Running.as_str()))
    }
}
