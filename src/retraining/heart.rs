//! The sign of life of a worker: written into the run's row by the database's clock, with what the
//! run is doing.
//!
//! Concurrency: beats beside the run and ends only when the claim is lost; then nothing of the run
//! may be written any more. A beat comes at every new step, and often enough that a run which
//! another replica cancelled stops within a second.

use super::progress::{ProgressSink, RunProgress, RunStep};
use crate::store::{Database, TrainingRun};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// The longest time between two beats.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// How often it is looked whether the run is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Ends when the run is to stop.
pub(super) async fn stopped(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK).await;
    }
}

/// Ends only when the claim is lost.
pub(super) async fn beat(
    database: &Database,
    run: &TrainingRun,
    progress: &ProgressSink,
    claim_ttl_seconds: u64,
) {
    let pause = LONGEST_PAUSE.min(Duration::from_secs(claim_ttl_seconds) / 3);
    let mut watched = progress.watch();
    let mut failing = false;
    loop {
        let newest = *watched.borrow_and_update();
        let (step, share) = newest.map_or((RunStep::Read, 0.0), |told| (told.step, told.share));
        match database.beat_heart(run, step.as_str(), share).await {
            Ok(true) => failing = false,
            Ok(false) => return,
            Err(error) if !failing => {
                tracing::warn!(run = run.id, %error, "failed to beat the heart");
                failing = true;
            }
            Err(_) => {}
        }
        next_step(&mut watched, newest, pause).await;
    }
}

/// Waits for another step than the one told, at most for `pause`.
async fn next_step(
    watched: &mut watch::Receiver<Option<RunProgress>>,
    told: Option<RunProgress>,
    pause: Duration,
) {
    let step = |progress: &Option<RunProgress>| progress.map(|progress| progress.step);
    let moved = watched.wait_for(|newest| step(newest) != step(&told));
    // Time over or another step: both are a reason to beat. The teller lives as long as the run.
    let _ = tokio::time::timeout(pause, moved).await;
}
