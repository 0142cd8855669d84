//! The open connections: how many, which of them idle for how long.
//!
//! Past the limit the longest-idle one is closed, so that clients that only keep connections open
//! cannot shut others out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// What is known of one connection.
#[derive(Debug)]
struct Connection {
    idle_since: Option<Instant>,
    requests: u64,
    close: Arc<Notify>,
}

/// The table of open connections.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    open: Arc<Mutex<HashMap<u64, Connection>>>,
    places: Arc<Semaphore>,
    next: Arc<AtomicU64>,
}

/// One connection's entry in the table; leaving drops it.
#[derive(Debug)]
pub(super) struct Place {
    id: u64,
    table: Connections,
    close: Arc<Notify>,
    _permit: OwnedSemaphorePermit,
}

impl Connections {
    pub(super) fn new(most: usize) -> Self {
        Self {
            open: Arc::default(),
            places: Arc::new(Semaphore::new(most)),
            next: Arc::default(),
        }
    }

    /// A place for one more connection; where there is none the longest-idle one is asked to leave.
    pub(super) async fn place(&self) -> Option<Place> {
        let permit = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                self.close_longest_idle();
                Arc::clone(&self.places).acquire_owned().await.ok()?
            }
        };
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let close = Arc::new(Notify::new());
        let connection = Connection {
            idle_since: Some(Instant::now()),
            requests: 0,
            close: Arc::clone(&close),
        };
        self.lock().insert(id, connection);
        Some(Place {
            id,
            table: self.clone(),
            close,
            _permit: permit,
        })
    }

    fn close_longest_idle(&self) {
        let open = self.lock();
        let idle = open
            .values()
            .filter(|connection| connection.idle_since.is_some());
        if let Some(longest) = idle.min_by_key(|connection| connection.idle_since) {
            longest.close.notify_one();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Connection>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// A request begins; the connection is no longer idle.
    pub(super) fn request_begins(&self) {
        if let Some(connection) = self.table.lock().get_mut(&self.id) {
            connection.idle_since = None;
            connection.requests += 1;
        }
    }

    /// Its answer is made.
    pub(super) fn request_ends(&self) {
        if let Some(connection) = self.table.lock().get_mut(&self.id) {
            connection.idle_since = Some(Instant::now());
        }
    }

    /// Whether a request ever came.
    pub(super) fn was_used(&self) -> bool {
        self.table
            .lock()
            .get(&self.id)
            .is_some_and(|connection| connection.requests > 0)
    }

    /// Waits until somebody else needs the place.
    pub(super) async fn asked_to_leave(&self) {
        self.close.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.table.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_longest_idle_connection_leaves_for_a_new_one() {
        let table = Connections::new(2);
        let (first, second) = (table.place().await.unwrap(), table.place().await.unwrap());
        first.request_begins();
        let newcomer = tokio::spawn({
            let table = table.clone();
            async move { table.place().await.is_some() }
        });
        second.asked_to_leave().await;
        drop(second);
        assert!(newcomer.await.unwrap());
        assert!(first.was_used());
    }
}
