//! What the gauges ask: the model slot, the pools, the checks, and how the follower fares.

use super::Workshop;
use crate::health::{CheckState, Health};
use crate::serving::{ModelSlot, ServedModel};
use crate::telemetry::{Champion, Watched};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// When the follower last saw that what serves is what should.
#[derive(Debug, Default)]
pub(super) struct Followed(Mutex<Option<Instant>>);

impl Followed {
    /// Just now.
    pub(super) fn tell(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn lag(&self) -> Option<Duration> {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.map(|seen| seen.elapsed())
    }
}

/// Has the gauges ask these.
pub(super) fn watch(
    workshop: &Workshop,
    slot: &Arc<ModelSlot>,
    health: &Arc<Health>,
    followed: &Arc<Followed>,
) {
    let (slot, health) = (Arc::clone(slot), Arc::clone(health));
    let (database, followed) = (workshop.database.clone(), Arc::clone(followed));
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
