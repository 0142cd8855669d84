//! The log: one line an event on stderr, JSON for machines, text for people, and to a collector
//! where one is named.
//!
//! logitd's own events are shown at the level that `LOGITD_LOG` names, other crates' from `warn` on.

use super::Telemetry;
use super::log_line::{JsonLine, TextFields};
use super::sdk_events::FewSdkEvents;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, Targets};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry, fmt};

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogStyle {
    /// One JSON object a line.
    Json,
    /// For a person.
    Text,
}

impl LogStyle {
    /// Text where a terminal watches, JSON elsewhere.
    #[must_use]
    pub fn for_this_terminal() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Text
        } else {
            Self::Json
        }
    }
}

/// Starts the log of this process.
///
/// # Errors
/// When one was started before.
pub fn start(
    style: LogStyle,
    level: LevelFilter,
    telemetry: &Telemetry,
) -> Result<(), TryInitError> {
    let shown = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("logitd", level);
    let lines = lines(style).with_filter(shown.and(FewSdkEvents::default()));
    // What the exporters and their client say about a failing export must not be exported.
    let exported = Targets::new()
        .with_target("logitd", level)
        .with_target("logitd::telemetry", LevelFilter::OFF);
    let bridge = telemetry
        .logger_provider()
        .map(OpenTelemetryTracingBridge::new);
    tracing_subscriber::registry()
        .with(lines)
        .with(bridge.map(|bridge| bridge.with_filter(exported)))
        .try_init()?;
    std::panic::set_hook(Box::new(tell_panic));
    Ok(())
}

/// One line as any other, for whoever reads them by machine; what comes of it others decide.
fn tell_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let detail = panic.payload_as_str().unwrap_or_default();
    tracing::error!(place, detail, "panicked");
}

fn lines(style: LogStyle) -> Box<dyn Layer<Registry> + Send + Sync> {
    let lines = fmt::layer().with_writer(std::io::stderr);
    match style {
        LogStyle::Json => lines
            .event_format(JsonLine(fmt::format().json().flatten_event(true)))
            .fmt_fields(JsonFields::new())
            .boxed(),
        // On a terminal coloured, unless `NO_COLOR` is set: the crate looks for it by itself.
        LogStyle::Text if std::io::stderr().is_terminal() => {
            lines.fmt_fields(TextFields::default()).boxed()
        }
        LogStyle::Text => lines
            .with_ansi(false)
            .fmt_fields(TextFields::default())
            .boxed(),
    }
}
