//! The registry (`logitd_model_version`, `logitd_deployment`) and the queue (`logitd_training_run`).

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261123_000001_create_the_registry_and_the_queue"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(model_version()).await?;
        manager.create_table(deployment()).await?;
        manager.create_table(training_run()).await?;
        manager.create_index(one_active_run()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "logitd_training_run",
            "logitd_deployment",
            "logitd_model_version",
        ] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

/// Immutable; a number a model.
fn model_version() -> TableCreateStatement {
    Table::create()
        .table("logitd_model_version")
        .col(ColumnDef::new("model").text().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("training_run").text().not_null())
        .col(ColumnDef::new("schema_fingerprint").text().not_null())
        .col(ColumnDef::new("data_fingerprint").text().not_null())
        .col(ColumnDef::new("code_version").text().not_null())
        .col(ColumnDef::new("penalty").double().not_null())
        .col(ColumnDef::new("seed").big_integer().not_null())
        .col(ColumnDef::new("converged").boolean().not_null())
        .col(ColumnDef::new("feature_schema").json().not_null())
        .col(ColumnDef::new("split").json().not_null())
        .col(ColumnDef::new("trained").json().not_null())
        .primary_key(Index::create().col("model").col("version"))
        .to_owned()
}

/// Append only; the newest of a model and schema fingerprint names the champion. The sequence
/// number in the key makes two writers conflict.
fn deployment() -> TableCreateStatement {
    Table::create()
        .table("logitd_deployment")
        .col(ColumnDef::new("model").text().not_null())
        .col(ColumnDef::new("schema_fingerprint").text().not_null())
        .col(ColumnDef::new("sequence").integer().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(
            ColumnDef::new("deployed_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("deployed_by").text().not_null())
        .col(ColumnDef::new("reason").text().not_null())
        .primary_key(
            Index::create()
                .col("model")
                .col("schema_fingerprint")
                .col("sequence"),
        )
        .foreign_key(
            ForeignKey::create()
                .from("logitd_deployment", ("model", "version"))
                .to("logitd_model_version", ("model", "version")),
        )
        .to_owned()
}

/// The queue. `active` is true while a run is queued or running and null afterwards, so that the
/// unique index holds one active run of a model and schema at most (nulls are distinct in both
/// databases). `heartbeat` is in seconds of the database's own clock.
fn training_run() -> TableCreateStatement {
    Table::create()
        .table("logitd_training_run")
        .col(ColumnDef::new("id").text().not_null().primary_key())
        .col(ColumnDef::new("model").text().not_null())
        .col(ColumnDef::new("schema_fingerprint").text().not_null())
        .col(ColumnDef::new("active").boolean())
        .col(ColumnDef::new("trigger").text().not_null())
        .col(ColumnDef::new("requested_by").text())
        .col(ColumnDef::new("scheduled_for").timestamp_with_time_zone())
        .col(ColumnDef::new("status").text().not_null())
        .col(ColumnDef::new("step").text())
        .col(ColumnDef::new("attempt").integer().not_null())
        .col(
            ColumnDef::new("queued_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("started_at").timestamp_with_time_zone())
        .col(ColumnDef::new("finished_at").timestamp_with_time_zone())
        .col(ColumnDef::new("claimed_by").text())
        .col(ColumnDef::new("heartbeat").double())
        .col(ColumnDef::new("version").integer())
        .col(ColumnDef::new("rows").json())
        .col(ColumnDef::new("refused").json())
        .col(ColumnDef::new("gate").json())
        .col(ColumnDef::new("error").json())
        .to_owned()
}

fn one_active_run() -> IndexCreateStatement {
    Index::create()
        .name("logitd_training_run_one_active")
        .table("logitd_training_run")
        .col("model")
        .col("schema_fingerprint")
        .col("active")
        .unique()
        .to_owned()
}
