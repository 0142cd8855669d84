//! A run as a trace: a span of the whole, and one a step, told by the same progress that people see.
//!
//! Concurrency: steps begin on the retrainer's task and on the fitting thread; the span of the step
//! before ends when the next begins. Turned down: spans around the code of each step, which the
//! learning, being pure, cannot have.

use super::progress::RunStep;
use crate::store::{RunStatus, StoreError, TrainingRun};
use crate::telemetry::{Span, Telemetry};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The spans of the run in hand.
#[derive(Debug, Clone, Default)]
pub(super) struct RunTrace {
    open: Arc<Mutex<Option<Open>>>,
}

#[derive(Debug)]
struct Open {
    telemetry: Telemetry,
    run: Arc<Span>,
    step: Option<(RunStep, Span)>,
}

/// Ends what is open of a run, however the run ends.
#[derive(Debug)]
pub struct TracedRun {
    trace: RunTrace,
    telemetry: Telemetry,
    span: Arc<Span>,
    begun: Instant,
}

impl RunTrace {
    /// A run begins; its span points to the request that asked for it.
    pub(super) fn begin(&self, telemetry: &Telemetry, run: &TrainingRun) -> TracedRun {
        let span = telemetry.span_because_of("training.run", run.trace_parent.as_deref());
        span.set("training.run.id", run.id.clone());
        span.set("training.run.trigger", run.trigger.clone());
        span.set("training.run.attempt", i64::from(run.attempt));
        let span = Arc::new(span);
        self.put(Some(Open {
            telemetry: telemetry.clone(),
            run: Arc::clone(&span),
            step: None,
        }));
        TracedRun {
            trace: self.clone(),
            telemetry: telemetry.clone(),
            span,
            begun: Instant::now(),
        }
    }

    /// A step begins, unless it is the one at work.
    pub(super) fn step(&self, step: RunStep) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = open.as_mut() else { return };
        if open
            .step
            .as_ref()
            .is_some_and(|(at_work, _)| *at_work == step)
        {
            return;
        }
        open.step = None;
        let span = open.telemetry.span_inside(&open.run, step.span_name());
        open.step = Some((step, span));
    }

    fn put(&self, open: Option<Open>) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = open;
    }
}

impl TracedRun {
    /// The span of the whole.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// What came of it here.
    pub(super) fn measure(&self, worked: &Result<Option<TrainingRun>, StoreError>) {
        match worked {
            Ok(Some(run)) => {
                if let Some(rows) = run.rows {
                    self.telemetry.rows_read(rows.read, rows.refused);
                }
                self.ended(&run.status, run.first_reason());
            }
            Ok(None) => self.ended(RunStatus::Queued.as_str(), "stopped"),
            Err(StoreError::ClaimLost) => self.ended("lost", "claim_lost"),
            Err(_) => self.ended("lost", "store"),
        }
    }

    /// Its last status, and the first code that says why.
    fn ended(&self, outcome: &str, reason: &str) {
        self.span.set("training.run.outcome", outcome.to_owned());
        if outcome == "failed" {
            self.span.fail(reason.to_owned());
        }
        self.telemetry
            .run_ended(outcome, reason, self.begun.elapsed());
    }
}

impl Drop for TracedRun {
    fn drop(&mut self) {
        self.trace.put(None);
    }
}
