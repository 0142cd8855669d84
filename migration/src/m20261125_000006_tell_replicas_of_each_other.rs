//! `logitd_replica` says which processes answer, and which version each of them serves: every process
//! writes its own row again and again, and takes it away when it stops. Rows that nobody writes any
//! more are pruned.

use sea_orm_migration::prelude::*;

const REPLICAS: &str = "logitd_replica";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261125_000006_tell_replicas_of_each_other"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(replicas()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(REPLICAS).to_owned())
            .await
    }
}

/// `seen_at` is in seconds since 1970 by the database's clock: replicas need not agree on the time.
fn replicas() -> TableCreateStatement {
    Table::create()
        .table(REPLICAS)
        .col(ColumnDef::new("model").text().not_null())
        .col(ColumnDef::new("instance").text().not_null())
        .col(ColumnDef::new("schema_fingerprint").text().not_null())
        .col(ColumnDef::new("version").integer())
        .col(ColumnDef::new("code_version").text().not_null())
        .col(ColumnDef::new("seen_at").double().not_null())
        .primary_key(Index::create().col("model").col("instance"))
        .to_owned()
}
