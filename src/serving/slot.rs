//! The slot that holds the model in use, and which deployment it should be: an `Arc` behind a lock
//! that is held for one clone.
//!
//! Concurrency: the follower and whoever promotes by hand both put models in, each after it asked
//! the database. Each says what the slot held before it asked. If that changed, only a newer
//! deployment goes in: a slow look can never undo a promotion that was already answered.
//!
//! Turned down: `arc-swap` (a dependency for a lock that is never held long enough to be felt), a
//! lock held over a prediction (a swap would wait for the slowest batch), and one held over the
//! question to the database.

use super::ServedModel;
use crate::store::Deployment;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// What answers now, empty until a champion is loaded, and what should.
#[derive(Debug, Default)]
pub struct ModelSlot {
    contents: RwLock<Contents>,
    failed_loads: AtomicU64,
}

#[derive(Debug, Default)]
struct Contents {
    served: Option<Arc<ServedModel>>,
    champion: Option<Deployment>,
}

impl Contents {
    fn still_holds(&self, seen: Option<&Arc<ServedModel>>) -> bool {
        match (&self.served, seen) {
            (Some(served), Some(seen)) => Arc::ptr_eq(served, seen),
            (None, None) => true,
            _ => false,
        }
    }
}

impl ModelSlot {
    /// The model in use at this moment. The caller keeps it for the whole request.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<ServedModel>> {
        self.read(|contents| contents.served.clone())
    }

    /// What should serve, as the registry said when it was last asked.
    #[must_use]
    pub fn champion(&self) -> Option<Deployment> {
        self.read(|contents| contents.champion.clone())
    }

    /// Notes what should serve, unless the slot no longer holds what was `seen` before the registry
    /// was asked: then somebody knows better.
    pub(super) fn expect(&self, seen: Option<&Arc<ServedModel>>, champion: Option<Deployment>) {
        let mut contents = self
            .contents
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if contents.still_holds(seen) {
            contents.champion = champion;
        }
    }

    /// Puts `next` in use, as what serves and what should. Where the slot no longer holds what was
    /// `seen` before the registry was asked, only a newer deployment goes in. Gives whether it did.
    pub(super) fn swap(&self, seen: Option<&Arc<ServedModel>>, next: Arc<ServedModel>) -> bool {
        let mut contents = self
            .contents
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let sequence = |model: &Arc<ServedModel>| model.deployment().sequence;
        let older = contents.served.as_ref().map(sequence) < Some(sequence(&next));
        let goes_in = older || contents.still_holds(seen);
        if goes_in {
            contents.champion = Some(next.deployment().clone());
            contents.served = Some(next);
        }
        goes_in
    }

    /// How often a champion could not be loaded since the process began.
    #[must_use]
    pub fn failed_loads(&self) -> u64 {
        self.failed_loads.load(Ordering::Relaxed)
    }

    pub(super) fn count_failed_load(&self) {
        self.failed_loads.fetch_add(1, Ordering::Relaxed);
    }

    fn read<T>(&self, take: impl FnOnce(&Contents) -> T) -> T {
        take(&self.contents.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::{Feature, Schema};
    use crate::store::{ModelVersion, NewModelVersion};
    use chrono::DateTime;

    fn model(sequence: i32) -> Arc<ServedModel> {
        let stored = include_str!("../../tests/data/trained_v1.json");
        let stored: serde_json::Value = serde_json::from_str(stored).unwrap();
        let split = serde_json::json!({"rule": "hash", "table": "t", "fraction": 0.2});
        let features = vec![Feature::named("a"), Feature::named("b")];
        let content = NewModelVersion {
            model: "m".into(),
            created_at: DateTime::UNIX_EPOCH,
            training_run: String::new(),
            schema: Schema::new("class".into(), features, None, None).unwrap(),
            data_fingerprint: String::new(),
            code_version: String::new(),
            split: serde_json::from_value(split).unwrap(),
            trained: serde_json::from_value(stored["trained"].clone()).unwrap(),
        };
        let version = ModelVersion {
            version: sequence,
            content,
        };
        let deployment = Deployment {
            sequence,
            version: sequence,
            action: "promote".into(),
            pinned: false,
            deployed_at: DateTime::UNIX_EPOCH,
            deployed_by: String::new(),
            reason: String::new(),
        };
        Arc::new(ServedModel::new(Arc::new(version), deployment))
    }

    fn sequences(slot: &ModelSlot) -> [Option<i32>; 2] {
        let serves = slot.snapshot().map(|model| model.deployment().sequence);
        [serves, slot.champion().map(|champion| champion.sequence)]
    }

    #[test]
    fn a_slow_look_never_undoes_a_promotion() {
        let slot = ModelSlot::default();
        assert!(slot.swap(None, model(4)));
        let seen = slot.snapshot();
        assert!(slot.swap(seen.as_ref(), model(6)), "promoted by hand");
        assert!(!slot.swap(seen.as_ref(), model(5)), "what the look found");
        slot.expect(seen.as_ref(), Some(model(5).deployment().clone()));
        assert_eq!(sequences(&slot), [Some(6), Some(6)]);
        assert!(slot.swap(seen.as_ref(), model(7)), "newer goes in anyway");
        assert_eq!(sequences(&slot), [Some(7), Some(7)]);
    }

    #[test]
    fn a_registry_that_was_restored_is_followed_back() {
        let slot = ModelSlot::default();
        slot.swap(None, model(9));
        let seen = slot.snapshot();
        slot.expect(seen.as_ref(), Some(model(2).deployment().clone()));
        assert_eq!(sequences(&slot), [Some(9), Some(2)]);
        assert!(slot.swap(seen.as_ref(), model(2)));
        assert_eq!(sequences(&slot), [Some(2), Some(2)]);
    }
}
