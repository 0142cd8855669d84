//! `logitd_deployment` says what was done (`action`) and whether automatic promotion is off from
//! then on (`pinned`). Rows that were there, and those of older binaries, are promotions without a
//! pin.

use sea_orm_migration::prelude::*;

const TABLE: &str = "logitd_deployment";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261125_000004_pin_deployments"
    }
}

/// A column a statement: SQLite takes no more.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            ColumnDef::new("action")
                .text()
                .not_null()
                .default("promote"),
            ColumnDef::new("pinned").boolean().not_null().default(false),
        ] {
            let add = Table::alter().table(TABLE).add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["pinned", "action"] {
            let drop = Table::alter().table(TABLE).drop_column(column).to_owned();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}
