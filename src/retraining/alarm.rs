//! Rings at the time of the next tick: tokio-cron-scheduler, one job at a time.
//!
//! Shape: [`Alarm::ring_in`] adds a job that runs once and only wakes the waiter. The scheduler looks
//! at the time of day twice a second, so a machine that slept is awake at once; it may ring half a
//! second late.
//! Turned down: its cron jobs (see [`crate::schedule`]), and work inside a job (they overlap without
//! limit).

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use uuid::Uuid;

/// An alarm clock.
pub struct Alarm {
    scheduler: JobScheduler,
    rung: Arc<Notify>,
    set: Option<Uuid>,
}

impl Alarm {
    /// A clock that runs and is not set.
    ///
    /// # Errors
    /// What the scheduler says.
    pub async fn start() -> Result<Self, JobSchedulerError> {
        let scheduler = JobScheduler::new().await?;
        scheduler.start().await?;
        Ok(Self {
            scheduler,
            rung: Arc::default(),
            set: None,
        })
    }

    /// Sets it anew: it rings once, so long from now, at a whole second.
    ///
    /// # Errors
    /// What the scheduler says.
    pub async fn ring_in(&mut self, pause: Duration) -> Result<(), JobSchedulerError> {
        if let Some(set) = self.set.take() {
            // One that has rung is gone by itself.
            let _ = self.scheduler.remove(&set).await;
        }
        // It counts whole seconds from the beginning of this one: rounded up, a tick is hit.
        let whole = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
        let rung = Arc::clone(&self.rung);
        let job = Job::new_one_shot(Duration::from_secs(whole), move |_, _| rung.notify_one())?;
        self.set = Some(self.scheduler.add(job).await?);
        Ok(())
    }

    /// Waits until it rings.
    pub async fn rung(&self) {
        self.rung.notified().await;
    }

    /// Stops it.
    pub async fn stop(mut self) {
        // It fails only where it has stopped already.
        let _ = self.scheduler.shutdown().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};
    use chrono::DateTime;

    #[tokio::test(flavor = "multi_thread")]
    async fn it_rings_at_the_second_that_it_is_set_to_and_not_before() {
        let mut alarm = Alarm::start().await.unwrap();
        alarm.ring_in(Duration::from_secs(3_600)).await.unwrap();
        for _ in 0..3 {
            let now = SystemClock.now();
            let second = now.timestamp() + 1;
            let pause = (DateTime::from_timestamp(second, 0).unwrap() - now).to_std();
            alarm.ring_in(pause.unwrap()).await.unwrap();
            let rung = tokio::time::timeout(Duration::from_secs(60), alarm.rung());
            rung.await.expect("it rings");
            assert!(SystemClock.now().timestamp() >= second);
        }
        alarm.stop().await;
    }
}
