//! `logitd migrate`: the service's own tables.

use super::arguments::MigrateStep;
use super::failure::Failure;
use super::output;
use crate::app::{Cores, Workshop};
use crate::clock::SystemClock;
use crate::config::Config;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) async fn run(config: Config, step: MigrateStep) -> Result<ExitCode, Failure> {
    migrate(&config, step)
        .await
        .map_err(Failure::of("migrate"))?;
    Ok(ExitCode::SUCCESS)
}

async fn migrate(config: &Config, step: MigrateStep) -> Result<(), Box<dyn Error + Send + Sync>> {
    let database = Workshop::build(config, Arc::new(SystemClock), Cores::All)
        .await?
        .database;
    match step {
        MigrateStep::Up(_) => {
            let applied = database.migrate_up().await?;
            applied
                .iter()
                .for_each(|name| output::say(format!("applied {name}")));
            if applied.is_empty() {
                output::say("nothing to do");
            }
        }
        MigrateStep::Down { steps, .. } => {
            let taken = database.migrate_down(steps).await?;
            taken
                .iter()
                .for_each(|name| output::say(format!("took back {name}")));
            if taken.is_empty() {
                output::say("nothing to do");
            }
        }
        MigrateStep::Status(_) => {
            for step in database.migration_status().await? {
                let state = match (step.applied, step.known) {
                    (true, true) => "applied",
                    (false, _) => "missing",
                    (true, false) => "applied by a newer logitd",
                };
                output::say(format!("{:<60} {state}", step.name));
            }
        }
    }
    Ok(database.close().await?)
}
