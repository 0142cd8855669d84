//! Asks for runs where there is cause, and works off what is queued.

use super::jobs::{Jobs, told};
use super::trouble::Trouble;
use crate::config::OnStart;
use crate::health::{CheckName, CheckState};
use crate::retraining::{
    Enqueued, RunStatus, StoreError, TracedRun, TrainingRun, Trigger, WhenStopped,
};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Between two runs of a start that fail: a table that comes later is not waited for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

impl Jobs {
    /// Asks for runs: of a start, and of new rows. Never waits for one.
    pub(super) async fn ask_for_runs(&self) {
        let mut first = FirstRun::new(self.must_start(), self.poll_interval);
        let mut trouble = Trouble::default();
        loop {
            self.look_at_newest_run().await;
            self.look_at_dataset().await;
            if first.is_due(self.slot.snapshot().is_some()) {
                match self.workshop.queue.enqueue(Trigger::Start).await {
                    Ok(enqueued) => {
                        trouble.is_over();
                        match enqueued {
                            Enqueued::Made(_) => first.asked(),
                            Enqueued::Covered(_) => first.covered(),
                        }
                    }
                    Err(error) if trouble.is_new(&told(&error)) => {
                        tracing::warn!(error = told(&error), "failed to ask for a run");
                    }
                    Err(_) => {}
                }
            }
            if let Some(new_rows) = &self.workshop.new_rows
                && let Err(error) = new_rows.look().await
            {
                // The checks `dataset` and `store` tell it too.
                tracing::debug!(error = told(&error), "failed to count the rows");
            }
            if !self.pause(self.poll_interval).await {
                return;
            }
        }
    }

    /// Works off what is queued, whoever asked for it.
    pub(super) async fn work(&self) {
        if !self.worker {
            return;
        }
        let mut trouble = Trouble::default();
        loop {
            match self.work_off_queue().await {
                Ok(()) => trouble.is_over(),
                Err(error) if trouble.is_new(&told(&error)) => {
                    tracing::warn!(error = told(&error), "failed to work off the queue");
                }
                Err(_) => {}
            }
            let going = tokio::select! {
                going = self.pause(self.poll_interval) => going,
                () = self.workshop.queue.made() => true,
            };
            if !going {
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
            let traced = self.workshop.retrainer.trace(&run);
            let begun = || tracing::info!(run = run.id, trigger = run.trigger, "training");
            traced.span().in_scope(begun);
            let Some(ended) = self.work_off(&run, &traced).await? else {
                return Ok(());
            };
            traced.span().in_scope(|| self.tell_run(&ended));
            drop(traced);
            self.workshop.queue.prune().await?;
            if let Ok(look) = self.follower.look().await {
                self.tell_look(&look);
            }
            self.look_at_newest_run().await;
        }
        Ok(())
    }

    /// One run, given back to the queue when the service stops.
    async fn work_off(
        &self,
        run: &TrainingRun,
        traced: &TracedRun,
    ) -> Result<Option<TrainingRun>, StoreError> {
        let stop = Arc::new(AtomicBool::new(false));
        let retrainer = &self.workshop.retrainer;
        let mut worked = pin!(retrainer.work_off_in(traced, run, &stop, WhenStopped::Requeue));
        let mut stopped = self.stopped.clone();
        tokio::select! {
            ended = &mut worked => return ended,
            _ = stopped.wait_for(|stop| *stop) => stop.store(true, Ordering::Relaxed),
        }
        worked.await
    }

    /// How the newest run ended, whoever worked it off.
    async fn look_at_newest_run(&self) {
        match self.workshop.queue.find_newest().await {
            // How one that is not over will end nobody knows: what was said stands.
            Ok(Some(run)) if !run.is_finished() => {}
            Ok(None) => self.tell(CheckName::Training, CheckState::Up),
            Ok(Some(run)) => {
                if let Ok(changed) = self.data_changed().await {
                    self.seen.newest_run(&run, changed);
                }
                self.tell(CheckName::Training, ended(&run));
            }
            Err(error) => self.tell(CheckName::Training, CheckState::Down(told(&error))),
        }
    }

    /// Whether that is the newest judgement of what serves.
    async fn data_changed(&self) -> Result<bool, StoreError> {
        let Some(serving) = self.slot.snapshot() else {
            return Ok(false);
        };
        let judging = self.workshop.queue.find_newest_judging(serving.number());
        let judging = judging.await?;
        Ok(judging.is_some_and(|run| run.has_reason("data_changed")))
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
}

/// What the end of a run says of training.
fn ended(run: &TrainingRun) -> CheckState {
    match &run.error {
        Some(error) if run.is(RunStatus::Failed) => {
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
