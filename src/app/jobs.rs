//! What the service does beside answering: it reaches the database and follows the champion; trains
//! (see [`training_job`](super::training_job)) and keeps the schedule
//! ([`schedule_job`](super::schedule_job)); tells the other replicas of this one
//! ([`presence_job`](super::presence_job)).
//!
//! A database that cannot be reached is asked again after pauses that grow and are no two processes'
//! the same ([`backoff`](super::backoff)); nothing here ends the process, a panic neither
//! ([`guarded`](super::guarded)). Health is told of every change, and each trouble is logged once, not at every attempt.

use super::backoff::Backoff;
use super::watched::Seen;
use super::{App, Workshop};
use crate::config::OnStart;
use crate::health::{CheckName, CheckState, Health};
use crate::serving::follower::Look;
use crate::serving::{Follower, ModelSlot, Presence, RegistryError};
use crate::telemetry::with_causes;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Everything the background needs.
pub(super) struct Jobs {
    pub(super) workshop: Workshop,
    pub(super) follower: Follower,
    pub(super) presence: Presence,
    pub(super) slot: Arc<ModelSlot>,
    health: Arc<Health>,
    pub(super) on_start: OnStart,
    pub(super) worker: bool,
    follow_interval: Duration,
    pub(super) poll_interval: Duration,
    pub(super) seen: Arc<Seen>,
    /// Why the database, which answers, cannot be written to.
    unwritable: Mutex<Option<String>>,
    pub(super) stopped: watch::Receiver<bool>,
}

impl Jobs {
    pub(super) fn new(app: &App, stopped: watch::Receiver<bool>) -> Self {
        Self {
            workshop: app.workshop.clone(),
            follower: app.follower.clone(),
            presence: app.presence.clone(),
            slot: Arc::clone(&app.slot),
            health: Arc::clone(&app.health),
            on_start: app.config.training.on_start,
            worker: app.config.training.worker,
            follow_interval: Duration::from_secs(app.config.serving.follow_interval_seconds),
            poll_interval: Duration::from_secs(app.config.training.poll_interval_seconds),
            seen: Arc::clone(&app.seen),
            unwritable: Mutex::default(),
            stopped,
        }
    }

    /// Runs until the service stops; a training run in the middle is given back to the queue.
    pub(super) async fn run(self) {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            () = self.guarded("reach", || self.reach_the_database()) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        // Only a run has something to give back; the others may be left anywhere.
        let asking = async {
            tokio::join!(
                self.guarded("follow", || self.follow()),
                self.guarded("ask", || self.ask_for_runs())
            )
        };
        let asking = async {
            tokio::select! {
                _ = asking => {}
                _ = stopped.wait_for(|stop| *stop) => {}
            }
        };
        tokio::join!(
            asking,
            self.guarded("work", || self.work()),
            self.guarded("schedule", || self.keep_schedule()),
            self.guarded("presence", || self.be_seen())
        );
    }

    /// Migrations and a first look at the registry, until both succeed.
    async fn reach_the_database(&self) {
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            let reached = self.first_look().await;
            self.health.tell_started();
            match reached {
                Ok(()) => return self.tell_store(CheckState::Up),
                Err(error) => self.tell_store(CheckState::Down(told(error.as_ref()))),
            }
            tokio::time::sleep(backoff.pause()).await;
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
        let interval = self.follow_interval;
        let mut backoff = Backoff::new(interval, LONGEST_PAUSE.max(interval));
        let mut pause = interval;
        while self.pause(pause).await {
            pause = if self.follow_once().await {
                backoff.reset();
                interval
            } else {
                backoff.pause()
            };
        }
    }

    /// Gives whether the database answered.
    async fn follow_once(&self) -> bool {
        match self.follower.look().await {
            Ok(look) => self.tell_look(&look),
            Err(error) if error.is_about_a_version() => self.tell_unloaded(&error),
            Err(error) => {
                self.tell_store(CheckState::Down(told(&error)));
                return false;
            }
        }
        self.tell_store(self.answering());
        true
    }

    /// How a database stands that answers.
    fn answering(&self) -> CheckState {
        let unwritable = self.unwritable.lock();
        match &*unwritable.unwrap_or_else(PoisonError::into_inner) {
            None => CheckState::Up,
            Some(detail) => {
                CheckState::Warning(format!("it answers and cannot be written to: {detail}"))
            }
        }
    }

    /// Whether the database could be written to, as somebody found who tried.
    pub(super) fn found_writable(&self, failed: Option<String>) {
        let unwritable = self.unwritable.lock();
        *unwritable.unwrap_or_else(PoisonError::into_inner) = failed;
    }

    /// Waits; false when the service stops.
    pub(super) async fn pause(&self, pause: Duration) -> bool {
        let mut stopped = self.stopped.clone();
        tokio::time::timeout(pause, stopped.wait_for(|stop| *stop))
            .await
            .is_err()
    }

    /// Says whether the rows could be read; with a champion that is a warning only.
    pub(super) async fn look_at_dataset(&self) {
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

    pub(super) fn tell_look(&self, look: &Look) {
        self.seen.followed();
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

    fn tell_store(&self, state: CheckState) {
        self.tell(CheckName::Store, state);
    }

    /// Tells health, and the log where something changed.
    pub(super) fn tell(&self, name: CheckName, state: CheckState) {
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

/// An error with its causes, for the log and the verbose probe; no secret is in any of them.
pub(super) fn told(error: &(dyn Error + 'static)) -> String {
    format!("failed to {}", with_causes(error))
}
