//! `[telemetry]`: what the log looks like, and where metrics are asked for. Where traces, metrics and
//! the log are sent to is said by the standard variables, see `open_telemetry`.

use std::net::SocketAddr;

use super::field::Field;
use super::section::Section;
use super::writer::SectionWriter;

pub(super) const SECTION: &str = "telemetry";

pub(super) const FIELDS: &[Field] = &[
    Field::without_default(
        "log_format",
        "`\"text\"` on a terminal, else `\"json\"`",
        "how a line of the log looks: `json` or `text`",
    ),
    Field::without_default(
        "metrics_listen",
        "only on `[http] listen`",
        "`/metrics` and the probes also on this address and port",
    ),
];

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// Plain words, for people.
    Text,
}

const LOG_FORMATS: &[(&str, LogFormat)] = &[("json", LogFormat::Json), ("text", LogFormat::Text)];

/// What the log looks like, and where metrics are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telemetry {
    /// None: text on a terminal, else JSON; whoever opens the log looks.
    pub log_format: Option<LogFormat>,
    /// A second address for `/metrics` and the probes; port 0 takes a free one.
    pub metrics_listen: Option<SocketAddr>,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Telemetry> {
    Some(Telemetry {
        log_format: section.choice("log_format", LOG_FORMATS),
        metrics_listen: read_metrics_listen(section),
    })
}

/// Empty is absent, so that a variable can take back what a file says.
fn read_metrics_listen(section: &mut Section<'_>) -> Option<SocketAddr> {
    let listen = section.text("metrics_listen")?;
    if listen.is_empty() {
        return None;
    }
    let address = listen.parse().ok();
    if address.is_none() {
        let rule = "must be an address and a port like \"0.0.0.0:9090\"";
        section.refuse_shown("metrics_listen", rule, &listen);
    }
    address
}

pub(super) fn write(telemetry: &Telemetry, out: &mut SectionWriter<'_>) {
    if let Some(format) = telemetry.log_format {
        out.choice("log_format", LOG_FORMATS, format);
    }
    if let Some(address) = telemetry.metrics_listen {
        out.text("metrics_listen", &address.to_string());
    }
}
