//! What the service does beside answering: it reaches the database, follows the champion, asks for
//! a first training run and works runs off.
//!
//! A database that cannot be reached is asked again with growing pauses; nothing here ends the
//! process. Health is told of every change, and each trouble is logged once, not at every attempt.

use super::{App, Workshop};
use crate::config::OnStart;
use crate::health::{CheckName, CheckState, Health};
use crate::retraining::{Enqueued, RunStatus, StoreError, TrainingRun, Trigger, WhenStopped};
use crate::serving::follower::Look;
use crate::serving::{Follower, ModelSlot, RegistryError};
use crate::telemetry::with_causes;
use std::error::Error;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Between two runs of a start that fail: a table that comes later is not waited for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Everything the background needs.
pub(super) struct Jobs {
    workshop: Workshop,
    follower: Follower,
    slot: Arc<ModelSlot>,
    health: Arc<Health>,
    on_start: OnStart,
    worker: bool,
    follow_interval: Duration,
    poll_interval: Duration,
    stopped: watch::Receiver<bool>,
}

impl Jobs {
    pub(super) fn new(app: &App, stopped: watch::Receiver<bool>) -> Self {
        Self {
            workshop: app.workshop.clone(),
            follower: app.follower.clone(),
            slot: Arc::clone(&app.slot),
            health: Arc::clone(&app.health),
            on_start: app.config.training.on_start,
            worker: app.config.training.worker,
            follow_interval: Duration::from_secs(app.config.serving.follow_interval_seconds),
            poll_interval: Duration::from_secs(app.config.training.poll_interval_seconds),
            stopped,
        }
    }

    /// Runs until the service stops; a training run in the middle is given back to the queue.
    pub(super) async fn run(self) {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            () = self.reach_the_database() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        tokio::join!(self.follow(), self.train());
    }

