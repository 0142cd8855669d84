//! `logitd_trigger` records every tick, and every other cause of a run that found one queued or
//! running already; `logitd_training_run` says how much of its step is done.

use sea_orm_migration::prelude::*;

const RUNS: &str = "logitd_training_run";
const TRIGGERS: &str = "logitd_trigger";
const RUNS_OF_A_MODEL: &str = "logitd_training_run_by_model";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261125_000002_record_triggers_and_progress"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(triggers()).await?;
        let progress = ColumnDef::new("progress").double().take();
        let add = Table::alter().table(RUNS).add_column(progress).to_owned();
        manager.alter_table(add).await?;
        manager.create_index(runs_of_a_model()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name(RUNS_OF_A_MODEL).table(RUNS).to_owned();
        manager.drop_index(index).await?;
        let drop = Table::alter()
            .table(RUNS)
            .drop_column("progress")
            .to_owned();
        manager.alter_table(drop).await?;
        manager
            .drop_table(Table::drop().table(TRIGGERS).to_owned())
            .await
    }
}

/// `key` is the moment of a tick, so that many replicas record it once, and for every other trigger
/// the run that covers it. A row without a run marks the beginning of a schedule: no tick before it
/// is owed.
fn triggers() -> TableCreateStatement {
    Table::create()
        .table(TRIGGERS)
        .col(ColumnDef::new("model").text().not_null())
        .col(ColumnDef::new("schema_fingerprint").text().not_null())
        .col(ColumnDef::new("trigger").text().not_null())
        .col(ColumnDef::new("key").text().not_null())
        .col(ColumnDef::new("scheduled_for").timestamp_with_time_zone())
        .col(
            ColumnDef::new("recorded_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("training_run").text())
        .col(ColumnDef::new("covered").boolean().not_null())
        .primary_key(
            Index::create()
                .col("model")
                .col("schema_fingerprint")
                .col("trigger")
                .col("key"),
        )
        .to_owned()
}

/// Lists go by the run's id, which begins with the time at which it was asked for.
fn runs_of_a_model() -> IndexCreateStatement {
    Index::create()
        .name(RUNS_OF_A_MODEL)
        .table(RUNS)
        .col("model")
        .col("id")
        .to_owned()
}
