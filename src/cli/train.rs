//! `logitd train`: one run in the foreground, through the same queue, gate and registry.
//!
//! It claims the run that waits, or makes one. One that is running elsewhere is waited for, and taken
//! over if its worker dies; then a run of our own is made, since rows may have come meanwhile. Where
//! a service that shares the queue claims our run first, or takes it over while this process stands
//! still, its end is told as ours.

use super::begun::Begun;
use super::failure::Failure;
use super::progress_line::ProgressLine;
use super::unreachable::Unreachable;
use super::{output, training_progress};
use crate::app::{Cores, Workshop};
use crate::clock::SystemClock;
use crate::lifecycle::Signals;
use crate::retraining::{Enqueued, RunStatus, StoreError, TrainingRun, Trigger, WhenStopped};
use std::error::Error;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const LOOK_AGAIN: Duration = Duration::from_millis(250);

pub(super) async fn run(begun: Begun, json: bool) -> Result<ExitCode, Failure> {
    let failed = |error| Failure::of("train")(Unreachable::named(&begun.config, error));
    let run = train(&begun).await.map_err(failed)?;
    let Some(run) = run else {
        output::tell("logitd: interrupted; a run that was not ours is back in the queue");
        return Err(Failure::Told);
    };
    tell_refused(&run);
    if json {
        output::say(as_json(&run));
    } else {
        output::say(in_words(&run));
    }
    let done = [RunStatus::Promoted, RunStatus::Kept, RunStatus::Skipped];
    if !done.iter().any(|done| done.as_str() == run.status) {
        return Err(Failure::Told);
    }
    Ok(ExitCode::SUCCESS)
}

/// The run as it ended; `None` when a signal came first.
async fn train(begun: &Begun) -> Result<Option<TrainingRun>, Box<dyn Error + Send + Sync>> {
    let (config, clock) = (&begun.config, Arc::new(SystemClock));
    let workshop = Workshop::build(config, clock, Cores::All, &begun.telemetry).await?;
    workshop.migrate().await?;
    let stop = Arc::new(AtomicBool::new(false));
    let signal = Signals::take_over()?.first();
    let raised = Arc::clone(&stop);
    let signal = async move {
        signal.await;
        raised.store(true, Ordering::Relaxed);
        std::future::pending::<()>().await;
    };
    // A pipeline that traces its steps finds the run by its link.
    let caller = begun.telemetry.span_of_caller(&config.open_telemetry);
    let watched = workshop.retrainer.watch_progress();
    let mut line = ProgressLine::begin();
    let ended = tokio::select! {
        ended = caller.around(work(&workshop, &stop)) => ended,
        () = signal => Ok(None),
        () = training_progress::follow(watched, &mut line) => Ok(None),
    };
    line.clear();
    let ended = ended?;
    workshop.database.close().await?;
    Ok(ended)
}

async fn work(
    workshop: &Workshop,
    stop: &Arc<AtomicBool>,
) -> Result<Option<TrainingRun>, Box<dyn Error + Send + Sync>> {
    let queue = &workshop.queue;
    let mut ours: Option<String> = None;
    while !stop.load(Ordering::Relaxed) {
        if ours.is_none() {
            ours = waiting(queue.enqueue(Trigger::Command).await?);
        }
        let ended = match (queue.claim().await?, &ours) {
            (Some(run), _) => match work_off(workshop, &run, stop).await {
                // Another took it over while this process stood still: its end is ours.
                Err(StoreError::ClaimLost) => {
                    ours = Some(run.id);
                    None
                }
                ended => ended?,
            },
            // A service that shares the queue may have been quicker: its end is ours.
            (None, Some(id)) => queue.find(id).await?,
            (None, None) => None,
        };
        if ended.as_ref().is_some_and(TrainingRun::is_finished) {
            return Ok(ended);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(None)
}

/// One run; `interrupted` stops it, and a lost claim stops nothing but it.
async fn work_off(
    workshop: &Workshop,
    run: &TrainingRun,
    interrupted: &AtomicBool,
) -> Result<Option<TrainingRun>, StoreError> {
    let stop = Arc::new(AtomicBool::new(false));
    let retrainer = &workshop.retrainer;
    let mut worked = pin!(retrainer.work_off(run, &stop, when_stopped(run)));
    let interruption = async {
        while !interrupted.load(Ordering::Relaxed) {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::select! {
        ended = &mut worked => return ended,
        () = interruption => stop.store(true, Ordering::Relaxed),
    }
    worked.await
}

/// A run that a command asked for ends with the command; any other goes back to the queue.
fn when_stopped(run: &TrainingRun) -> WhenStopped {
    if run.trigger == Trigger::Command.as_str() {
        WhenStopped::Cancel
    } else {
        WhenStopped::Requeue
    }
}

/// The run that will see the rows of now: one that has not begun. One that is running is not.
fn waiting(asked: Enqueued) -> Option<String> {
    match asked {
        Enqueued::Made(run) => Some(run.id),
        Enqueued::Covered(run) => (run.status == RunStatus::Queued.as_str()).then_some(run.id),
    }
}

fn tell_refused(run: &TrainingRun) {
    for row in &run.refused {
        let key = row
            .key
            .as_deref()
            .map(|key| format!(" with the key {key:?}"))
            .unwrap_or_default();
        output::tell(format!(
            "refused: the row{key}, column {:?}: {}",
            row.column, row.reason
        ));
    }
    let refused = run.rows.map_or(0, |rows| rows.refused);
    if refused > run.refused.len() as u64 {
        output::tell(format!(
            "refused: {refused} rows in all, the first {} told",
            run.refused.len()
        ));
    }
}

fn in_words(run: &TrainingRun) -> String {
    let rows = run.rows.map(|rows| {
        format!(
            "{} rows read, {} used, {} refused, {} unlabelled",
            rows.read, rows.usable, rows.refused, rows.unlabelled
        )
    });
    let made = run.version.map(|version| format!("version {version}"));
    let reasons = run
        .gate
        .as_ref()
        .and_then(|gate| gate["reasons"].as_array());
    let reasons = reasons
        .into_iter()
        .flatten()
        .filter_map(|reason| reason["detail"].as_str());
    let error = run
        .error
        .as_ref()
        .map(|error| format!("{}: {}", error.code, error.detail));
    let parts = [Some(run.status.clone()), made, rows, error];
    let parts = parts
        .into_iter()
        .flatten()
        .chain(reasons.map(str::to_owned));
    parts.collect::<Vec<_>>().join("; ")
}

fn as_json(run: &TrainingRun) -> String {
    let shown = serde_json::json!({
        "id": run.id,
        "trigger": run.trigger,
        "status": run.status,
        "attempt": run.attempt,
        "version": run.version,
        "rows": run.rows,
        "gate": run.gate,
        "error": run.error,
    });
    shown.to_string()
}
