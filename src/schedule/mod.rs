//! When a tick comes: a cron pattern in a real time zone, right over changes of summer time.
//!
//! Shape: [`Schedule`] is read once from the configuration; [`occurrences`] answers which tick comes
//! next and which was the last. Pure: what time it is stands in the arguments.
//! Concurrency: immutable values.
//! Turned down: tokio-cron-scheduler's own cron jobs (they keep the offset of the day on which they
//! were added, and take an impossible date without a word) and croner's search in a zone with summer
//! time (from within the hour that comes twice it finds ticks that are over, and a list of hours
//! loses the one that does not come).

mod fault;
mod occurrences;
mod pattern;

pub use fault::ScheduleFault;
pub use pattern::Schedule;
