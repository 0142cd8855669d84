//! A clock that a test sets.

use chrono::{DateTime, TimeDelta, Utc};
use logitd::clock::Clock;
use std::sync::{Arc, Mutex, PoisonError};

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
