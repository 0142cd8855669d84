//! `logitd migrate`: the service's own tables.

use super::arguments::MigrateStep;
use super::begun::Begun;
use super::failure::Failure;
use super::output;
use super::unreachable::Unreachable;
use crate::app::{Cores, Workshop};
use crate::clock::SystemClock;
use crate::store::StepStatus;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) async fn run(begun: Begun, step: MigrateStep) -> Result<ExitCode, Failure> {
    let failed = |error| Failure::of("migrate")(Unreachable::named(&begun.config, error));
    migrate(&begun, step).await.map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

async fn migrate(begun: &Begun, step: MigrateStep) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (config, clock) = (&begun.config, Arc::new(SystemClock));
    let workshop = Workshop::build(config, clock, Cores::All, &begun.telemetry);
    let database = workshop.await?.database;
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
        MigrateStep::Status { json, .. } => {
            let steps = database.migration_status().await?;
            if json {
                output::say(as_json(&steps));
            } else {
                steps.iter().for_each(|step| output::say(in_words(step)));
            }
        }
    }
    Ok(database.close().await?)
}

fn as_json(steps: &[StepStatus]) -> String {
    let shown = steps.iter().map(
        |step| serde_json::json!({"name": step.name, "applied": step.applied, "known": step.known}),
    );
    shown.collect::<serde_json::Value>().to_string()
}

fn in_words(step: &StepStatus) -> String {
    let state = match (step.applied, step.known) {
        (true, true) => "applied",
        (false, _) => "missing",
        (true, false) => "applied by a newer logitd",
    };
    format!("{:<60} {state}", step.name)
}
