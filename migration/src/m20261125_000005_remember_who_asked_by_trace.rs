//! `logitd_training_run` keeps the `traceparent` of the request that asked for it, so that the run's
//! trace points there, whichever replica works it off. Runs that were there, and those of older
//! binaries, have none.

use sea_orm_migration::prelude::*;

const TABLE: &str = "logitd_training_run";
const COLUMN: &str = "trace_parent";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261125_000005_remember_who_asked_by_trace"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(COLUMN).text().null().to_owned();
        let add = Table::alter().table(TABLE).add_column(column).to_owned();
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = Table::alter().table(TABLE).drop_column(COLUMN).to_owned();
        manager.alter_table(drop).await
    }
}
