//! The one place of the tests that waits.
//!
//! Shape: a probe that is asked again until it answers `Some`, with a deadline that fails the
//! test by name. Nothing else in the tests sleeps: a fixed pause is too short on a busy machine
//! and too long on a quiet one.

use std::time::{Duration, Instant};

/// How long to pause between two probes.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks `probe` until it answers `Some`, and gives that answer.
///
/// `what` completes the sentence "gave up waiting for ..." when `deadline` has passed.
pub(crate) async fn eventually<T>(
    deadline: Duration,
    what: &str,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = probe().await {
            return answer;
        }
        assert!(
            start.elapsed() < deadline,
            "gave up waiting for {what} after {deadline:?}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_with_the_first_some() {
        let mut asked = 0;
        let answer = eventually(Duration::from_secs(5), "the third probe", async || {
            asked += 1;
            (asked == 3).then_some(asked)
        })
        .await;
        assert_eq!(answer, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "gave up waiting for a miracle")]
    async fn gives_up_by_name() {
        eventually(Duration::ZERO, "a miracle", async || None::<()>).await;
    }
}
