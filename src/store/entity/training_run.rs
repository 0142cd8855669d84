//! `logitd_training_run`: the queue.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "logitd_training_run")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) model: String,
    pub(crate) schema_fingerprint: String,
    pub(crate) active: Option<bool>,
    pub(crate) trigger: String,
    pub(crate) requested_by: Option<String>,
    pub(crate) scheduled_for: Option<DateTimeUtc>,
    pub(crate) status: String,
    pub(crate) step: Option<String>,
    pub(crate) progress: Option<f64>,
    pub(crate) attempt: i32,
    pub(crate) queued_at: DateTimeUtc,
    pub(crate) started_at: Option<DateTimeUtc>,
    pub(crate) finished_at: Option<DateTimeUtc>,
    pub(crate) claimed_by: Option<String>,
    pub(crate) heartbeat: Option<f64>,
    pub(crate) version: Option<i32>,
    pub(crate) rows: Option<Json>,
    pub(crate) refused: Option<Json>,
    pub(crate) gate: Option<Json>,
    pub(crate) error: Option<Json>,
    pub(crate) settings: Option<Json>,
    pub(crate) settings_fingerprint: Option<String>,
    pub(crate) data_fingerprint: Option<String>,
    pub(crate) judged_version: Option<i32>,
    pub(crate) trace_parent: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