    /// Migrations and a first look at the registry, until both succeed.
    async fn reach_the_database(&self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let reached = self.first_look().await;
            self.health.tell_started();
            match reached {
                Ok(()) => return self.tell_store(CheckState::Up),
                Err(error) => self.tell_store(CheckState::Down(told(error.as_ref()))),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn first_look(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.workshop.migrate().await?;
        match self.follower.look().await {
            Ok(look) => self.tell_look(&look),
            // The database answered: this is followed, and may be mended by a promotion.
            Err(error) if error.is_about_a_version() => self.tell_unloaded(&error),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Follows the champion, whichever process promotes it.
    async fn follow(&self) {
        while self.pause(self.follow_interval).await {
            match self.follower.look().await {
                Ok(look) => {
                    self.tell_store(CheckState::Up);
                    self.tell_look(&look);
                }
                Err(error) if error.is_about_a_version() => {
                    self.tell_store(CheckState::Up);
                    self.tell_unloaded(&error);
                }
                Err(error) => self.tell_store(CheckState::Down(told(&error))),
            }
        }
    }

    /// Asks for the first run where there is cause, and works off what is queued.
    async fn train(&self) {
        self.look_at_newest_run().await;
        let mut first = FirstRun::new(self.must_start(), self.poll_interval);
        loop {
            self.look_at_dataset().await;
            if first.is_due(self.slot.snapshot().is_some()) {
                match self.workshop.queue.enqueue(Trigger::Start).await {
                    Ok(Enqueued::Made(_)) => first.asked(),
                    Ok(Enqueued::Covered(_)) => first.covered(),
                    Err(error) => tracing::warn!(error = told(&error), "failed to ask for a run"),
                }
            }
            if self.worker
                && let Err(error) = self.work_off_queue().await
            {
                tracing::warn!(error = told(&error), "failed to work off the queue");
            }
            if !self.pause(self.poll_interval).await {
                return;
            }
        }
    }

    fn must_start(&self) -> bool {
        match self.on_start {
            OnStart::Always => true,
            OnStart::IfMissing => self.slot.snapshot().is_none(),
            OnStart::Never => false,
        }
    }

    async fn work_off_queue(&self) -> Result<(), StoreError> {
        while let Some(run) = self.workshop.queue.claim().await? {
            tracing::info!(run = run.id, trigger = run.trigger, "training");
            let Some(ended) = self.work_off(&run).await? else {
                return Ok(());
            };
            self.tell_run(&ended);
            if let Ok(look) = self.follower.look().await {
                self.tell_look(&look);
            }
        }
        Ok(())
    }

    /// One run, given back to the queue when the service stops.
    async fn work_off(&self, run: &TrainingRun) -> Result<Option<TrainingRun>, StoreError> {
        let stop = Arc::new(AtomicBool::new(false));
        let retrainer = &self.workshop.retrainer;
        let mut worked = pin!(retrainer.work_off(run, &stop, WhenStopped::Requeue));
        let mut stopped = self.stopped.clone();
        tokio::select! {
            ended = &mut worked => return ended,
            _ = stopped.wait_for(|stop| *stop) => stop.store(true, Ordering::Relaxed),
        }
        worked.await
    }

    /// Waits; false when the service stops.
    async fn pause(&self, pause: Duration) -> bool {
        let mut stopped = self.stopped.clone();
        tokio::time::timeout(pause, stopped.wait_for(|stop| *stop))
            .await
            .is_err()
    }

    /// Says whether the rows could be read; with a champion that is a warning only.
    async fn look_at_dataset(&self) {
        let found = self
            .workshop
            .database
            .check_dataset(&self.workshop.table, &self.workshop.schema);
        let state = match found.await {
            Ok(()) => CheckState::Up,
            Err(error) if error.is_dataset() => CheckState::Warning(told(&error)),
            Err(error) => CheckState::Down(told(&error)),
        };
        self.tell(CheckName::Dataset, state);
    }

    fn tell_look(&self, look: &Look) {
        match look {
            Look::Unchanged => self.tell(CheckName::Model, CheckState::Up),
            Look::NoChampion => self.tell(CheckName::Model, self.without_champion()),
            Look::Swapped(model) => {
                self.health.tell(CheckName::Model, CheckState::Up);
                tracing::info!(model = model.name(), version = model.number(), "serving");
            }
        }
    }

    /// What should serve cannot be loaded: what serves goes on.
    fn tell_unloaded(&self, error: &RegistryError) {
        let detail = told(error);
        let state = match self.slot.snapshot() {
            None => CheckState::Down(detail),
            Some(model) => CheckState::Warning(format!(
                "{detail}; version {} goes on serving",
                model.number()
            )),
        };
        self.tell(CheckName::Model, state);
    }

    /// A model that serves goes on serving, whatever became of the registry.
    fn without_champion(&self) -> CheckState {
        match self.slot.snapshot() {
            None => CheckState::Down("no version of this schema has been promoted yet".into()),
            Some(model) => CheckState::Warning(format!(
                "version {} serves, and the registry names no champion any more",
                model.number()
            )),
        }
    }

    /// How the newest run ended, whoever worked it off.
    async fn look_at_newest_run(&self) {
        match self.workshop.queue.find_newest().await {
            Ok(run) => self.tell(
                CheckName::Training,
                run.as_ref().map_or(CheckState::Up, ended),
            ),
            Err(error) => self.tell(CheckName::Training, CheckState::Down(told(&error))),
        }
    }

    fn tell_run(&self, run: &TrainingRun) {
        let refused = run.rows.map_or(0, |rows| rows.refused);
        for row in &run.refused {
            tracing::warn!(
                run = run.id,
                key = row.key,
                column = row.column,
                "refused: {}",
                row.reason
            );
        }
        let detail = run.error.as_ref().map(|error| error.detail.clone());
        tracing::info!(
            run = run.id,
            status = run.status,
            version = run.version,
            refused,
            detail,
            "trained"
        );
        self.tell(CheckName::Training, ended(run));
    }

    fn tell_store(&self, state: CheckState) {
        self.tell(CheckName::Store, state);
    }

    /// Tells health, and the log where something changed.
    fn tell(&self, name: CheckName, state: CheckState) {
        let before = self.health.tell(name, state.clone());
        if before.as_ref() == Some(&state) {
            return;
        }
        match &state {
            CheckState::Up => tracing::info!(check = name.as_str(), "up"),
            CheckState::Warning(detail) => tracing::warn!(check = name.as_str(), detail, "warning"),
            // At the start there is no model yet: that is news, not trouble.
            CheckState::Down(detail) if name == CheckName::Model => {
                tracing::info!(check = name.as_str(), detail, "down");
            }
            CheckState::Down(detail) => tracing::warn!(check = name.as_str(), detail, "down"),
        }
    }
}

/// What the end of a run says of training.
fn ended(run: &TrainingRun) -> CheckState {
    match &run.error {
        Some(error) if run.status == RunStatus::Failed.as_str() => {
            CheckState::Warning(format!("the last run failed: {}", error.detail))
        }
        _ => CheckState::Up,
    }
}

/// When to ask for the run of a start. One that failed (no table yet, too few rows) is asked for
/// again while nothing serves, after pauses that double.
struct FirstRun {
    wanted: bool,
    asked_before: bool,
    due: Instant,
    pause: Duration,
}

impl FirstRun {
    fn new(wanted: bool, pause: Duration) -> Self {
        Self {
            wanted,
            asked_before: false,
            due: Instant::now(),
            pause,
        }
    }

    fn is_due(&self, serving: bool) -> bool {
        self.wanted && self.due <= Instant::now() && !(self.asked_before && serving)
    }

    fn asked(&mut self) {
        self.covered();
        self.pause = (self.pause * 2).min(LONGEST_WAIT);
    }

    /// Another process asked first: looked at again, without a longer pause.
    fn covered(&mut self) {
        self.asked_before = true;
        self.due = Instant::now() + self.pause;
    }
}

/// An error with its causes, for the log and the verbose probe; no secret is in any of them.
fn told(error: &(dyn Error + 'static)) -> String {
    format!("failed to {}", with_causes(error))
}
