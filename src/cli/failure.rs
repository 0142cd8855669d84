//! How a command ends badly: words for people, an exit code for scripts.

use crate::config::ConfigError;
use crate::telemetry::with_causes;
use std::error::Error;
use std::process::ExitCode;

/// A command that did not do what it was told to.
#[derive(Debug)]
pub(super) enum Failure {
    /// The configuration is wrong: 2.
    Config(ConfigError),
    /// Something else went wrong: 1.
    Other {
        /// "serve", "train".
        attempt: &'static str,
        error: Box<dyn Error + Send + Sync>,
    },
    /// It was told already: 1.
    Told,
}

impl Failure {
    pub(super) fn of(
        attempt: &'static str,
    ) -> impl Fn(Box<dyn Error + Send + Sync>) -> Self + Copy {
        move |error| Self::Other { attempt, error }
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) => ExitCode::from(2),
            Self::Other { .. } | Self::Told => ExitCode::from(1),
        }
    }

    /// What a person reads.
    pub(super) fn words(&self) -> Option<String> {
        match self {
            Self::Config(error) => Some(format!("the configuration is wrong:\n{error}")),
            Self::Other { attempt, error } => Some(format!(
                "failed to {attempt}: {}",
                with_causes(error.as_ref())
            )),
            Self::Told => None,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}
