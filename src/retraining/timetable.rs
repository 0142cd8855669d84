//! Which tick is due, and when the next one will be: a schedule with its jitter.
//!
//! Pure: what time it is stands in the arguments. The jitter follows from the model, the schema and
//! the tick, so that every replica finds the same moment, and two models on one schedule do not fit
//! at once.

use crate::schedule::Schedule;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

/// The ticks of one queue.
#[derive(Debug, Clone)]
pub struct Timetable {
    schedule: Schedule,
    jitter_seconds: u64,
    identity: String,
}

impl Timetable {
    /// The ticks of the queue with this identity; each comes later by up to `jitter_seconds`.
    #[must_use]
    pub fn new(schedule: Schedule, jitter_seconds: u64, identity: String) -> Self {
        Self {
            schedule,
            jitter_seconds,
            identity,
        }
    }

    /// The schedule behind it.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// When a tick's run is asked for.
    #[must_use]
    pub fn due_at(&self, tick: DateTime<Utc>) -> DateTime<Utc> {
        let mut hash = Sha256::new();
        hash.update(self.identity.as_bytes());
        hash.update(tick.timestamp().to_be_bytes());
        let digest = hash.finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        let later = u64::from_be_bytes(first) % (self.jitter_seconds + 1);
        tick + TimeDelta::seconds(i64::try_from(later).unwrap_or(0))
    }

    /// The last tick after `last` that is due by now. Those before it were missed, and are not made
    /// up: one run sees the same rows as many.
    #[must_use]
    pub fn due(&self, last: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut until = now;
        loop {
            let tick = self.schedule.latest_between(last, until)?;
            if self.due_at(tick) <= now {
                return Some(tick);
            }
            until = tick - TimeDelta::seconds(1);
        }
    }

    /// The next tick after `last` that is not due yet.
    #[must_use]
    pub fn next(&self, last: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let jitter = TimeDelta::seconds(i64::try_from(self.jitter_seconds).unwrap_or(0));
        let mut after = last.max(now - jitter - TimeDelta::seconds(1));
        loop {
            let tick = self.schedule.next_after(after)?;
            if self.due_at(tick) > now {
                return Some(tick);
            }
            after = tick;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    fn timetable(text: &str, jitter_seconds: u64, identity: &str) -> Timetable {
        let schedule = Schedule::parse(text, Tz::UTC).unwrap();
        Timetable::new(schedule, jitter_seconds, identity.into())
    }

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn of_many_missed_ticks_the_last_is_due() {
        let daily = timetable("0 3 * * *", 0, "a");
        let last = moment("2027-01-01T03:00:00Z");
        assert_eq!(daily.due(last, moment("2027-01-02T02:59:59Z")), None);
        let due = daily.due(last, moment("2027-01-09T12:00:00Z"));
        assert_eq!(due, Some(moment("2027-01-09T03:00:00Z")));
        let next = daily.next(due.unwrap(), moment("2027-01-09T12:00:00Z"));
        assert_eq!(next, Some(moment("2027-01-10T03:00:00Z")));
    }

    #[test]
    fn jitter_is_the_same_everywhere_and_another_for_every_tick() {
        let (here, there) = (
            timetable("* * * * *", 300, "a"),
            timetable("* * * * *", 300, "a"),
        );
        let other = timetable("* * * * *", 300, "b");
        let ticks = (0..200).map(|n| moment("2027-01-01T00:00:00Z") + TimeDelta::minutes(n));
        let mut later = std::collections::BTreeSet::new();
        let mut differ = 0;
        for tick in ticks {
            let due = here.due_at(tick);
            assert_eq!(due, there.due_at(tick));
            differ += i32::from(due != other.due_at(tick));
            later.insert((due - tick).num_seconds());
        }
        assert!(differ > 180, "{differ}");
        let range = later.first().unwrap() >= &0 && later.last().unwrap() <= &300;
        assert!(range && later.len() > 100, "{later:?}");
    }

    #[test]
    fn a_tick_with_jitter_is_due_when_its_time_has_come() {
        let jittery = timetable("0 3 * * *", 3_600, "a");
        let (last, tick) = (
            moment("2027-01-01T03:00:00Z"),
            moment("2027-01-02T03:00:00Z"),
        );
        let due_at = jittery.due_at(tick);
        let just_before = due_at - TimeDelta::seconds(1);
        assert_eq!(jittery.due(last, just_before), None);
        assert_eq!(jittery.next(last, just_before), Some(tick));
        assert_eq!(jittery.due(last, due_at), Some(tick));
        assert_eq!(
            jittery.next(tick, due_at),
            Some(moment("2027-01-03T03:00:00Z"))
        );
    }
}
