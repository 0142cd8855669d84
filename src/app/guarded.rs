//! What goes on beside answering goes on, though something in it panics.

use super::backoff::Backoff;
use super::jobs::Jobs;
use futures_util::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl Jobs {
    /// Does this to its end. After a panic, which the log tells, it begins anew when some time has
    /// passed, unless the service stops.
    pub(super) async fn guarded<F: Future<Output = ()>>(&self, job: &str, work: impl Fn() -> F) {
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        // What a panic left half done is dropped with the future; what outlives it is behind locks
        // that are taken whatever happened.
        while AssertUnwindSafe(work()).catch_unwind().await.is_err() {
            tracing::error!(job, "a job panicked and begins anew");
            if !self.pause(backoff.pause()).await {
                return;
            }
        }
    }
}
