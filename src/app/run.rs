//! Runs the service and stops it, in this order: not ready, drain, requests in flight, the training
//! run, the pools.

use super::App;
use super::jobs::Jobs;
use crate::lifecycle::Stop;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

impl App {
    /// Serves until `stop` says how to stop, then stops. Gives whether everything ended within
    /// `[http] shutdown_seconds`.
    pub async fn run_until_stopped(self, stop: impl Future<Output = Stop>) -> bool {
        let (stopping, stopped) = watch::channel(false);
        let drain = Duration::from_secs(self.config.http.drain_seconds);
        let deadline = Duration::from_secs(self.config.http.shutdown_seconds);
        let (health, database) = (Arc::clone(&self.health), self.workshop.database.clone());
        let jobs = Jobs::new(&self, stopped.clone());
        let jobs = tokio::spawn(jobs.run());
        let keys = tokio::spawn(self.keys.run(Arc::clone(&health), stopped.clone()));
        let server = tokio::spawn(self.server.run(self.endpoint, stopped));

        let how = stop.await;
        health.start_draining();
        if how == Stop::Drain {
            tracing::info!(seconds = drain.as_secs(), "draining");
            tokio::time::sleep(drain).await;
        }
        tracing::info!("stopping");
        // Nobody listens any more only when all tasks are over already.
        let _ = stopping.send(true);
        let ending = async {
            let _ = server.await;
            let _ = jobs.await;
            let _ = keys.await;
            if let Err(error) = database.close().await {
                tracing::warn!(%error, "failed to close the database");
            }
        };
        tokio::time::timeout(deadline, ending).await.is_ok()
    }
}
