//! A tick enqueues a run; nothing else.
//!
//! Concurrency: every replica has a [`Ticker`] of its own, and each of them finds the same ticks; the
//! queue records a tick once. What was due while no replica ran is made up by the first that starts,
//! once.

use super::queue::TrainingQueue;
use super::timetable::Timetable;
use crate::clock::Clock;
use crate::store::{StoreError, Ticked};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Duration;

/// Asks for the run of every tick.
#[derive(Debug)]
pub struct Ticker {
    queue: TrainingQueue,
    timetable: Timetable,
    clock: Arc<dyn Clock>,
    last: Option<DateTime<Utc>>,
}

impl Ticker {
    /// A ticker that has asked nobody yet.
    #[must_use]
    pub fn new(queue: TrainingQueue, timetable: Timetable, clock: Arc<dyn Clock>) -> Self {
        Self {
            queue,
            timetable,
            clock,
            last: None,
        }
    }

    /// Asks for the run of the tick that is due, if one is.
    ///
    /// # Errors
    /// What the store says; the tick is then due the next time as well.
    pub async fn tick(&mut self) -> Result<Option<Ticked>, StoreError> {
        let now = self.clock.now();
        let last = match self.last {
            Some(last) => last,
            None => self.queue.begin_schedule(now).await?,
        };
        // A tick that lies ahead was recorded before the clock was put back. Those before it are due
        // by the clock as it is now; one that was made already is known to the queue.
        let last = last.min(now);
        self.last = Some(last);
        let Some(due) = self.timetable.due(last, now) else {
            return Ok(None);
        };
        let ticked = self.queue.enqueue_tick(due).await?;
        self.last = Some(due);
        Ok(Some(ticked))
    }

    /// How long until the next tick is due; `None` where none comes any more.
    #[must_use]
    pub fn pause(&self) -> Option<Duration> {
        let now = self.clock.now();
        let last = self.last.map_or(now, |last| last.min(now));
        let next = self.timetable.next(last, now)?;
        (self.timetable.due_at(next) - now).to_std().ok()
    }
}
