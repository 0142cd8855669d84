//! Times and dates as texts.
//!
//! Shape: a value read from one of few spellings, all of which begin with the year, and written in one.
//! Concurrency: none needed. Turned down: a zone other than UTC where none is told.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};

/// A time, or a date alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    Moment(DateTime<Utc>),
    Date(NaiveDate),
}

impl Time {
    /// RFC 3339: a time with its offset, or a date alone.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let moment = || DateTime::parse_from_rfc3339(text).ok();
        let moment = || moment().map(|moment| Self::Moment(moment.to_utc()));
        date(text).map(Self::Date).or_else(moment)
    }

    /// Besides, as databases and spreadsheets write them: a blank for the `T`, an offset in hours,
    /// and none for UTC.
    pub(super) fn of_cell(text: &str) -> Option<Self> {
        let other = || {
            let spaced = text.trim().replacen(['T', 't'], " ", 1);
            let with_offset = DateTime::parse_from_str(&spaced, "%Y-%m-%d %H:%M:%S%.f%#z");
            let moment = with_offset.map(|moment| moment.to_utc()).ok();
            moment.or_else(|| {
                let without = NaiveDateTime::parse_from_str(&spaced, "%Y-%m-%d %H:%M:%S%.f");
                without.map(|moment| moment.and_utc()).ok()
            })
        };
        Self::of_text(text.trim()).or_else(|| other().map(Self::Moment))
    }

    /// A date's first moment, in UTC.
    pub(super) fn moment(self) -> DateTime<Utc> {
        match self {
            Self::Moment(moment) => moment,
            Self::Date(date) => date.and_time(NaiveTime::MIN).and_utc(),
        }
    }

    /// A time that is the first moment of a day is that day; another would lose its hours.
    pub(super) fn date(self) -> Option<NaiveDate> {
        let moment = self.moment();
        (moment.time() == NaiveTime::MIN).then(|| moment.date_naive())
    }

    /// In a form that sorts by its bytes: UTC to the microsecond, always as long.
    pub(super) fn written(self) -> String {
        match self {
            Self::Moment(moment) => moment.to_rfc3339_opts(SecondsFormat::Micros, true),
            Self::Date(date) => date.to_string(),
        }
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    const LENGTH: usize = "2026-11-22".len();
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    date.filter(|_| text.len() == LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_the_spellings_of_databases_and_of_rfc_3339() {
        let noon = DateTime::parse_from_rfc3339("2026-11-22T12:00:00.5Z").unwrap();
        let noon = Some(Time::Moment(noon.to_utc()));
        for both in ["2026-11-22T12:00:00.5Z", "2026-11-22t13:00:00.500+01:00"] {
            assert_eq!(
                (Time::of_text(both), Time::of_cell(both)),
                (noon, noon),
                "{both}"
            );
        }
        for of_files in [
            "2026-11-22 12:00:00.5",
            "2026-11-22 12:00:00.5+00",
            "2026-11-22T07:30:00.5-0430",
            " 2026-11-22 12:00:00.500000+00:00 ",
        ] {
            assert_eq!(Time::of_cell(of_files), noon, "{of_files}");
        }
        for offset_missing in ["2026-11-22T12:00:00", "2026-11-22 12:00:00.5+00"] {
            assert_eq!(Time::of_text(offset_missing), None, "{offset_missing}");
        }
        for neither in [
            "22.11.2026",
            "2026-11-22T24:00:00Z",
            "2026-02-30",
            "2026-1-2",
            "now",
            "",
        ] {
            assert_eq!(Time::of_cell(neither), None, "{neither}");
        }
    }
}
