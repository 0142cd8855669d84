//! What a command begins with: its configuration, its telemetry and the log.

use super::failure::Failure;
use super::output;
use crate::clock::SystemClock;
use crate::config::{Config, Environment, LogFormat};
use crate::telemetry::{self, LogStyle, Telemetry};
use std::sync::Arc;
use tracing::level_filters::LevelFilter;

/// A command that can be run.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) config: Config,
    pub(super) telemetry: Telemetry,
}

impl Begun {
    /// Starts the log, and what is exported.
    pub(super) fn new(config: Config, environment: &Environment) -> Result<Self, Failure> {
        let (name, standard) = (&config.model.name, &config.open_telemetry);
        let telemetry = Telemetry::build(name, standard, Arc::new(SystemClock))
            .map_err(|error| Failure::of("start the telemetry")(error.into()))?;
        start_log(&config, environment, &telemetry);
        for ignored in &config.open_telemetry.ignored {
            tracing::warn!("ignored {ignored}");
        }
        Ok(Self { config, telemetry })
    }
}

fn start_log(config: &Config, environment: &Environment, telemetry: &Telemetry) {
    let style = match config.telemetry.log_format {
        Some(LogFormat::Json) => LogStyle::Json,
        Some(LogFormat::Text) => LogStyle::Text,
        None => LogStyle::for_this_terminal(),
    };
    let level = environment.get("LOGITD_LOG").and_then(level);
    // Only a second start in the same process fails, and then there is a log already.
    let _ = telemetry::start(style, level.unwrap_or(LevelFilter::INFO), telemetry);
}

/// A level by its name; another word is told, and the usual level stays.
fn level(word: &str) -> Option<LevelFilter> {
    let parsed = word.parse().ok();
    if parsed.is_none() {
        let known = "off, error, warn, info, debug or trace";
        output::tell(format!(
            "logitd: LOGITD_LOG: expected {known}, found {word:?}; info is used"
        ));
    }
    parsed
}
