//! The log: one line an event on stderr, JSON for machines, text for people.
//!
//! logitd's own events are shown at the level that `LOGITD_LOG` names, other crates' from `warn` on.

use std::io::IsTerminal;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
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
pub fn start(style: LogStyle, level: LevelFilter) -> Result<(), TryInitError> {
    let shown = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("logitd", level);
    let lines = fmt::layer().with_writer(std::io::stderr);
    let layer: Box<dyn Layer<Registry> + Send + Sync> = match style {
        LogStyle::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .boxed(),
        // On a terminal coloured, unless `NO_COLOR` is set: the crate looks for it by itself.
        LogStyle::Text if std::io::stderr().is_terminal() => lines.boxed(),
        LogStyle::Text => lines.with_ansi(false).boxed(),
    };
    tracing_subscriber::registry()
        .with(layer.with_filter(shown))
        .try_init()
}
