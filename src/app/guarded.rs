//! What goes on beside answering goes on, though something in it panics.

use super::backoff::Backoff;
use super::jobs::Jobs;
use futures_util::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::watch;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Does this to its end. After a panic, which the log tells, it begins anew when some time has passed,
/// unless the service stops.
async fn guarded<F: Future<Output = ()>>(
    job: &str,
    stopped: &watch::Receiver<bool>,
    mut backoff: Backoff,
    mut work: impl FnMut() -> F,
) {
    // What a panic left half done is dropped with the future; what outlives it is behind locks that are
    // taken whatever happened.
    while AssertUnwindSafe(work()).catch_unwind().await.is_err() {
        tell(job);
        let mut stopped = stopped.clone();
        let stop = stopped.wait_for(|stop| *stop);
        if tokio::time::timeout(backoff.pause(), stop).await.is_ok() {
            return;
        }
    }
}

/// One turn of a job that pauses between its turns: after a panic it takes the next.
pub(super) fn guarded_turn(job: &str, turn: impl FnOnce()) {
    // What it works on is what the next turn looks at anew.
    if std::panic::catch_unwind(AssertUnwindSafe(turn)).is_err() {
        tell(job);
    }
}

fn tell(job: &str) {
    tracing::error!(job, "a job panicked and begins anew");
}

impl Jobs {
    /// Does this until it ends or the service stops, whatever panics in it.
    pub(super) async fn guarded<F: Future<Output = ()>>(&self, job: &str, work: impl Fn() -> F) {
        let backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        guarded(job, &self.stopped, backoff, work).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test]
    async fn what_panics_begins_anew_after_pauses_until_it_ends() {
        let (_stop, stopped) = watch::channel(false);
        let (begun, mut times) = (Instant::now(), 0);
        let backoff = Backoff::new(Duration::from_millis(10), Duration::from_millis(40));
        let work = || {
            times += 1;
            let time = times;
            async move {
                tokio::task::yield_now().await;
                assert!(time > 3, "a bug");
            }
        };
        guarded("test", &stopped, backoff, work).await;
        assert_eq!(times, 4);
        // 10, 20 and 40 ms, each shortened by up to a half.
        assert!(begun.elapsed() >= Duration::from_millis(35));
    }

    #[tokio::test]
    async fn a_service_that_stops_waits_for_no_pause() {
        let (stop, stopped) = watch::channel(false);
        let hour = Duration::from_secs(3600);
        let job = tokio::spawn(async move {
            let work = || async { panic!("a bug") };
            guarded("test", &stopped, Backoff::new(hour, hour), work).await;
        });
        tokio::task::yield_now().await;
        stop.send(true).unwrap();
        job.await.unwrap();
    }

    #[test]
    fn a_turn_that_panics_is_over() {
        let mut turns = 0;
        for turn in 0..3 {
            guarded_turn("test", || {
                turns += 1;
                assert!(turn != 1, "a bug");
            });
        }
        assert_eq!(turns, 3);
    }
}
