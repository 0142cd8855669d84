//! `[serving]`: how a process comes to the model that another one promoted.

use super::field::Field;
use super::section::Section;
use super::typed::DAY_SECONDS;
use super::writer::SectionWriter;

pub(super) const SECTION: &str = "serving";

pub(super) const FIELDS: &[Field] = &[Field::with_default(
    "follow_interval_seconds",
    "2",
    "how often to look for a champion that another process promoted",
)];

/// How a process follows the champion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// How often to look for another process's champion, in seconds; at least 1.
    pub follow_interval_seconds: u64,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Serving> {
    let follow_interval_seconds = section.integer("follow_interval_seconds", 1..=DAY_SECONDS);
    Some(Serving {
        follow_interval_seconds: follow_interval_seconds?,
    })
}

pub(super) fn write(serving: &Serving, out: &mut SectionWriter<'_>) {
    out.integer("follow_interval_seconds", serving.follow_interval_seconds);
}
