//! Parses, starts the log and the runtime, runs the command, gives the exit code.

use super::arguments::{Arguments, Command, ConfigArguments, MigrateStep};
use super::failure::Failure;
use super::{
    completions, config, demo, healthcheck, import, init, key, migrate, openapi, output, serve,
    train,
};
use crate::app::usable_cores;
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
    let load = |given: &ConfigArguments| load(given, environment);
    let begin = |given: &ConfigArguments| -> Result<Config, Failure> {
        let config = load(given)?;
        start_log(&config, environment);
        Ok(config)
    };
    match arguments.command {
        Command::Config(given) => config::show(&load(&given)?),
        Command::Openapi(given) => openapi::print(&load(&given.config)?, given.format),
        Command::Key(given) => key::run(&given),
        Command::Completions(given) => Ok(completions::print(given.shell)),
        Command::Healthcheck(given) => {
            on_runtime("ask for the health", healthcheck::run(load(&given)?))
        }
        Command::Demo(given) => {
            let config = demo::configuration(&given, environment)?;
            start_log(&config, environment);
            on_runtime("show the demo", demo::run(config))
        }
        Command::Init(given) => on_runtime("write a configuration", init::run(given)),
        Command::Import(given) => on_runtime("import", import::run(begin(&given.config)?, given)),
        Command::Serve(given) => on_runtime("serve", serve::run(begin(&given)?)),
        Command::Train(given) => on_runtime("train", train::run(begin(&given.config)?, given.json)),
        Command::Migrate(given) => {
            let (MigrateStep::Up(file)
            | MigrateStep::Status { config: file, .. }
            | MigrateStep::Down { config: file, .. }) = &given.step;
            on_runtime("migrate", migrate::run(begin(file)?, given.step))
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
        .worker_threads(usable_cores())
        .enable_all()
        .build()
        .map_err(|error| Failure::of(attempt)(error.into()))?;
    runtime.block_on(command)
}
