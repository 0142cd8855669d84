//! Room for the bodies of batches, used again.
//!
//! A body of a thousand instances takes two hundred pages, and an allocator that gives them back after
//! each has the kernel clear them anew for the next: a third of the time that the batch takes. A few
//! buffers wait here instead. Concurrency: a lock, held while one is put there or taken away. Turned
//! down: keeping whatever was used (memory at rest would be that of the busiest moment), and the
//! allocator's own settings, which are its environment's or want `unsafe`.

use std::sync::{Arc, Mutex, PoisonError};

/// Buffers that wait at most.
const MOST_WAITING: usize = 4;
/// What the allocator keeps by itself is not worth a place here.
const LEAST_BYTES: usize = 64 * 1024;
/// The largest that waits, and the most that is reserved on a client's word for how much is to come.
const MOST_BYTES: usize = 1024 * 1024;

/// The buffers that wait.
#[derive(Debug, Clone, Default)]
pub(super) struct BodyRoom(Arc<Mutex<Vec<Vec<u8>>>>);

impl BodyRoom {
    /// An empty buffer in which `bytes` are expected.
    pub(super) fn take(&self, bytes: usize) -> TakenRoom {
        let waiting = (bytes >= LEAST_BYTES).then(|| self.waiting().pop());
        let mut buffer = waiting.flatten().unwrap_or_default();
        // Exactly: one that doubled past the largest would not come back.
        buffer.reserve_exact(bytes.min(MOST_BYTES));
        let room = self.clone();
        TakenRoom { buffer, room }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A buffer that goes back to where it was taken from.
#[derive(Debug)]
pub(super) struct TakenRoom {
    buffer: Vec<u8>,
    room: BodyRoom,
}

impl TakenRoom {
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }
}

impl AsRef<[u8]> for TakenRoom {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for TakenRoom {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.buffer);
        if !(LEAST_BYTES..=MOST_BYTES).contains(&buffer.capacity()) {
            return;
        }
        buffer.clear();
        let mut waiting = self.room.waiting();
        if waiting.len() < MOST_WAITING {
            waiting.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(room: &BodyRoom, bytes: usize) -> *const u8 {
        let mut taken = room.take(bytes);
        assert!(taken.as_ref().is_empty());
        taken.extend(&vec![7; bytes]);
        taken.as_ref().as_ptr()
    }

    #[test]
    fn the_next_body_lies_where_the_last_one_did() {
        let room = BodyRoom::default();
        let at = fill(&room, 100_000);
        assert_eq!(fill(&room, 70_000), at);
        assert_eq!(room.waiting().len(), 1);
    }

    #[test]
    fn one_that_was_too_small_grows_and_waits_again() {
        let room = BodyRoom::default();
        fill(&room, MOST_BYTES / 3 * 2);
        let at = fill(&room, MOST_BYTES);
        assert_eq!(fill(&room, MOST_BYTES), at);
        assert_eq!(room.waiting().len(), 1);
    }

    #[test]
    fn neither_small_nor_huge_nor_many_wait() {
        let room = BodyRoom::default();
        fill(&room, 1_000);
        fill(&room, 2 * MOST_BYTES);
        assert!(room.waiting().is_empty());
        let at_once: Vec<_> = (0..9).map(|_| room.take(LEAST_BYTES)).collect();
        drop(at_once);
        assert_eq!(room.waiting().len(), MOST_WAITING);
    }

    #[test]
    fn not_all_is_reserved_on_a_clients_word() {
        let taken = BodyRoom::default().take(usize::MAX);
        assert!(taken.buffer.capacity() <= MOST_BYTES);
    }
}
