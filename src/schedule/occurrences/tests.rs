//! The ticks over both changes of 2027 in Europe/Berlin (28 March 02:00 to 03:00, 31 October 03:00 to
//! 02:00), as a calendar says them, and against a search second by second.

use super::*;
use chrono::{Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;
use proptest::prelude::*;

fn schedule(text: &str, zone: Tz) -> Schedule {
    Schedule::parse(text, zone).unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Every tick after `from` and before `until`, on the zone's clocks.
fn ticks(schedule: &Schedule, from: &str, until: &str) -> Vec<String> {
    let until = moment(until);
    let mut at = moment(from);
    let mut ticks = Vec::new();
    while let Some(next) = schedule.next_after(at).filter(|next| *next < until) {
        assert!(next > at);
        ticks.push(schedule.local(next));
        at = next;
    }
    ticks
}

#[test]
fn a_time_that_the_clocks_jump_over_ticks_once_when_they_jump() {
    let berlin = schedule("30 2 * * *", Tz::Europe__Berlin);
    assert_eq!(
        ticks(&berlin, "2027-03-26T12:00:00Z", "2027-03-30T12:00:00Z"),
        [
            "2027-03-27T02:30:00+01:00",
            "2027-03-28T03:00:00+02:00",
            "2027-03-29T02:30:00+02:00",
            "2027-03-30T02:30:00+02:00",
        ]
    );
    let twice = schedule("0 2,3 * * *", Tz::Europe__Berlin);
    assert_eq!(
        ticks(&twice, "2027-03-27T12:00:00Z", "2027-03-28T12:00:00Z"),
        ["2027-03-28T03:00:00+02:00"],
        "both hours begin at the same moment"
    );
}

#[test]
fn a_time_that_comes_twice_ticks_once() {
    let berlin = schedule("30 2 * * *", Tz::Europe__Berlin);
    assert_eq!(
        ticks(&berlin, "2027-10-29T12:00:00Z", "2027-11-02T00:00:00Z"),
        [
            "2027-10-30T02:30:00+02:00",
            "2027-10-31T02:30:00+02:00",
            "2027-11-01T02:30:00+01:00",
        ]
    );
    // Asked from within the hour that comes again.
    let next = berlin.next_after(moment("2027-10-31T01:10:00Z")).unwrap();
    assert_eq!(berlin.local(next), "2027-11-01T02:30:00+01:00");
}

#[test]
fn what_runs_in_every_hour_goes_on_evenly() {
    let berlin = schedule("*/20 * * * *", Tz::Europe__Berlin);
    for day in ["2027-03-28", "2027-10-31"] {
        let (from, until) = (format!("{day}T00:30:00Z"), format!("{day}T02:30:00Z"));
        let (mut at, until) = (moment(&from), moment(&until));
        let mut count = 0;
        while let Some(next) = berlin.next_after(at).filter(|next| *next < until) {
            assert!(next - at <= TimeDelta::minutes(20), "{next}");
            (at, count) = (next, count + 1);
        }
        assert_eq!(count, 6, "{day}");
    }
}

#[test]
fn once_a_day_over_the_whole_year() {
    let berlin = schedule("30 2 * * *", Tz::Europe__Berlin);
    let mut at = moment("2026-12-31T23:00:00Z");
    let mut day = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
    while day.year() == 2027 {
        at = berlin.next_after(at).unwrap();
        let local = at.with_timezone(&Tz::Europe__Berlin);
        assert_eq!(local.date_naive(), day);
        day = day.succ_opt().unwrap();
    }
}

#[test]
fn the_29th_of_february_comes_in_leap_years() {
    let leap = schedule("0 3 29 2 *", Tz::UTC);
    let next = leap.next_after(moment("2027-01-01T00:00:00Z")).unwrap();
    assert_eq!(next, moment("2028-02-29T03:00:00Z"));
    // 2100 is none.
    let next = leap.next_after(moment("2096-03-01T00:00:00Z")).unwrap();
    assert_eq!(next, moment("2104-02-29T03:00:00Z"));
}

#[test]
fn the_last_tick_is_found_however_long_ago_it_was() {
    let cases = [
        ("0 3 29 2 *", "2024-02-29T03:00:00Z"),
        ("0 3 * * *", "2027-11-24T03:00:00Z"),
        ("30 9 * * *", "2027-11-24T09:30:00Z"),
        ("* * * * * *", "2027-11-24T09:30:00Z"),
    ];
    for (text, expected) in cases {
        let schedule = schedule(text, Tz::UTC);
        let until = moment("2027-11-24T09:30:00Z");
        let latest = schedule.latest_between(moment("2020-01-01T00:00:00Z"), until);
        assert_eq!(latest, Some(moment(expected)), "{text}");
        let none = schedule.latest_between(moment(expected), until);
        assert_eq!(none, None, "{text}: it is not after itself");
    }
}

/// The rule in words, second by second: the minute and the hour stand on the clocks for the first
/// time; or the clocks have just jumped over such a time.
fn by_hand(zone: Tz, hour: u32, minute: u32, at: DateTime<Utc>) -> bool {
    let local = at.with_timezone(&zone);
    let before = (at - SECOND).with_timezone(&zone);
    let named = |time: chrono::NaiveDateTime| {
        (time.hour(), time.minute(), time.second()) == (hour, minute, 0)
    };
    let mut clock = before.naive_local() + SECOND;
    let first_time = || {
        (1..=10_800).all(|seconds| {
            (at - TimeDelta::seconds(seconds))
                .with_timezone(&zone)
                .naive_local()
                != local.naive_local()
        })
    };
    let mut jumped_over = false;
    while clock < local.naive_local() {
        jumped_over |= named(clock);
        clock += SECOND;
    }
    jumped_over || (named(local.naive_local()) && first_time())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_named_time_ticks_as_the_rule_says(
        change in prop::sample::select(vec![
            (Tz::Europe__Berlin, "2027-03-28T01:00:00Z"),
            (Tz::Europe__Berlin, "2027-10-31T01:00:00Z"),
            (Tz::America__New_York, "2027-11-07T06:00:00Z"),
            (Tz::Australia__Lord_Howe, "2027-10-02T15:30:00Z"),
            (Tz::Australia__Lord_Howe, "2027-04-03T15:00:00Z"),
        ]),
        near in -90_i64..90,
    ) {
        let (zone, at) = change;
        let near = (moment(at) + TimeDelta::minutes(near)).with_timezone(&zone);
        let (hour, minute) = (near.hour(), near.minute());
        let schedule = schedule(&format!("{minute} {hour} * * *"), zone);
        let from = moment(at) - TimeDelta::hours(3);
        let expected: Vec<_> = (1..6 * 3_600)
            .map(|seconds| from + TimeDelta::seconds(seconds))
            .filter(|at| by_hand(zone, hour, minute, *at))
            .collect();
        let mut found = Vec::new();
        let mut at = from;
        while let Some(next) = schedule.next_after(at).filter(|next| *next < from + TimeDelta::hours(6)) {
            found.push(next);
            at = next;
        }
        prop_assert_eq!(found, expected);
    }
}
