//! `logitd_trigger`: ticks, and causes of a run that another run covers.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "logitd_trigger")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) model: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) schema_fingerprint: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) trigger: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) key: String,
    pub(crate) scheduled_for: Option<DateTimeUtc>,
    pub(crate) recorded_at: DateTimeUtc,
    pub(crate) training_run: Option<String>,
    pub(crate) covered: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
