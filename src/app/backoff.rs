//! How long to wait before something that failed is tried again: longer each time, never the same for
//! two processes.
//!
//! When a database comes back, all that lost it want in. Pauses of one length would bring them at the
//! same moment, over and over; so each is shortened by chance, by up to a half.

use std::time::Duration;
use uuid::Uuid;

/// Pauses that grow.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    /// From `first` to `longest`, twice as long each time.
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            next: first,
        }
    }

    /// The pause after a failure.
    pub(super) fn pause(&mut self) -> Duration {
        let full = self.next;
        self.next = (full * 2).min(self.longest);
        shortened(full, chance())
    }

    /// It went well: the next pause is the first again.
    pub(super) fn reset(&mut self) {
        self.next = self.first;
    }
}

/// Between a half of it and all of it.
fn shortened(full: Duration, chance: f64) -> Duration {
    full.mul_f64(1.0 - chance / 2.0)
}

/// In [0, 1). The upper bits of such an id are random, and nothing here is a secret.
fn chance() -> f64 {
    let upper = Uuid::new_v4().as_u64_pair().0 >> 32;
    upper as f64 / 2.0_f64.powi(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_begin_anew() {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
        for full in [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000] {
            let (pause, full) = (backoff.pause(), Duration::from_millis(full));
            assert!(pause > full / 2 && pause <= full, "{pause:?} of {full:?}");
        }
        backoff.reset();
        assert!(backoff.pause() <= Duration::from_millis(200));
    }

    #[test]
    fn of_a_thousand_processes_no_second_hundredth_sees_many() {
        let first = Duration::from_secs(10);
        let mut hundredths = [0; 100];
        for _ in 0..1000 {
            let pause = Backoff::new(first, first).pause();
            let place = (pause.as_secs_f64() - 5.0) / 5.0 * 100.0;
            hundredths[(place as usize).min(99)] += 1;
        }
        // Ten each on the average; thirty come by chance once in ten thousand such tests or so.
        assert!(hundredths.iter().all(|count| *count < 32), "{hundredths:?}");
    }
}
