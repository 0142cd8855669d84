//! Parses, starts the runtime, runs the command, gives the exit code.

use super::arguments::{Arguments, Command, ConfigArguments, MigrateStep, TrainArguments};
use super::begun::Begun;
use super::failure::Failure;
use super::{
    completions, config, demo, healthcheck, import, init, key, migrate, openapi, output, reproduce,
    serve, train,
};
use crate::app::usable_cores;
use crate::config::{Config, Environment};
use clap::Parser;
use std::process::ExitCode;

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
    let begin = |given: &ConfigArguments| Begun::new(load(given)?, environment);
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
            measured("show the demo", Begun::new(config, environment)?, demo::run)
        }
        Command::Init(given) => on_runtime("write a configuration", init::run(given)),
        Command::Import(given) => measured("import", begin(&given.config)?, |begun| {
            import::run(begun.config, given)
        }),
        Command::Serve(given) => measured("serve", begin(&given)?, serve::run),
        Command::Train(given) => train(begin(&given.config)?, given),
        Command::Migrate(given) => {
            let (MigrateStep::Up(file)
            | MigrateStep::Status { config: file, .. }
            | MigrateStep::Down { config: file, .. }) = &given.step;
            measured("migrate", begin(file)?, |begun| {
                migrate::run(begun, given.step)
            })
        }
    }
}

fn train(begun: Begun, given: TrainArguments) -> Result<ExitCode, Failure> {
    match given.reproduce {
        Some(run) => measured("reproduce the run", begun, |begun| async move {
            reproduce::run(&begun, &run, given.json).await
        }),
        None => measured("train", begun, |begun| train::run(begun, given.json)),
    }
}

fn load(arguments: &ConfigArguments, environment: &Environment) -> Result<Config, Failure> {
    Ok(Config::load(arguments.config.as_deref(), environment)?)
}

/// Runs a command and sends what it measured: last of all, and off its runtime.
fn measured<F>(
    attempt: &'static str,
    begun: Begun,
    command: impl FnOnce(Begun) -> F,
) -> Result<ExitCode, Failure>
where
    F: Future<Output = Result<ExitCode, Failure>>,
{
    let telemetry = begun.telemetry.clone();
    let ended = on_runtime(attempt, command(begun));
    telemetry.flush();
    ended
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
