//! Runs the service and stops it, in this order: not ready, drain, requests in flight, the training
//! run, the pools; after that, by whoever runs the process, the telemetry.

use super::App;
use super::build::MetricsServer;
use super::certificate::CertificateWatch;
use super::jobs::Jobs;
use super::keys::KeyWatch;
use crate::health::Health;
use crate::lifecycle::Stop;
use crate::telemetry::Telemetry;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// No flush needs more.
const LONGEST_FLUSH: Duration = Duration::from_secs(5);

impl App {
    /// Serves until `stop` says how to stop, then stops. Gives whether everything ended within
    /// `[http] shutdown_seconds`.
    pub async fn run_until_stopped(self, stop: impl Future<Output = Stop>) -> bool {
        let (stopping, stopped) = watch::channel(false);
        let drain = Duration::from_secs(self.config.http.drain_seconds);
        let deadline = Duration::from_secs(self.config.http.shutdown_seconds);
        let (health, database) = (Arc::clone(&self.health), self.workshop.database.clone());
        let telemetry = self.workshop.telemetry.clone();
        let observations = self.observations.clone();
        let jobs = Jobs::new(&self, stopped.clone());
        let jobs = tokio::spawn(jobs.run());
        let files = follow(self.keys, self.certificate, &health, &stopped);
        let files = tokio::spawn(files);
        let server = tokio::spawn(self.server.run(self.endpoint, stopped));
        // To the very end: how a service stops is asked for too.
        let metrics = tokio::spawn(answer_metrics(self.metrics));

        let how = stop.await;
        health.start_draining();
        if how == Stop::Drain {
            tracing::info!(seconds = drain.as_secs(), "draining");
            tokio::time::sleep(drain).await;
        }
        tracing::info!("stopping");
        // Nobody listens any more only when all tasks are over already.
        let _ = stopping.send(true);
        let within = deadline.saturating_sub(time_to_flush(&telemetry, deadline));
        let ending = async {
            let _ = server.await;
            let _ = jobs.await;
            let _ = files.await;
            if let Some(table) = observations
                && let Err(error) = table.close().await
            {
                tracing::warn!(%error, "failed to close the table of observations");
            }
            if let Err(error) = database.close().await {
                tracing::warn!(%error, "failed to close the database");
            }
        };
        let ended = tokio::time::timeout(within, ending).await;
        metrics.abort();
        ended.is_ok()
    }
}

/// Follows the files that are read again: keys and certificate.
fn follow(
    keys: KeyWatch,
    certificate: Option<CertificateWatch>,
    health: &Arc<Health>,
    stopped: &watch::Receiver<bool>,
) -> impl Future<Output = ()> + use<> {
    let keys = keys.run(Arc::clone(health), stopped.clone());
    let certificate = certificate.map(|watch| watch.run(Arc::clone(health), stopped.clone()));
    async move {
        tokio::join!(keys, async {
            if let Some(certificate) = certificate {
                certificate.await;
            }
        });
    }
}

async fn answer_metrics(metrics: Option<MetricsServer>) {
    if let Some(metrics) = metrics {
        metrics.answer().await;
    }
}

/// What is kept of the time to stop for sending what was measured, where anything is sent.
fn time_to_flush(telemetry: &Telemetry, deadline: Duration) -> Duration {
    telemetry.flush_by(Instant::now() + deadline);
    if telemetry.exports() {
        LONGEST_FLUSH.min(deadline / 4)
    } else {
        Duration::ZERO
    }
}
