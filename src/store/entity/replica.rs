//! `logitd_replica`: which processes answer.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "logitd_replica")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) model: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) instance: String,
    pub(crate) schema_fingerprint: String,
    pub(crate) version: Option<i32>,
    pub(crate) code_version: String,
    pub(crate) seen_at: f64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
