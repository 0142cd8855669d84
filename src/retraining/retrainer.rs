//! Takes one claimed run from its rows to a published version.
//!
//! The steps are those of [`RunStep`]. The heart beats beside them; when it finds the claim lost, or
//! the service stops, the run is stopped at its next look.

use super::fitting_thread::{self, Fitting, FittingError};
use super::gate::{Decision, Verdict};
use super::heart;
use super::judgement::{Candidate, Judged, JudgementError, decision_of};
use super::plan::TrainingPlan;
use super::progress::{ProgressSink, RunProgress, RunStep};
use super::queue::TrainingQueue;
use super::run_fault::{internal_fault, store_fault};
use super::run_trace::TracedRun;
use super::settings::RunSettings;
use crate::clock::Clock;
use crate::learning::{FitError, RefusedRow, RowCounts, TrainingSet};
use crate::store::{
    Database, Deployment, MadeOf, ReadRows, RunEnd, RunFault, RunStatus, StoreError, TrainingRun,
    Trigger,
};
use crate::telemetry::{Span, Telemetry};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// Works off runs of one model and schema.
#[derive(Debug, Clone)]
pub struct Retrainer {
    pub(super) database: Database,
    pub(super) queue: TrainingQueue,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) plan: TrainingPlan,
    pub(super) progress: ProgressSink,
    telemetry: Telemetry,
}

/// What was read and came of it, on the way to the end of a run.
enum Outcome {
    /// Nothing to publish.
    Ended(Box<RunEnd>),
    /// A fit, judged.
    Judged(Candidate, Box<Judged>),
}

/// What becomes of a run that is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenStopped {
    /// It goes back to the queue: the process ends, and another one goes on.
    Requeue,
    /// It is over: whoever asked for it has changed their mind.
    Cancel,
}

/// Why a run ended early.
enum Interrupted {
    Stopped,
    Failed(Box<RunEnd>),
}

impl Retrainer {
    /// A retrainer over this queue.
    #[must_use]
    pub fn new(
        database: Database,
        queue: TrainingQueue,
        clock: Arc<dyn Clock>,
        plan: TrainingPlan,
        telemetry: Telemetry,
    ) -> Self {
        Self {
            database,
            queue,
            clock,
            plan,
            progress: ProgressSink::default(),
            telemetry,
        }
    }

    /// What the run in hand is doing, from now on; `None` before the first.
    #[must_use]
    pub fn watch_progress(&self) -> watch::Receiver<Option<RunProgress>> {
        self.progress.watch()
    }

    /// Works off a claimed run. Gives it as it ended, cancelled by somebody else too, or `None` when
    /// `stop` was raised first and the run is queued again. `stop` is this run's own: it is raised
    /// here too, when the claim is lost.
    ///
    /// # Errors
    /// [`StoreError::ClaimLost`], or what the store says where the end could not be written: another
    /// worker takes the run over.
    pub async fn work_off(
        &self,
        run: &TrainingRun,
        stop: &Arc<AtomicBool>,
        when_stopped: WhenStopped,
    ) -> Result<Option<TrainingRun>, StoreError> {
        let traced = self.trace(run);
        self.work_off_in(&traced, run, stop, when_stopped).await
    }

    /// Begins the trace of a run that was claimed; it ends with the value.
    #[must_use]
    pub fn trace(&self, run: &TrainingRun) -> TracedRun {
        self.progress.trace().begin(&self.telemetry, run)
    }

    /// [`work_off`](Self::work_off) in a trace that was begun before.
    ///
    /// # Errors
    /// As there.
    pub async fn work_off_in(
        &self,
        traced: &TracedRun,
        run: &TrainingRun,
        stop: &Arc<AtomicBool>,
        when_stopped: WhenStopped,
    ) -> Result<Option<TrainingRun>, StoreError> {
        let worked = traced
            .span()
            .around(self.work_to_the_end(run, stop, when_stopped))
            .await;
        traced.measure(&worked);
        worked
    }

    async fn work_to_the_end(
        &self,
        run: &TrainingRun,
        stop: &Arc<AtomicBool>,
        when_stopped: WhenStopped,
    ) -> Result<Option<TrainingRun>, StoreError> {
        // All that it works on is its own, and dropped with it; what it publishes is one transaction.
        let worked = AssertUnwindSafe(self.work(run, stop, when_stopped)).catch_unwind();
        let worked = match worked.await {
            Ok(worked) => worked,
            Err(_) => self.end_panicked(run, stop).await,
        };
        match worked {
            Err(StoreError::ClaimLost) => {
                let found = self.database.find_run(&run.id).await?;
                let cancelled = found.filter(|run| run.is(RunStatus::Cancelled));
                cancelled.map(Some).ok_or(StoreError::ClaimLost)
            }
            worked => worked,
        }
    }

