//! logitd's own tables, one step a file; a file's name is the sentence that says what the step does.
//!
//! Shape: `Migrator` lists the steps in order; `up`, `down` and `status` are what the command line
//! and the service call. Concurrency: any number of processes may call [`up`] at once: it works in
//! one transaction that first takes an advisory lock (PostgreSQL) or is immediate (SQLite).
//! Turned down: sea-orm's `Migrator::up` on a bare connection, which takes no lock (of four
//! processes at once three fail) and refuses a database that holds a step it does not know.

mod beside_newer;
mod breaking;
mod error;
mod m20261123_000001_create_the_registry_and_the_queue;
mod m20261125_000002_record_triggers_and_progress;
mod m20261125_000003_remember_what_a_run_was_made_of;
mod m20261125_000004_pin_deployments;
mod m20261125_000005_remember_who_asked_by_trace;
mod m20261125_000006_tell_replicas_of_each_other;
mod run;

pub use breaking::Release;
pub use error::MigrationError;
pub use run::{StepStatus, check, down, status, up};
pub use sea_orm_migration::prelude::DbErr;
use sea_orm_migration::prelude::*;

/// Every step of the schema, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_create_the_registry_and_the_queue::Migration),
            Box::new(m20261125_000002_record_triggers_and_progress::Migration),
            Box::new(m20261125_000003_remember_what_a_run_was_made_of::Migration),
            Box::new(m20261125_000004_pin_deployments::Migration),
            Box::new(m20261125_000005_remember_who_asked_by_trace::Migration),
            Box::new(m20261125_000006_tell_replicas_of_each_other::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        "logitd_migration".into_iden()
    }
}
