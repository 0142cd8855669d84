//! `logitd_deployment`: append only.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "logitd_deployment")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) model: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) schema_fingerprint: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i32,
    pub(crate) version: i32,
    pub(crate) deployed_at: DateTimeUtc,
    pub(crate) deployed_by: String,
    pub(crate) reason: String,
    pub(crate) action: String,
    pub(crate) pinned: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
