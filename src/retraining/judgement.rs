//! A fit before the gate: beside the champion of the moment, and published as the gate says.
//!
//! Concurrency: the comparison runs on a thread of its own. Between it and the publication somebody
//! may deploy another version: then nothing was written, and the same fit is judged anew beside the
//! new champion.

use super::fitting_thread::{FittingError, apart};
use super::gate::{self, Case, Champion, Decision, Verdict};
use super::incomparable::Incomparable;
use super::retrainer::Retrainer;
use crate::learning::{Fit, RefusedRow, RowCounts, Trained, TrainingSet, compare};
use crate::store::{
    Deployment, MadeOf, ModelVersion, NewModelVersion, Promotion, RunEnd, RunStatus, Split,
    StoreError, TrainingRun,
};
use std::sync::Arc;

/// How often a fit is judged before its run goes back to the queue.
const MOST_JUDGEMENTS: usize = 5;

/// What came of a run's rows.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) trained: Arc<Trained>,
    pub(super) set: Arc<TrainingSet>,
    pub(super) counts: RowCounts,
    pub(super) refused: Vec<RefusedRow>,
    pub(super) made_of: MadeOf,
}

/// What the gate made of a candidate, and what the champion was then.
#[derive(Debug)]
pub(super) struct Judged {
    decision: Decision,
    serving: Option<Deployment>,
}

