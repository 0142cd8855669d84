//! A clock that a test sets, and one that panics for it.

use chrono::{DateTime, TimeDelta, Utc};
use logitd::clock::{Clock, SystemClock};
use std::backtrace::Backtrace;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Stands until it is moved.
#[derive(Clone, Debug)]
pub(crate) struct ManualClock(Arc<Mutex<DateTime<Utc>>>);

impl ManualClock {
    /// Shows this moment, `2027-03-28T00:00:00Z`.
    pub(crate) fn at(moment: &str) -> Self {
        let moment = moment.parse().expect("a moment");
        Self(Arc::new(Mutex::new(moment)))
    }

    /// For whoever wants a clock.
    pub(crate) fn shared(&self) -> Arc<dyn Clock> {
        Arc::new(self.clone())
    }

    /// Moves it on, or back.
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The machine's clock, with a bug: whoever asks it from a certain file panics, once. So a test makes a
/// panic happen in the midst of the service, which has no door for that.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultyClock(Arc<Mutex<Option<&'static str>>>);

impl FaultyClock {
    /// The next that asks from this file, `src/serving/promoter.rs`, panics.
    pub(crate) fn panic_in(&self, file: &'static str) {
        *self.file() = Some(file);
    }

    /// Whether somebody has since.
    pub(crate) fn has_panicked(&self) -> bool {
        self.file().is_none()
    }

    fn file(&self) -> MutexGuard<'_, Option<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for FaultyClock {
    fn now(&self) -> DateTime<Utc> {
        let asked = self.file().is_some_and(asked_from);
        if asked && let Some(file) = self.file().take() {
            panic!("a bug in {file}");
        }
        SystemClock.now()
    }
}

/// Whether the innermost of the service's functions that are being called is in this file.
fn asked_from(file: &str) -> bool {
    let calls = Backtrace::force_capture().to_string();
    let mut lines = calls.lines().map(str::trim);
    let innermost = lines.find(|line| {
        line.starts_with("at ")
            && line.contains("/src/")
            && !line.contains("/tests/")
            && !line.contains("/rustc/")
            && !line.contains("/registry/")
    });
    innermost.is_some_and(|line| line.contains(&format!("/{file}:")))
}
