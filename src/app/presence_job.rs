//! Tells the other replicas, through the database, that this process is there and what it serves.
//!
//! What serves is looked at in memory, and written when it changed and every [`LOOKS_A_BEAT`] looks
//! besides. It is what every process writes, so it is here that a database is found which answers
//! and cannot be written to; the check `store` says so.

use super::backoff::Backoff;
use super::jobs::{Jobs, told};
use std::time::Duration;

/// How often the slot is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Every so many looks a sign of life is written though nothing changed.
const LOOKS_A_BEAT: u32 = 10;

/// How long saying goodbye may take: the process stops.
const GOODBYE: Duration = Duration::from_secs(1);

impl Jobs {
    /// Until the service stops; then this process is taken off the list.
    pub(super) async fn be_seen(&self) {
        let (mut written, mut looks) = (None, 0);
        let mut backoff = Backoff::new(LOOK, LOOK * LOOKS_A_BEAT);
        loop {
            let mut pause = LOOK;
            let serves = self.slot.snapshot().map(|model| model.number());
            if written != Some(serves) || looks >= LOOKS_A_BEAT {
                looks = 0;
                match self.presence.tell(serves).await {
                    Ok(()) => {
                        written = Some(serves);
                        self.found_writable(None);
                        backoff.reset();
                    }
                    Err(error) => {
                        written = None;
                        self.found_writable(Some(told(&error)));
                        pause = backoff.pause();
                    }
                }
            }
            looks += 1;
            if !self.pause(pause).await {
                break;
            }
        }
        // Whoever is not taken off is forgotten after a while.
        let _ = tokio::time::timeout(GOODBYE, self.presence.leave()).await;
    }
}