    async fn work(
        &self,
        run: &TrainingRun,
        stop: &Arc<AtomicBool>,
        when_stopped: WhenStopped,
    ) -> Result<Option<TrainingRun>, StoreError> {
        self.progress.begin(RunStep::Read);
        let ttl = self.queue.claim_ttl_seconds();
        let alone = Span::outside();
        let heart = alone.around(heart::beat(&self.database, run, &self.progress, ttl));
        let outcome = tokio::select! {
            outcome = self.make(run, stop) => outcome,
            () = heart => {
                stop.store(true, Ordering::Relaxed);
                return Err(StoreError::ClaimLost);
            }
            // A fit looks by itself; a database that does not answer cannot.
            () = heart::stopped(stop) => Err(Interrupted::Stopped),
        };
        self.progress.begin(RunStep::Publish);
        match (outcome, when_stopped) {
            (Ok(Outcome::Judged(candidate, judged)), _) => {
                self.publish(run, &candidate, *judged).await?;
            }
            (Ok(Outcome::Ended(end)), _) => self.database.end_run(run, &end).await?,
            (Err(Interrupted::Failed(end)), _) => self.database.end_run(run, &end).await?,
            (Err(Interrupted::Stopped), WhenStopped::Cancel) => {
                let end = RunEnd {
                    status: RunStatus::Cancelled,
                    ..self.ending()
                };
                self.database.end_run(run, &end).await?;
            }
            (Err(Interrupted::Stopped), WhenStopped::Requeue) => {
                self.database.requeue_run(run).await?;
                return Ok(None);
            }
        }
        self.database.find_run(&run.id).await
    }

    /// A panic fails the run, and nothing else.
    async fn end_panicked(
        &self,
        run: &TrainingRun,
        stop: &AtomicBool,
    ) -> Result<Option<TrainingRun>, StoreError> {
        // A fit on a thread of its own may still be going.
        stop.store(true, Ordering::Relaxed);
        let fault = internal_fault("the training panicked; the log says where".to_owned());
        let end = RunEnd {
            error: Some(fault),
            ..self.ending()
        };
        self.database.end_run(run, &end).await?;
        self.database.find_run(&run.id).await
    }

    async fn make(
        &self,
        run: &TrainingRun,
        stop: &Arc<AtomicBool>,
    ) -> Result<Outcome, Interrupted> {
        if let Some(end) = self.covered_by_champion(run).await? {
            return Ok(Outcome::Ended(Box::new(end)));
        }
        let rows = self.read(stop).await?;
        let read = (rows.counts(), rows.refused().to_vec());
        let set = fitting_thread::arrange(rows, self.plan.split).await;
        let set = set.map_err(|error| self.fitting_failed(&error, read.clone()))?;
        let made_of = self.made_of(&set);
        if let Some(end) = self.unchanged(run, &made_of, read.0).await? {
            return Ok(Outcome::Ended(Box::new(end)));
        }
        let set = Arc::new(set);
        let fitting = self.fitting();
        let fitted = fitting_thread::fit(fitting, Arc::clone(&set), Arc::clone(stop)).await;
        let trained = fitted.map_err(|error| self.fitting_failed(&error, read.clone()))?;
        self.progress.begin(RunStep::Judge);
        let (counts, refused) = read;
        let candidate = Candidate {
            trained: Arc::new(trained),
            set,
            counts,
            refused,
            made_of,
        };
        let judged = self.judge(run, &candidate).await;
        let judged = judged.map_err(|error| self.not_judged(&error))?;
        Ok(Outcome::Judged(candidate, Box::new(judged)))
    }

    async fn read(&self, stop: &Arc<AtomicBool>) -> Result<ReadRows, Interrupted> {
        let rows = self.read_rows(stop).await;
        let rows = rows.map_err(|error| self.failed(&store_fault(&error), None))?;
        rows.ok_or(Interrupted::Stopped)
    }

    /// The rows as the plan says; `None` when `stop` was raised.
    pub(super) async fn read_rows(
        &self,
        stop: &AtomicBool,
    ) -> Result<Option<ReadRows>, StoreError> {
        let plan = &self.plan;
        let keep_going = |share| {
            self.progress.tell(RunStep::Read, share);
            !stop.load(Ordering::Relaxed)
        };
        self.database
            .read_observations(&plan.table, &plan.schema, plan.maximum_rows, keep_going)
            .await
    }

