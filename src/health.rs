//! Named checks, Down until they are registered as anything better. Probes read them; `app` fills
//! them.
//!
//! Concurrency: a lock held for a moment; no check is ever asked, each is told. So a probe can
//! neither be slow nor fail because something behind it does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

/// How one thing stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckState {
    /// It works.
    Up,
    /// It works, and somebody should look.
    Warning(String),
    /// It does not work, or not yet.
    Down(String),
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckName {
    /// A champion is loaded: needed for readiness.
    Model,
    /// The database answered last time: told, not needed.
    Store,
    /// The dataset's table and columns are there: told, not needed.
    Dataset,
    /// The last training run: told, not needed.
    Training,
    /// The file of keys, where there is one: told, not needed.
    Keys,
    /// The service's certificate, where there is one: told, not needed.
    Certificate,
}

impl CheckName {
    /// The name shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Store => "store",
            Self::Dataset => "dataset",
            Self::Training => "training",
            Self::Keys => "keys",
            Self::Certificate => "certificate",
        }
    }
}

/// The state of the whole process.
#[derive(Debug)]
pub struct Health {
    checks: RwLock<BTreeMap<CheckName, CheckState>>,
    started: AtomicBool,
    draining: AtomicBool,
}

impl Default for Health {
    fn default() -> Self {
        let not_yet = |name| (name, CheckState::Down("not looked at yet".into()));
        let names = [
            CheckName::Model,
            CheckName::Store,
            CheckName::Dataset,
            CheckName::Training,
        ];
        Self {
            checks: RwLock::new(names.map(not_yet).into()),
            started: AtomicBool::new(false),
            draining: AtomicBool::new(false),
        }
    }
}

impl Health {
    /// Tells how one thing stands; gives back how it stood.
    pub fn tell(&self, name: CheckName, state: CheckState) -> Option<CheckState> {
        self.checks
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, state)
    }

    /// Whether this works, if perhaps with a warning.
    #[must_use]
    pub fn works(&self, name: CheckName) -> bool {
        let checks = self.checks.read().unwrap_or_else(PoisonError::into_inner);
        let state = checks.get(&name);
        state.is_some_and(|state| !matches!(state, CheckState::Down(_)))
    }

    /// Every check.
    #[must_use]
    pub fn checks(&self) -> Vec<(CheckName, CheckState)> {
        let checks = self.checks.read().unwrap_or_else(PoisonError::into_inner);
        checks
            .iter()
            .map(|(name, state)| (*name, state.clone()))
            .collect()
    }

    /// A first attempt at migrations and registry ended, well or badly.
    pub fn tell_started(&self) {
        self.started.store(true, Ordering::Relaxed);
    }

    /// Whether that first attempt ended.
    #[must_use]
    pub fn is_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    /// From now on the service is not ready, although it answers.
    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the service is about to stop.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Whether requests should come: a model is loaded and the service is not draining.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let checks = self.checks.read().unwrap_or_else(PoisonError::into_inner);
        let loaded = matches!(
            checks.get(&CheckName::Model),
            Some(CheckState::Up | CheckState::Warning(_))
        );
        loaded && !self.is_draining()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_loaded_model_that_is_not_draining_is_ready() {
        let health = Health::default();
        assert!(!health.is_ready());
        health.tell(CheckName::Model, CheckState::Up);
        assert!(health.is_ready());
        health.tell(CheckName::Store, CheckState::Down("gone".into()));
        assert!(health.is_ready(), "predictions do not need the database");
        health.start_draining();
        assert!(!health.is_ready());
    }
}
