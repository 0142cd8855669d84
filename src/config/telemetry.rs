//! `[telemetry]`: what the log looks like.

use super::field::Field;
use super::section::Section;
use super::writer::SectionWriter;

pub(super) const SECTION: &str = "telemetry";

pub(super) const FIELDS: &[Field] = &[Field::without_default(
    "log_format",
    "`\"text\"` on a terminal, else `\"json\"`",
    "how a line of the log looks: `json` or `text`",
)];

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// Plain words, for people.
    Text,
}

const LOG_FORMATS: &[(&str, LogFormat)] = &[("json", LogFormat::Json), ("text", LogFormat::Text)];

/// What the log looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telemetry {
    /// None: text on a terminal, else JSON; whoever opens the log looks.
    pub log_format: Option<LogFormat>,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Telemetry> {
    Some(Telemetry {
        log_format: section.choice("log_format", LOG_FORMATS),
    })
}

pub(super) fn write(telemetry: &Telemetry, out: &mut SectionWriter<'_>) {
    if let Some(format) = telemetry.log_format {
        out.choice("log_format", LOG_FORMATS, format);
    }
}
