//! How many threads run what: as many as the process may use cores.
//!
//! Shape: [`usable_cores`] is the smaller of the cores it may be scheduled on and the CPU quota of
//! its control group, rounded down, at least 1: a limit of 1500m counts as one. The runtime has a
//! worker for each, a fit beside it one less.
//!
//! Why rounded down: the quota is a sum over all threads in each period of 100 ms. Two threads that
//! are busy on 1500m have used it up after 75 ms, and then every thread of the pod stands still for
//! 25 ms, the one that answers a probe too, whatever its priority. One thread never meets that wall.
//! Turned down: a lower priority for the fit (the quota knows none), tokio's own variable (the same
//! count, but anybody's environment could change it), and one worker less while a fit runs (workers
//! cannot be given back; a fit that must not be felt runs in a pod of its own, `worker = false`).

use std::num::NonZero;

/// Which of the cores that the process may use a fit takes, where the configuration leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cores {
    /// All: nothing else is to be done.
    All,
    /// All but one, and at least one: requests are answered beside it.
    AllButOne,
}

/// The cores that this process may use, at least 1.
#[must_use]
pub fn usable_cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// The threads of a fit: as configured, or by the cores where that is 0.
#[must_use]
pub fn training_threads(configured: usize, cores: Cores) -> usize {
    share(configured, cores, usable_cores())
}

fn share(configured: usize, cores: Cores, usable: usize) -> usize {
    match cores {
        _ if configured > 0 => configured,
        Cores::All => usable,
        Cores::AllButOne => usable.saturating_sub(1).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_in_the_service_leaves_one_core_where_there_are_two() {
        let in_service = |usable| share(0, Cores::AllButOne, usable);
        assert_eq!([1, 2, 4].map(in_service), [1, 1, 3]);
        assert_eq!(
            [1, 2, 4].map(|usable| share(0, Cores::All, usable)),
            [1, 2, 4]
        );
        assert_eq!(
            share(6, Cores::AllButOne, 2),
            6,
            "what is configured counts"
        );
    }
}