    pub(super) fn fitting(&self) -> Fitting {
        Fitting {
            schema: Arc::clone(&self.plan.schema),
            search: self.plan.search.clone(),
            seed: self.plan.seed,
            threads: self.plan.threads,
            refit: self.plan.refit,
            progress: self.progress.clone(),
        }
    }

    fn made_of(&self, set: &TrainingSet) -> MadeOf {
        let settings = RunSettings::of(&self.plan);
        MadeOf {
            settings: serde_json::to_value(&settings).ok(),
            settings_fingerprint: Some(settings.fingerprint()),
            data_fingerprint: Some(set.fingerprint()),
        }
    }

    /// The same rows under the same settings gave their version already. Only where a pin alone kept
    /// that from serving, and is off by now, is there something to decide.
    async fn unchanged(
        &self,
        run: &TrainingRun,
        made_of: &MadeOf,
        rows: RowCounts,
    ) -> Result<Option<RunEnd>, Interrupted> {
        let failed = |error: StoreError| self.failed(&store_fault(&error), None);
        let (model, schema) = (&run.model, &run.schema_fingerprint);
        let last = self.database.find_newest_judged_run(model, schema).await;
        let Some(last) = last.map_err(failed)? else {
            return Ok(None);
        };
        let same = last.made_of.settings_fingerprint == made_of.settings_fingerprint
            && last.made_of.data_fingerprint == made_of.data_fingerprint;
        let detail = format!(
            "rows and settings are those of the run {}, which ended {}",
            last.id, last.status
        );
        let was_pinned = decision_of(last)
            .is_some_and(|decision| decision.reasons.iter().any(|one| one.code == "pinned"));
        if !same {
            return Ok(None);
        }
        let serving = self.find_serving(run).await.map_err(failed)?;
        if was_pinned && serving.is_some_and(|serving| !serving.pinned) {
            return Ok(None);
        }
        Ok(Some(RunEnd {
            rows: Some(rows),
            made_of: made_of.clone(),
            ..self.skipped("unchanged", detail)
        }))
    }

    fn skipped(&self, code: &str, detail: String) -> RunEnd {
        let decision = Decision::because(Verdict::Skipped, code, detail);
        RunEnd {
            gate: serde_json::to_value(decision).ok(),
            ..RunEnd::at(RunStatus::Skipped, self.clock.now())
        }
    }

    /// A start that finds a champion after all has nothing to do: another process was first.
    async fn covered_by_champion(&self, run: &TrainingRun) -> Result<Option<RunEnd>, Interrupted> {
        if run.trigger != Trigger::Start.as_str() || self.plan.train_at_every_start {
            return Ok(None);
        }
        let serving = self.find_serving(run).await;
        let serving = serving.map_err(|error| self.failed(&store_fault(&error), None))?;
        Ok(serving.map(|serving| {
            let detail = format!("version {} serves already", serving.version);
            self.skipped("champion_serves", detail)
        }))
    }

    pub(super) async fn find_serving(
        &self,
        run: &TrainingRun,
    ) -> Result<Option<Deployment>, StoreError> {
        let (model, schema) = (&run.model, &run.schema_fingerprint);
        self.database.find_deployment(model, schema).await
    }

    fn not_judged(&self, error: &JudgementError) -> Interrupted {
        let fault = match error {
            JudgementError::Store(error) => store_fault(error),
            JudgementError::Thread(error) => internal_fault(format!("failed to {error}")),
        };
        self.failed(&fault, None)
    }

    fn ending(&self) -> RunEnd {
        RunEnd::at(RunStatus::Failed, self.clock.now())
    }

    fn failed(&self, fault: &RunFault, read: Option<(RowCounts, Vec<RefusedRow>)>) -> Interrupted {
        let (rows, refused) =
            read.map_or((None, Vec::new()), |(rows, refused)| (Some(rows), refused));
        Interrupted::Failed(Box::new(RunEnd {
            error: Some(fault.clone()),
            rows,
            refused,
            ..self.ending()
        }))
    }

    fn fitting_failed(
        &self,
        error: &FittingError,
        read: (RowCounts, Vec<RefusedRow>),
    ) -> Interrupted {
        let detail = match error {
            FittingError::Fit(FitError::Stopped) => return Interrupted::Stopped,
            FittingError::Fit(FitError::NotTrainable(reason)) | FittingError::Rows(reason) => {
                reason.to_string()
            }
            FittingError::Thread => {
                return self.failed(&internal_fault(format!("failed to {error}")), Some(read));
            }
        };
        self.failed(
            &RunFault {
                code: "not_trainable".into(),
                detail,
            },
            Some(read),
        )
    }
}
