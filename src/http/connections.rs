//! The open connections: how many, which of them idle for how long, which owe what to a slow reader.
//!
//! Past the limit the longest-idle one is closed, so that clients that only keep connections open
//! cannot shut others out. A connection works from a request's head to the last byte of its answer;
//! the rest of its life it idles, half a head included.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, sleep_until};

/// What is known of one connection.
#[derive(Debug)]
struct Connection {
    standing: Mutex<Standing>,
    close: Notify,
}

/// How one connection stands.
#[derive(Debug)]
struct Standing {
    idle_since: Option<Instant>,
    /// Requests whose answers are not wholly sent.
    working: usize,
    /// Answers that are made and not wholly sent, by number, and since when.
    unsent: Vec<(u64, Instant)>,
    next: u64,
}

impl Connection {
    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The table of open connections.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    open: Arc<Mutex<HashMap<u64, Arc<Connection>>>>,
    places: Arc<Semaphore>,
    next: Arc<AtomicU64>,
}

/// One connection's entry in the table; leaving drops it.
#[derive(Debug)]
pub(super) struct Place {
    id: u64,
    table: Connections,
    connection: Arc<Connection>,
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
        let connection = Arc::new(Connection {
            standing: Mutex::new(Standing {
                idle_since: Some(Instant::now()),
                working: 0,
                unsent: Vec::new(),
                next: 0,
            }),
            close: Notify::new(),
        });
        self.lock().insert(id, Arc::clone(&connection));
        Some(Place {
            id,
            table: self.clone(),
            connection,
            _permit: permit,
        })
    }

    fn close_longest_idle(&self) {
        let open = self.lock();
        let idle = open
            .values()
            .filter_map(|connection| Some((connection.standing().idle_since?, connection)));
        if let Some((_, longest)) = idle.min_by_key(|(since, _)| *since) {
            longest.close.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// A request begins; the connection works until the value is dropped.
    pub(super) fn begin_request(&self) -> Working {
        let mut standing = self.connection.standing();
        standing.idle_since = None;
        standing.working += 1;
        standing.next += 1;
        Working {
            number: standing.next,
            connection: Arc::clone(&self.connection),
        }
    }

    /// Whether no request is worked on.
    pub(super) fn is_idle(&self) -> bool {
        self.connection.standing().idle_since.is_some()
    }

    /// Waits until somebody else needs the place.
    pub(super) async fn asked_to_leave(&self) {
        self.connection.close.notified().await;
    }

    /// Waits until no request has been worked on for this long, not counting what was before `from`.
    pub(super) async fn idle_for(&self, longest: Duration, from: Instant) {
        loop {
            let idle_since = self.connection.standing().idle_since;
            match idle_since.map(|since| since.max(from) + longest) {
                None => sleep(longest).await,
                Some(end) if end <= Instant::now() => return,
                Some(end) => sleep_until(end).await,
            }
        }
    }

    /// Waits until an answer has been on its way for longer than this. One that is made between two
    /// looks is looked at before its time is over.
    pub(super) async fn owes_for(&self, longest: Duration) {
        loop {
            let oldest = self.connection.standing().unsent.first().copied();
            match oldest.map(|(_, since)| since + longest) {
                None => sleep(longest).await,
                Some(end) if end <= Instant::now() => return,
                Some(end) => sleep_until(end).await,
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.table.lock().remove(&self.id);
    }
}

/// One request of a connection, from its head to the last byte of its answer.
#[derive(Debug)]
pub(super) struct Working {
    number: u64,
    connection: Arc<Connection>,
}

impl Working {
    /// Its answer is made: what is left is the client's to take.
    pub(super) fn answered(&self) {
        let mut standing = self.connection.standing();
        standing.unsent.push((self.number, Instant::now()));
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let mut standing = self.connection.standing();
        standing.unsent.retain(|(number, _)| *number != self.number);
        standing.working -= 1;
        if standing.working == 0 {
            standing.idle_since = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn the_longest_idle_connection_leaves_for_a_new_one() {
        let table = Connections::new(2);
        let (first, second) = (table.place().await.unwrap(), table.place().await.unwrap());
        let working = first.begin_request();
        let newcomer = tokio::spawn({
            let table = table.clone();
            async move { table.place().await.is_some() }
        });
        second.asked_to_leave().await;
        drop(second);
        assert!(newcomer.await.unwrap());
        assert!(!first.is_idle());
        drop(working);
        assert!(first.is_idle());
    }

    #[tokio::test]
    async fn an_answer_that_is_not_taken_is_owed_from_when_it_was_made() {
        let place = Connections::new(1).place().await.unwrap();
        let (first, second) = (place.begin_request(), place.begin_request());
        first.answered();
        drop(first);
        sleep(LONGEST / 2).await;
        let made = Instant::now();
        second.answered();
        place.owes_for(LONGEST).await;
        // Neither the one that was taken nor the time before it was made counts.
        assert!(made.elapsed() >= LONGEST);
        assert!(!place.is_idle());
        let taken = Instant::now();
        drop(second);
        place.idle_for(LONGEST, made).await;
        assert!(taken.elapsed() >= LONGEST);
    }
}
