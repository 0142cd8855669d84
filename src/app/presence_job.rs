//! Tells the other replicas, through the database, that this process is there and what it serves.
//!
//! What serves is looked at in memory, and written when it changed and every [`BEAT`] besides. A
//! database that cannot be written to is no news here: the follower tells it.

use super::jobs::Jobs;
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
        let (mut told, mut looks) = (None, 0);
        loop {
            let serves = self.slot.snapshot().map(|model| model.number());
            if told != Some(serves) || looks >= LOOKS_A_BEAT {
                looks = 0;
                match self.presence.tell(serves).await {
                    Ok(()) => told = Some(serves),
                    Err(error) => tracing::debug!(%error, "failed to tell the other replicas"),
                }
            }
            looks += 1;
            if !self.pause(LOOK).await {
                break;
            }
        }
        // Whoever is not taken off is forgotten after a while.
        let _ = tokio::time::timeout(GOODBYE, self.presence.leave()).await;
    }
}
