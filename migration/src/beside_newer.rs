//! sea-orm refuses a database that holds a step which is not in its list. So its list gets a
//! stand-in for each such step, which is applied already and never run.

use crate::{Migrator, StepStatus};
use sea_orm_migration::MigratorTraitSelf;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseTransaction;

/// Our steps and those of a newer binary.
pub(crate) struct BesideNewer {
    newer: Vec<String>,
}

impl BesideNewer {
    pub(crate) fn of(steps: &[StepStatus]) -> Self {
        let newer = steps.iter().filter(|step| !step.known);
        Self {
            newer: newer.map(|step| step.name.clone()).collect(),
        }
    }

    pub(crate) async fn up(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        MigratorTraitSelf::up(self, tx, None).await
    }

    pub(crate) async fn down(&self, tx: &DatabaseTransaction, steps: u32) -> Result<(), DbErr> {
        MigratorTraitSelf::down(self, tx, Some(steps)).await
    }
}

impl MigratorTraitSelf for BesideNewer {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let mut all = <Migrator as MigratorTrait>::migrations();
        for name in &self.newer {
            all.push(Box::new(NewerStep(name.clone())));
        }
        all
    }

    fn migration_table_name(&self) -> DynIden {
        <Migrator as MigratorTrait>::migration_table_name()
    }
}

struct NewerStep(String);

impl MigrationName for NewerStep {
    fn name(&self) -> &str {
        &self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for NewerStep {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        let detail = format!("{} is applied already, and not ours to apply", self.0);
        Err(DbErr::Migration(detail))
    }
}
