//! Takes one claimed run from its rows to a published version.
//!
//! The steps are those of [`RunStep`]. The heart beats beside them; when it finds the claim lost, or
//! the service stops, the run is stopped at its next look.

use super::fitting_thread::{self, Fitting, FittingError};
use super::gate::{self, Verdict};
use super::heart;
use super::progress::{ProgressSink, RunProgress, RunStep};
use super::queue::TrainingQueue;
use crate::clock::Clock;
use crate::learning::{FitError, RefusedRow, RowCounts, Schema, Search, SplitRule};
use crate::store::{
    Database, DatasetTable, NewModelVersion, Promotion, RunEnd, RunFault, RunStatus, Split,
    StoreError, TrainingRun, Trigger,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// Everything that says how a model is trained.
#[derive(Debug, Clone)]
pub struct TrainingPlan {
    /// The model's name.
    pub model: String,
    /// Which database the rows are in, as a hash.
    pub database: String,
    /// Where the rows are.
    pub table: DatasetTable,
    /// What is learned from and for.
    pub schema: Arc<Schema>,
    /// How rows are held out, and how many there must be.
    pub split: SplitRule,
    /// Of more usable rows so many are sampled; 0: all are used.
    pub maximum_rows: usize,
    /// Mean log loss that a challenger may lose against the champion.
    pub tolerance: f64,
    /// The penalties to choose from, and over how many folds.
    pub search: Search,
    /// The seed of whatever is drawn.
    pub seed: u64,
    /// Threads of a fit, at least one.
    pub threads: usize,
    /// Whether the served fit sees all rows.
    pub refit: bool,
    /// Whether a start trains although there is a champion.
    pub train_at_every_start: bool,
    /// Version and revision of this binary.
    pub code_version: String,
}

/// Works off runs of one model and schema.
#[derive(Debug, Clone)]
pub struct Retrainer {
    database: Database,
    queue: TrainingQueue,
    clock: Arc<dyn Clock>,
    plan: TrainingPlan,
    progress: ProgressSink,
}

/// What was read and came of it, on the way to the end of a run.
struct Outcome {
    end: RunEnd,
    version: Option<(NewModelVersion, Option<Promotion>)>,
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
    Failed(RunEnd),
}

impl Retrainer {
    /// A retrainer over this queue.
    #[must_use]
    pub fn new(
        database: Database,
        queue: TrainingQueue,
        clock: Arc<dyn Clock>,
        plan: TrainingPlan,
    ) -> Self {
        Self {
            database,
            queue,
            clock,
            plan,
            progress: ProgressSink::default(),
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
        match self.work(run, stop, when_stopped).await {
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
        let heart = heart::beat(&self.database, run, &self.progress, ttl);
        let outcome = tokio::select! {
            outcome = self.make(run, stop) => outcome,
            () = heart => {
                stop.store(true, Ordering::Relaxed);
                return Err(StoreError::ClaimLost);
            }
        };
        self.progress.begin(RunStep::Publish);
        match (outcome, when_stopped) {
            (Ok(outcome), _) => self.publish(run, outcome).await?,
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

    async fn make(
        &self,
        run: &TrainingRun,
        stop: &Arc<AtomicBool>,
    ) -> Result<Outcome, Interrupted> {
        if let Some(end) = self.covered_by_champion(run).await? {
            return Ok(Outcome { end, version: None });
        }
        let rows = self
            .database
            .read_observations(
                &self.plan.table,
                &self.plan.schema,
                self.plan.maximum_rows,
                |share| {
                    self.progress.tell(RunStep::Read, share);
                    !stop.load(Ordering::Relaxed)
                },
            )
            .await
            .map_err(|error| self.failed(&store_fault(&error), None))?
            .ok_or(Interrupted::Stopped)?;
        let read = (rows.counts(), rows.refused().to_vec());
        let fitting = Fitting {
            schema: Arc::clone(&self.plan.schema),
            split: self.plan.split,
            search: self.plan.search.clone(),
            seed: self.plan.seed,
            threads: self.plan.threads,
            refit: self.plan.refit,
            progress: self.progress.clone(),
        };
        let fitted = fitting_thread::fit(fitting, rows, Arc::clone(stop)).await;
        let fitted = fitted.map_err(|error| self.fitting_failed(&error, read.clone()))?;
        self.progress.begin(RunStep::Judge);
        self.judge(run, fitted, read).await
    }

    /// A start that finds a champion after all has nothing to do: another process was first.
    async fn covered_by_champion(&self, run: &TrainingRun) -> Result<Option<RunEnd>, Interrupted> {
        if run.trigger != Trigger::Start.as_str() || self.plan.train_at_every_start {
            return Ok(None);
        }
        let serving = self.find_serving(run).await?;
        Ok(serving.map(|_| RunEnd {
            status: RunStatus::Skipped,
            ..self.ending()
        }))
    }

    async fn find_serving(
        &self,
        run: &TrainingRun,
    ) -> Result<Option<crate::store::Deployment>, Interrupted> {
        self.database
            .find_deployment(&run.model, &run.schema_fingerprint)
            .await
            .map_err(|error| self.failed(&store_fault(&error), None))
    }

    async fn judge(
        &self,
        run: &TrainingRun,
        fitted: fitting_thread::Fitted,
        (counts, refused): (RowCounts, Vec<RefusedRow>),
    ) -> Result<Outcome, Interrupted> {
        let serving = self.find_serving(run).await?;
        let converged = fitted.trained.served.report.converged;
        let decision = gate::decide(converged, serving.as_ref().map(|serving| serving.version));
        let promoted = decision.decision == Verdict::Promoted;
        let promotion = promoted.then(|| Promotion {
            deployed_by: run
                .requested_by
                .clone()
                .unwrap_or_else(|| run.trigger.clone()),
            reason: decision
                .reasons
                .iter()
                .map(|reason| reason.detail.as_str())
                .collect(),
            replaces: serving.map(|serving| serving.sequence),
        });
        let end = RunEnd {
            status: if promoted {
                RunStatus::Promoted
            } else {
                RunStatus::Kept
            },
            rows: Some(counts),
            refused,
            gate: serde_json::to_value(&decision).ok(),
            ..self.ending()
        };
        let version = self.version(run, fitted, &end);
        Ok(Outcome {
            end,
            version: Some((version, promotion)),
        })
    }

    fn version(
        &self,
        run: &TrainingRun,
        fitted: fitting_thread::Fitted,
        end: &RunEnd,
    ) -> NewModelVersion {
        NewModelVersion {
            model: self.plan.model.clone(),
            created_at: end.finished_at,
            training_run: run.id.clone(),
            schema: (*self.plan.schema).clone(),
            data_fingerprint: fitted.data_fingerprint,
            code_version: self.plan.code_version.clone(),
            split: Split::of(&self.plan.table, &self.plan.database, fitted.division),
            trained: fitted.trained,
        }
    }

    async fn publish(&self, run: &TrainingRun, outcome: Outcome) -> Result<(), StoreError> {
        let Some((version, promotion)) = outcome.version else {
            return self.database.end_run(run, &outcome.end).await;
        };
        match self
            .database
            .publish(run, &outcome.end, version, promotion)
            .await
        {
            Ok(_) => Ok(()),
            // Somebody deployed or numbered meanwhile: queued again, judged anew, nothing lost.
            Err(StoreError::Conflict(_)) => self.database.requeue_run(run).await,
            Err(error) => Err(error),
        }
    }

    fn ending(&self) -> RunEnd {
        RunEnd::at(RunStatus::Failed, self.clock.now())
    }

    fn failed(&self, fault: &RunFault, read: Option<(RowCounts, Vec<RefusedRow>)>) -> Interrupted {
        let (rows, refused) =
            read.map_or((None, Vec::new()), |(rows, refused)| (Some(rows), refused));
        Interrupted::Failed(RunEnd {
            error: Some(fault.clone()),
            rows,
            refused,
            ..self.ending()
        })
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
                let fault = RunFault {
                    code: "internal".into(),
                    detail: error.to_string(),
                };
                return self.failed(&fault, Some(read));
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

fn store_fault(error: &StoreError) -> RunFault {
    let code = if error.is_dataset() {
        "not_trainable"
    } else if error.is_unavailable() {
        "store_unavailable"
    } else {
        "internal"
    };
    let next = match error {
        StoreError::UnknownTable { nearest: None, .. } => {
            "; [dataset] names it by table and schema, and `logitd import` makes one from a CSV"
        }
        _ => "",
    };
    RunFault {
        code: code.into(),
        detail: format!("failed to {error}{next}"),
    }
}
