//! Parses, starts the log and the runtime, runs the command, gives the exit code.

use super::arguments::{Arguments, Command, ConfigArguments, MigrateStep};
use super::failure::Failure;
use super::{
    completions, config, demo, healthcheck, import, init, migrate, openapi, output, serve, train,
};
use crate::config::{Config, Environment, LogFormat};
use crate::telemetry::{self, LogStyle};
use clap::Parser;
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;

/// Runs the process.
#[must_use]
pub fn run() -> ExitCode {
    match run_command(Arguments::parse(), &Environment::from_process()) {
        Ok(code) => code,
        Err(failure) => {
            if let Some(words) = failure.words() {
                output::tell(format!("logitd: {words}"));
            }
            failure.exit_code()
        }
    }
}

fn run_command(arguments: Arguments, environment: &Environment) -> Result<ExitCode, Failure> {
    let load = |arguments: &ConfigArguments| load(arguments, environment);
    match arguments.command {
        Command::Config(arguments) => config::show(&load(&arguments)?),
        Command::Openapi(arguments) => openapi::print(&load(&arguments.config)?, arguments.format),
        Command::Completions(arguments) => Ok(completions::print(arguments.shell)),
        Command::Healthcheck(arguments) => {
            let config = load(&arguments)?;
            on_runtime("ask for the health", healthcheck::run(config))
        }
        Command::Demo(arguments) => {
            let config = demo::configuration(&arguments, environment)?;
            start_log(&config, environment);
            on_runtime("show the demo", demo::run(config))
        }
        Command::Init(arguments) => on_runtime("write a configuration", init::run(arguments)),
        Command::Import(arguments) => {
            let config = load(&arguments.config)?;
            start_log(&config, environment);
            on_runtime("import", import::run(config, arguments))
        }
        Command::Serve(arguments) => {
            let config = load(&arguments)?;
            start_log(&config, environment);
            on_runtime("serve", serve::run(config))
        }
        Command::Train(arguments) => {
            let config = load(&arguments.config)?;
            start_log(&config, environment);
            on_runtime("train", train::run(config, arguments.json))
        }
        Command::Migrate(arguments) => {
            let (MigrateStep::Up(given)
            | MigrateStep::Status { config: given, .. }
            | MigrateStep::Down { config: given, .. }) = &arguments.step;
            let config = load(given)?;
            start_log(&config, environment);
            on_runtime("migrate", migrate::run(config, arguments.step))
        }
    }
}

fn load(arguments: &ConfigArguments, environment: &Environment) -> Result<Config, Failure> {
    Ok(Config::load(arguments.config.as_deref(), environment)?)
}

fn start_log(config: &Config, environment: &Environment) {
    let style = match config.telemetry.log_format {
        Some(LogFormat::Json) => LogStyle::Json,
        Some(LogFormat::Text) => LogStyle::Text,
        None => LogStyle::for_this_terminal(),
    };
    let level = environment.get("LOGITD_LOG").and_then(level);
    // Only a second start in the same process fails, and then there is a log already.
    let _ = telemetry::start(style, level.unwrap_or(LevelFilter::INFO));
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

fn on_runtime(
    attempt: &'static str,
    command: impl Future<Output = Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::of(attempt)(error.into()))?;
    runtime.block_on(command)
}