/// Why there is no judgement.
#[derive(Debug, thiserror::Error)]
pub(super) enum JudgementError {
    /// The champion could not be asked for.
    #[error("find the champion")]
    Store(#[from] StoreError),
    /// The comparison could not be run.
    #[error("compare with the champion")]
    Thread(#[from] FittingError),
}

impl Retrainer {
    /// Holds a candidate against the champion of now.
    pub(super) async fn judge(
        &self,
        run: &TrainingRun,
        candidate: &Candidate,
    ) -> Result<Judged, JudgementError> {
        let serving = self.find_serving(run).await?;
        let champion = match &serving {
            Some(deployment) => Some(self.champion(run, deployment, candidate).await?),
            None => None,
        };
        let trained = &candidate.trained;
        let decision = gate::decide(&Case {
            converged: trained.served.report.converged,
            evaluation: trained.evaluation.as_ref(),
            champion,
            tolerance: self.plan.tolerance,
        });
        Ok(Judged { decision, serving })
    }

    async fn champion(
        &self,
        run: &TrainingRun,
        deployment: &Deployment,
        candidate: &Candidate,
    ) -> Result<Champion, JudgementError> {
        let of = |compared, beat_base_rate| Champion {
            version: deployment.version,
            pinned: deployment.pinned,
            beat_base_rate,
            compared,
        };
        let found = self
            .database
            .find_model_version(&run.model, deployment.version);
        let version = match found.await {
            Ok(Some(version)) => version,
            Ok(None) | Err(StoreError::Undecodable { .. }) => {
                return Ok(of(Err(Incomparable::Unreadable), false));
            }
            Err(error) => return Err(error.into()),
        };
        let beat_base_rate = self.beat_base_rate(run, &version).await?;
        let challenger = Split::of(
            &self.plan.table,
            &self.plan.database,
            candidate.set.division().clone(),
        );
        let (candidate, seed) = (candidate.clone(), self.plan.seed);
        let comparing = move || compared(&candidate, &challenger, &version, seed);
        Ok(of(apart(comparing).await?, beat_base_rate))
    }

    /// Whether a version beat the classes' shares when it was last judged: by the newest run that
    /// held a challenger against it, else by the run that made it, else by its own evaluation. All of
    /// it is stored, so that every replica knows the same.
    async fn beat_base_rate(
        &self,
        run: &TrainingRun,
        version: &ModelVersion,
    ) -> Result<bool, StoreError> {
        let (model, schema) = (&run.model, &run.schema_fingerprint);
        let database = &self.database;
        let judged = database.find_newest_run_that_judged(model, schema, version.version);
        if let Some(decision) = judged.await?.and_then(decision_of) {
            let champion = decision.champion.unwrap_or_default();
            return Ok(champion.beats_base_rate == Some(true));
        }
        let content = &version.content;
        let made = database.find_run(&content.training_run).await?;
        let made = made.and_then(decision_of);
        if let Some(gain) = made.and_then(|made| made.challenger?.gain) {
            return Ok(gain.lower > 0.0);
        }
        let evaluation = content.trained.evaluation.as_ref();
        Ok(evaluation.is_some_and(|evaluation| match evaluation.gain {
            Some(gain) => gain.lower > 0.0,
            // Of a version from before there were intervals the mean has to do.
            None => (evaluation.base_rate_log_loss).is_some_and(|base| evaluation.log_loss < base),
        }))
    }

    /// Writes a judged candidate down; where somebody deployed meanwhile it is judged anew.
    pub(super) async fn publish(
        &self,
        run: &TrainingRun,
        candidate: &Candidate,
        mut judged: Judged,
    ) -> Result<(), StoreError> {
        for _ in 0..MOST_JUDGEMENTS {
            let (end, promotion) = self.end(run, candidate, judged);
            let version = self.version(run, candidate, &end);
            match self.database.publish(run, &end, version, promotion).await {
                Err(StoreError::Conflict(_)) => {}
                published => return published.map(|_| ()),
            }
            tracing::info!(run = run.id, "another version was deployed; judging anew");
            judged = match self.judge(run, candidate).await {
                Ok(judged) => judged,
                Err(JudgementError::Store(error)) => return Err(error),
                Err(JudgementError::Thread(_)) => break,
            };
        }
        self.database.requeue_run(run).await
    }

    fn end(
        &self,
        run: &TrainingRun,
        candidate: &Candidate,
        judged: Judged,
    ) -> (RunEnd, Option<Promotion>) {
        let Judged { decision, serving } = judged;
        let promoted = decision.decision == Verdict::Promoted;
        let words = decision.reasons.iter().map(|reason| reason.detail.as_str());
        let promotion = promoted.then(|| Promotion {
            deployed_by: run
                .requested_by
                .clone()
                .unwrap_or_else(|| run.trigger.clone()),
            reason: words.collect::<Vec<_>>().join("; "),
            replaces: serving.map(|serving| serving.sequence),
        });
        let status = match promoted {
            true => RunStatus::Promoted,
            false => RunStatus::Kept,
        };
        let end = RunEnd {
            rows: Some(candidate.counts),
            refused: candidate.refused.clone(),
            gate: serde_json::to_value(&decision).ok(),
            made_of: candidate.made_of.clone(),
            judged_version: decision.judged(),
            ..RunEnd::at(status, self.clock.now())
        };
        (end, promotion)
    }

    fn version(&self, run: &TrainingRun, candidate: &Candidate, end: &RunEnd) -> NewModelVersion {
        let division = candidate.set.division().clone();
        NewModelVersion {
            model: self.plan.model.clone(),
            created_at: end.finished_at,
            training_run: run.id.clone(),
            schema: (*self.plan.schema).clone(),
            data_fingerprint: candidate.set.fingerprint(),
            code_version: self.plan.code_version.clone(),
            split: Split::of(&self.plan.table, &self.plan.database, division),
            trained: (*candidate.trained).clone(),
        }
    }
}

/// What the gate said of a run.
pub(super) fn decision_of(run: TrainingRun) -> Option<Decision> {
    serde_json::from_value(run.gate?).ok()
}

/// The fit of a version that did not see the held-out rows. Where there is no other, what serves is
/// it.
fn gate_fit(trained: &Trained) -> &Fit {
    trained.gate.as_ref().unwrap_or(&trained.served)
}

fn compared(
    candidate: &Candidate,
    split: &Split,
    champion: &ModelVersion,
    seed: u64,
) -> Result<crate::learning::Comparison, Incomparable> {
    let content = &champion.content;
    let (one, two) = (gate_fit(&content.trained), gate_fit(&candidate.trained));
    let sorted = |fit: &Fit| {
        let mut names = fit.classifier.classes().names().to_vec();
        names.sort_unstable();
        names
    };
    if sorted(one) != sorted(two) {
        return Err(Incomparable::Classes {
            champion: one.classifier.classes().names().to_vec(),
            challenger: two.classifier.classes().names().to_vec(),
        });
    }
    if split.division.fraction == 0.0 {
        return Err(Incomparable::NothingHeldOut);
    }
    Incomparable::of_splits(&content.split, split)?;
    let division = &content.split.division;
    let compared = compare(
        &candidate.set,
        &two.classifier,
        &one.classifier,
        division,
        seed,
    );
    Ok(compared?)
}
