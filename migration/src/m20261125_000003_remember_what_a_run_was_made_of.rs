//! `logitd_training_run` keeps the settings that a run was made with, fingerprints of them and of
//! its rows, and which champion it judged: what is unchanged is skipped, what is stored can be
//! repeated, and what is known of a champion is the same for every replica.

use sea_orm_migration::prelude::*;

const RUNS: &str = "logitd_training_run";
const COLUMNS: [&str; 4] = [
    "settings",
    "settings_fingerprint",
    "data_fingerprint",
    "judged_version",
];

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261125_000003_remember_what_a_run_was_made_of"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // One column a statement: SQLite adds no more at a time.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in COLUMNS {
            let mut column = ColumnDef::new(name);
            match name {
                "settings" => column.json(),
                "judged_version" => column.integer(),
                _ => column.text(),
            };
            let add = Table::alter().table(RUNS).add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in COLUMNS {
            let drop = Table::alter().table(RUNS).drop_column(name).to_owned();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}
