//! What the gauges ask: the model slot, the pools, the checks, and what the jobs saw last.

use super::Workshop;
use crate::health::{CheckState, Health};
use crate::retraining::TrainingRun;
use crate::serving::{ModelSlot, ServedModel};
use crate::telemetry::{Champion, LastRun, Watched};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the jobs saw last.
#[derive(Debug, Default)]
pub(super) struct Seen {
    followed: Mutex<Option<Instant>>,
    last_run: Mutex<Option<LastRun>>,
}

impl Seen {
    /// Just now the follower saw that what serves is what should.
    pub(super) fn followed(&self) {
        *locked(&self.followed) = Some(Instant::now());
    }

    /// This is the newest run, and whether the data have changed by the newest judgement of what
    /// serves. One that is not over tells nothing.
    pub(super) fn newest_run(&self, run: &TrainingRun, data_changed: bool) {
        let Some(ended_at) = run.finished_at.filter(|_| run.is_finished()) else {
            return;
        };
        *locked(&self.last_run) = Some(LastRun {
            ended_at,
            outcome: run.status.clone(),
            reason: run.first_reason().to_owned(),
            data_changed,
        });
    }

    fn lag(&self) -> Option<Duration> {
        locked(&self.followed).map(|seen| seen.elapsed())
    }

    fn last_run(&self) -> Option<LastRun> {
        locked(&self.last_run).clone()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has the gauges ask these.
pub(super) fn watch(
    workshop: &Workshop,
    slot: &Arc<ModelSlot>,
    health: &Arc<Health>,
    seen: &Arc<Seen>,
) {
    let (slot, health) = (Arc::clone(slot), Arc::clone(health));
    let (database, loading) = (workshop.database.clone(), Arc::clone(&slot));
    let (followed, seen) = (Arc::clone(seen), Arc::clone(seen));
    let (timetable, clock) = (workshop.timetable.clone(), Arc::clone(workshop.clock()));
    workshop.telemetry.watch(Watched {
        champion: Arc::new(move || slot.snapshot().map(|model| champion(&model))),
        pools: Arc::new(move || database.pools()),
        checks: Arc::new(move || checks(&health)),
        next_tick: Arc::new(move || {
            let (timetable, now) = (timetable.as_ref()?, clock.now());
            timetable.next(now, now)
        }),
        follow_lag: Arc::new(move || followed.lag()),
        failed_loads: Arc::new(move || loading.failed_loads()),
        last_run: Arc::new(move || seen.last_run()),
    });
}

fn champion(model: &ServedModel) -> Champion {
    let content = &model.version().content;
    let evaluation = content.trained.evaluation.as_ref();
    Champion {
        version: model.number(),
        created_at: content.created_at,
        log_loss: evaluation.map(|evaluation| evaluation.log_loss),
        roc_auc: evaluation.and_then(|evaluation| evaluation.roc_auc),
    }
}

fn checks(health: &Health) -> Vec<(&'static str, bool)> {
    let checks = health.checks().into_iter();
    let up = |state: &CheckState| !matches!(state, CheckState::Down(_));
    checks
        .map(|(name, state)| (name.as_str(), up(&state)))
        .collect()
}
