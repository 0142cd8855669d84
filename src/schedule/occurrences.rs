//! The ticks of a schedule, one after the other.
//!
//! Shape: between two changes of its offset a zone's clocks run evenly, and there croner's search is
//! right; so the search goes from change to change. At a change, a schedule that names its hours
//! ticks once for what the clocks jump over, at the moment they jump, and not again in the hour that
//! comes twice; one that runs in every hour goes on evenly, as cron(8) does.

use super::Schedule;
use chrono::{DateTime, FixedOffset, LocalResult, Offset, TimeDelta, TimeZone, Utc};

const SECOND: TimeDelta = TimeDelta::seconds(1);
const DAY: TimeDelta = TimeDelta::days(1);

/// How far back the last tick is looked for, in seconds: at first near, where it mostly is.
const WINDOWS: [i64; 5] = [60, 3_600, 86_400, 32 * 86_400, 15_000 * 86_400];

/// A change of a zone's offset.
struct Change {
    /// The first second of the new offset.
    at: DateTime<Utc>,
    /// How far the clocks jump, forwards or (negative) back.
    jump: TimeDelta,
}

impl Schedule {
    /// The first tick after this moment; `None` where there is none within the years that a calendar
    /// is known for.
    #[must_use]
    pub fn next_after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // Ticks are whole seconds.
        let mut after = DateTime::from_timestamp(moment.timestamp(), 0)?;
        loop {
            let offset = self.offset_at(after + SECOND);
            let local = after.with_timezone(&offset);
            let found = self.pattern.find_next_occurrence(&local, false).ok()?;
            let found = found.to_utc();
            match self.first_change(after + SECOND, found) {
                None if self.names_hours && self.comes_again(found) => after = found,
                None => return Some(found),
                Some(change) if self.names_hours && found < change.at + change.jump => {
                    return Some(change.at);
                }
                Some(change) => after = change.at - SECOND,
            }
        }
    }

    /// The last tick after `after` and not after `until`.
    #[must_use]
    pub fn latest_between(
        &self,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        for window in WINDOWS {
            let from = after.max(until - TimeDelta::seconds(window));
            let mut latest = None;
            while let Some(next) = self.next_after(latest.unwrap_or(from)) {
                if next > until {
                    break;
                }
                latest = Some(next);
            }
            if latest.is_some() || from == after {
                return latest;
            }
        }
        None
    }

    fn offset_at(&self, moment: DateTime<Utc>) -> FixedOffset {
        self.zone
            .offset_from_utc_datetime(&moment.naive_utc())
            .fix()
    }

    /// The first change after `from` and not after `until`. Two changes lie further apart than a day.
    fn first_change(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<Change> {
        let before = self.offset_at(from);
        let mut same = from;
        while same < until {
            let mut changed = (same + DAY).min(until);
            if self.offset_at(changed) == before {
                same = changed;
                continue;
            }
            while changed - same > SECOND {
                let middle = same + TimeDelta::seconds((changed - same).num_seconds() / 2);
                if self.offset_at(middle) == before {
                    same = middle;
                } else {
                    changed = middle;
                }
            }
            let jump = self.offset_at(changed).local_minus_utc() - before.local_minus_utc();
            return Some(Change {
                at: changed,
                jump: TimeDelta::seconds(i64::from(jump)),
            });
        }
        None
    }

    /// Whether the zone's clocks have shown this time before.
    fn comes_again(&self, moment: DateTime<Utc>) -> bool {
        let local = moment.with_timezone(&self.zone).naive_local();
        match self.zone.from_local_datetime(&local) {
            LocalResult::Ambiguous(first, _) => first.to_utc() != moment,
            LocalResult::Single(_) | LocalResult::None => false,
        }
    }
}

#[cfg(test)]
mod tests;
