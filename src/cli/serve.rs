//! `logitd serve`: the service.

use super::begun::Begun;
use super::failure::Failure;
use super::output;
use crate::app::{App, AppError, Cores, allow_many_open_files, training_threads, usable_cores};
use crate::clock::SystemClock;
use crate::lifecycle::Signals;
use std::process::ExitCode;
use std::sync::Arc;

/// Databases, listeners, files that are read again.
const FILES_BESIDES_CONNECTIONS: u64 = 64;

pub(super) async fn run(begun: Begun) -> Result<ExitCode, Failure> {
    let failed = Failure::of("serve");
    tracing::info!(
        cores = usable_cores(),
        runtime = tokio::runtime::Handle::current().metrics().num_workers(),
        training = training_threads(begun.config.training.threads, Cores::AllButOne),
        "threads"
    );
    let (files, connections) = (
        allow_many_open_files().unwrap_or(u64::MAX),
        begun.config.http.max_connections,
    );
    if files < connections as u64 + FILES_BESIDES_CONNECTIONS {
        tracing::warn!(
            files,
            connections,
            "the limit of open files (ulimit -n) is met before [http] max_connections"
        );
    }
    let scheme = match begun.config.http.tls {
        Some(_) => "https",
        None => "http",
    };
    let app = App::build(begun.config, Arc::new(SystemClock), begun.telemetry)
        .await
        .map_err(|error| match error {
            AppError::Keys(wrong) | AppError::Certificate(wrong) => Failure::Config(wrong),
            error => failed(error.into()),
        })?;
    let signals = Signals::take_over().map_err(|error| failed(error.into()))?;
    tracing::info!(address = %app.address(), "listening on {scheme}://{}", app.address());
    if let Some(address) = app.metrics_address() {
        tracing::info!(%address, "metrics on http://{address}/metrics");
    }
    if app.run_until_stopped(signals.first()).await {
        return Ok(ExitCode::SUCCESS);
    }
    output::tell("logitd: not everything ended in time; what was left has been cut off");
    Err(Failure::Told)
}
