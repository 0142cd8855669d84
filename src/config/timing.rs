//! When a run is made: the part of `[training]` that has a clock.

use super::nearest::nearest;
use super::section::Section;
use super::typed::DAY_SECONDS;
use super::writer::SectionWriter;
use crate::schedule::Schedule;
use chrono_tz::{TZ_VARIANTS, Tz};

/// As many rows as a database can count.
const MOST_ROWS: u64 = i64::MAX as u64;

/// When runs are made beside those that are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// When a run is made; none: never by itself.
    pub schedule: Option<Schedule>,
    /// Whose clocks the schedule follows.
    pub time_zone: Tz,
    /// A tick comes later by up to so many seconds, the same for every process.
    pub jitter_seconds: u64,
    /// So many rows more than the last run saw make a run; none: never.
    pub new_rows: Option<u64>,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Timing> {
    let time_zone = read_time_zone(section);
    let schedule = read_schedule(section, time_zone.unwrap_or_default());
    let jitter_seconds = section.integer("jitter_seconds", 0..=DAY_SECONDS);
    let new_rows = section.integer("new_rows", 1..=MOST_ROWS);
    Some(Timing {
        schedule,
        time_zone: time_zone?,
        jitter_seconds: jitter_seconds?,
        new_rows,
    })
}

fn read_time_zone(section: &mut Section<'_>) -> Option<Tz> {
    let name = section.text("time_zone")?;
    if let Ok(zone) = name.parse() {
        return Some(zone);
    }
    let known = TZ_VARIANTS.iter().map(|zone| zone.name());
    let near = nearest(&name, known).map(|near| format!("; did you mean {near:?}?"));
    let rule = "must be a time zone of the IANA database like \"Europe/Berlin\"";
    let rule = format!("{rule}{}", near.unwrap_or_default());
    section.refuse_shown("time_zone", &rule, &name);
    None
}

fn read_schedule(section: &mut Section<'_>, zone: Tz) -> Option<Schedule> {
    let text = section.text("schedule")?;
    match Schedule::parse(&text, zone) {
        Ok(schedule) => Some(schedule),
        Err(fault) => {
            section.refuse("schedule", format!("{text:?} {fault}"));
            None
        }
    }
}

pub(super) fn write(timing: &Timing, out: &mut SectionWriter<'_>) {
    out.optional_text("schedule", timing.schedule.as_ref().map(Schedule::text));
    out.text("time_zone", timing.time_zone.name());
    out.integer("jitter_seconds", timing.jitter_seconds);
    if let Some(rows) = timing.new_rows {
        out.integer("new_rows", rows);
    }
}
