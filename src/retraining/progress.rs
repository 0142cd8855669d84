//! Where a run is: told by the retrainer and the fitting thread, watched by whoever shows it.
//!
//! Shape: one value, [`RunProgress`], that the newest replaces. The heart writes it into the run's row;
//! a command line draws it.
//! Concurrency: told from any thread and never waited for; a watcher that is slow sees the newest.
//! Turned down: a channel of everything told (a slow watcher would hold the fit up or fill memory),
//! and a share over the whole run (nobody knows how long the next step takes).

use super::run_trace::RunTrace;
use crate::learning::{Step, StepName};
use std::sync::Arc;
use tokio::sync::watch;

/// What a run is doing, in its order. A run with one penalty does not search, one that holds out
/// no rows neither evaluates nor refits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStep {
    /// Reading the rows.
    Read,
    /// Choosing the penalty.
    Search,
    /// Fitting on the training part.
    Fit,
    /// Evaluating on the held-out rows.
    Evaluate,
    /// Fitting on all rows.
    Refit,
    /// Looking at the rows that were fitted on.
    Profile,
    /// Comparing with the champion.
    Judge,
    /// Writing version, end and deployment.
    Publish,
}

impl RunStep {
    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Search => "search",
            Self::Fit => "fit",
            Self::Evaluate => "evaluate",
            Self::Refit => "refit",
            Self::Profile => "profile",
            Self::Judge => "judge",
            Self::Publish => "publish",
        }
    }
}

impl RunStep {
    /// The span of this step.
    pub(super) fn span_name(self) -> &'static str {
        match self {
            Self::Read => "training.read",
            Self::Search => "training.search",
            Self::Fit => "training.fit",
            Self::Evaluate => "training.evaluate",
            Self::Refit => "training.refit",
            Self::Profile => "training.profile",
            Self::Judge => "training.judge",
            Self::Publish => "training.publish",
        }
    }
}

/// What a run is doing and how much of it is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunProgress {
    /// What is being done.
    pub step: RunStep,
    /// The share of this step that is done, from 0 to 1; it stays at 0 where nobody knows.
    pub share: f64,
}

/// Where progress is told.
#[derive(Debug, Clone, Default)]
pub struct ProgressSink {
    newest: Arc<watch::Sender<Option<RunProgress>>>,
    trace: RunTrace,
}

impl ProgressSink {
    /// Tells that a step begins.
    pub fn begin(&self, step: RunStep) {
        self.tell(step, 0.0);
    }

    /// Tells how much of a step is done, from 0 to 1.
    pub fn tell(&self, step: RunStep, share: f64) {
        self.trace.step(step);
        self.newest.send_replace(Some(RunProgress { step, share }));
    }

    /// The spans that follow what is told.
    pub(super) fn trace(&self) -> &RunTrace {
        &self.trace
    }

    /// Tells what the learning said.
    pub(super) fn tell_learning(&self, told: Step) {
        let step = match told.name {
            StepName::Search => RunStep::Search,
            StepName::Fit => RunStep::Fit,
            StepName::Evaluate => RunStep::Evaluate,
            StepName::Refit => RunStep::Refit,
            StepName::Profile => RunStep::Profile,
        };
        self.tell(step, told.share);
    }

    /// The newest progress and every later one; `None` before the first.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<RunProgress>> {
        self.newest.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_watcher_sees_the_newest_and_nobody_waits_for_it() {
        let sink = ProgressSink::default();
        let mut watched = sink.watch();
        assert_eq!(*watched.borrow(), None);
        sink.begin(RunStep::Read);
        sink.tell(RunStep::Read, 0.5);
        std::thread::scope(|threads| {
            let told = Step {
                name: StepName::Search,
                share: 0.25,
            };
            let sink = &sink;
            threads.spawn(move || sink.tell_learning(told));
        });
        watched.changed().await.unwrap();
        let newest = RunProgress {
            step: RunStep::Search,
            share: 0.25,
        };
        assert_eq!(*watched.borrow_and_update(), Some(newest));
        assert!(!watched.has_changed().unwrap());
    }
}
