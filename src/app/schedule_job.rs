//! Keeps the schedule: at every tick a run is asked for, whoever works it off.

use super::jobs::{Jobs, told};
use crate::retraining::{Alarm, Ticked, Ticker};
use std::time::Duration;

/// An alarm that does not ring, or a database that was away, holds a tick up no longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// So late an alarm rings at most.
const LATEST: Duration = Duration::from_secs(1);

impl Jobs {
    /// Runs until the service stops, or no tick comes any more.
    pub(super) async fn keep_schedule(&self) {
        let Some(mut ticker) = self.workshop.ticker() else {
            return;
        };
        let mut alarm = match Alarm::start().await {
            Ok(alarm) => Some(alarm),
            Err(error) => {
                tracing::warn!(%error, "failed to start the alarm; ticks may come seconds late");
                None
            }
        };
        let mut stopped = self.stopped.clone();
        tokio::select! {
            () = self.tick_on(&mut ticker, &mut alarm) => {}
            // A tick that is not recorded yet is owed.
            _ = stopped.wait_for(|stop| *stop) => {}
        }
        if let Some(alarm) = alarm {
            alarm.stop().await;
        }
    }

    async fn tick_on(&self, ticker: &mut Ticker, alarm: &mut Option<Alarm>) {
        let mut failing = false;
        while let Some(pause) = self.tick(ticker, &mut failing).await {
            if !self.wait(alarm, pause).await {
                return;
            }
        }
    }

    /// Asks for what is due; gives how long until something is again.
    async fn tick(&self, ticker: &mut Ticker, failing: &mut bool) -> Option<Duration> {
        match ticker.tick().await {
            Ok(ticked) => {
                *failing = false;
                tell(ticked.as_ref());
            }
            Err(error) if !*failing => {
                *failing = true;
                tracing::warn!(error = told(&error), "failed to record a tick");
            }
            Err(_) => {}
        }
        ticker.pause()
    }

    /// Waits for the alarm; false when the service stops.
    async fn wait(&self, alarm: &mut Option<Alarm>, pause: Duration) -> bool {
        let longest = self.pause(pause.min(LONGEST_PAUSE) + LATEST);
        let Some(alarm) = alarm else {
            return longest.await;
        };
        if let Err(error) = alarm.ring_in(pause).await {
            tracing::warn!(%error, "failed to set the alarm");
        }
        tokio::select! {
            going = longest => going,
            () = alarm.rung() => true,
        }
    }
}

fn tell(ticked: Option<&Ticked>) {
    match ticked {
        Some(Ticked::Made(run)) => {
            tracing::info!(run = run.id, tick = ?run.scheduled_for, "a tick made a run");
        }
        Some(Ticked::Covered(run)) => tracing::info!(run = run.id, "a tick is covered by a run"),
        Some(Ticked::Known) | None => {}
    }
}
