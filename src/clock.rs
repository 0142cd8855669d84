//! The only place that reads the time. Everything else is handed a [`Clock`], so that a test can
//! say what time it is. Deadlines and pauses are tokio's, which measure and never tell the time.

use chrono::{DateTime, Utc};
use std::fmt;

/// Tells the time of day.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the time"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
