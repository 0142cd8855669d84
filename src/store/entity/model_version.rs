//! `logitd_model_version`: immutable.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "logitd_model_version")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) model: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) training_run: String,
    pub(crate) schema_fingerprint: String,
    pub(crate) data_fingerprint: String,
    pub(crate) code_version: String,
    pub(crate) penalty: f64,
    pub(crate) seed: i64,
    pub(crate) converged: bool,
    pub(crate) feature_schema: Json,
    pub(crate) split: Json,
    pub(crate) trained: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
