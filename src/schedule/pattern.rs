//! A cron pattern as it is read.

use super::ScheduleFault;
use chrono::{DateTime, Month, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Year};

/// croner's bit for a value that is named as it is (its own constant is private).
const NAMED: u8 = 1;

/// How many impossible dates are told.
const MOST_DATES: usize = 5;

/// A cron pattern in a time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    text: String,
    pub(super) zone: Tz,
    pub(super) pattern: Cron,
    /// Whether the hours are named, so that each tick belongs to a time of the day.
    pub(super) names_hours: bool,
}

impl Schedule {
    /// Reads five fields (minute, hour, day of the month, month, day of the week) or six (seconds
    /// first), as in crontab(5): where both days are restricted, either will do.
    ///
    /// # Errors
    /// [`ScheduleFault`], dates that never come by their names.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, ScheduleFault> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let &[.., hours, days, _, weekdays] = fields.as_slice() else {
            return Err(ScheduleFault::Fields {
                found: fields.len(),
            });
        };
        if !(5..=6).contains(&fields.len()) {
            return Err(ScheduleFault::Fields {
                found: fields.len(),
            });
        }
        let parser = CronParser::builder().year(Year::Disallowed).build();
        let pattern = parser.parse(text).map_err(unreadable)?;
        let by_date = days != "*" && days != "?" && (weekdays == "*" || weekdays == "?");
        if let Some(dates) = by_date.then(|| impossible_dates(&pattern)).flatten() {
            return Err(ScheduleFault::NoSuchDate { dates });
        }
        let schedule = Self {
            text: fields.join(" "),
            zone,
            pattern,
            names_hours: !hours.contains('*'),
        };
        let ever = schedule.next_after(DateTime::UNIX_EPOCH);
        ever.map(|_| schedule).ok_or(ScheduleFault::Never)
    }

    /// The pattern as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The zone whose clocks it follows.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// This moment on the zone's clocks, with the offset.
    #[must_use]
    pub fn local(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).to_rfc3339()
    }
}

/// croner begins with words about itself, and ends with a full stop.
fn unreadable(error: croner::errors::CronError) -> ScheduleFault {
    let told = error.to_string();
    let told = told
        .strip_prefix("Component error: ")
        .or_else(|| told.strip_prefix("Invalid pattern: "))
        .unwrap_or(&told);
    let mut letters = told.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    ScheduleFault::Unreadable {
        detail: first.into_iter().chain(letters).collect(),
    }
}

/// The dates by name, where none of them is in any year; 29 February is in some.
fn impossible_dates(pattern: &Cron) -> Option<String> {
    let days = pattern.pattern.days.get_set_values(NAMED);
    let months = pattern.pattern.months.get_set_values(NAMED);
    let mut dates = Vec::new();
    for month in months {
        for day in &days {
            if *day <= longest(month) {
                return None;
            }
            dates.push(format!("{day} {}", name_of(month)?));
        }
    }
    let told = dates.len().min(MOST_DATES);
    (told > 0).then(|| dates[..told].join(", "))
}

/// The days of a month in a leap year.
fn longest(month: u16) -> u16 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn name_of(month: u16) -> Option<&'static str> {
    let month = u8::try_from(month).ok()?;
    Month::try_from(month).ok().map(|month| month.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match Schedule::parse(text, Tz::UTC) {
            Ok(schedule) => format!("comes: {:?}", schedule.text()),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn what_never_comes_is_told_by_name() {
        for (text, expected) in [
            ("0 3 30 2 *", "never comes: there is no 30 February"),
            (
                "0 3 31 2,4,6 *",
                "never comes: there is no 31 February, 31 April, 31 June",
            ),
            (
                "0 0 3 30-31 2 ?",
                "never comes: there is no 30 February, 31 February",
            ),
            ("0 3 29 2 *", "comes: \"0 3 29 2 *\""),
            ("0 3 30 2,3 *", "comes: \"0 3 30 2,3 *\""),
            ("0 3 31 * *", "comes: \"0 3 31 * *\""),
            ("0 3 L 2 *", "comes: \"0 3 L 2 *\""),
            // As in crontab(5): either day will do, and there are Mondays in February.
            ("0 3 30 2 MON", "comes: \"0 3 30 2 MON\""),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn five_fields_or_six_and_nothing_else() {
        for (text, found) in [
            ("", 0),
            ("0 3 * *", 4),
            ("0 0 3 * * * 2027", 7),
            ("@daily", 1),
        ] {
            let fault = Schedule::parse(text, Tz::UTC).unwrap_err();
            assert_eq!(fault, ScheduleFault::Fields { found }, "{text}");
        }
        for text in [
            "60 3 * * *",
            "0 24 * * *",
            "x 3 * * *",
            "0 3 0 * *",
            "0 3 * 13 *",
        ] {
            let fault = told(text);
            assert!(fault.starts_with("is no cron pattern: "), "{text}: {fault}");
        }
        assert_eq!(told(" */5  *  * * 1-5 "), "comes: \"*/5 * * * 1-5\"");
    }
}
