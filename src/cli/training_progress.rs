//! How far a training is: its step, the share of it that is done, and the time left in it.
//!
//! Nobody knows how long the next step takes, so time left is that of the step; where a step cannot
//! tell its share, what it has taken is told.

use super::progress_line::{BAR_PAUSE, ProgressLine, seconds_left};
use crate::retraining::{RunProgress, RunStep};
use tokio::sync::watch;
use tokio::time::Instant;

/// Tells what the watched run does, for as long as it is polled.
pub(super) async fn follow(watched: watch::Receiver<Option<RunProgress>>, line: &mut ProgressLine) {
    let mut step: Option<(RunStep, Instant)> = None;
    loop {
        tokio::time::sleep(BAR_PAUSE).await;
        let newest = *watched.borrow();
        let Some(progress) = newest else {
            continue;
        };
        let began = match step {
            Some((same, began)) if same == progress.step => began,
            _ => Instant::now(),
        };
        step = Some((progress.step, began));
        if line.is_due() {
            let seconds = began.elapsed().as_secs_f64();
            line.tell(Some(progress.share), &sight(progress, seconds));
        }
    }
}

fn sight(progress: RunProgress, seconds: f64) -> String {
    let step = match progress.step {
        RunStep::Read => "reading the rows",
        RunStep::Search => "choosing the penalty",
        RunStep::Fit => "fitting",
        RunStep::Evaluate => "evaluating on the held-out rows",
        RunStep::Refit => "fitting on all rows",
        RunStep::Profile => "looking at the rows",
        RunStep::Judge => "comparing with the champion",
        RunStep::Publish => "writing the version",
    };
    match seconds_left(progress.share, seconds) {
        Some(left) => {
            let percent = progress.share * 100.0;
            format!("{step}, {percent:.0}%, {left:.0} s left")
        }
        None => format!("{step}, {seconds:.0} s so far"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_tells_what_is_left_and_without_one_what_it_took() {
        let progress = |step, share| RunProgress { step, share };
        assert_eq!(
            sight(progress(RunStep::Search, 0.25), 2.0),
            "choosing the penalty, 25%, 6 s left"
        );
        assert_eq!(
            sight(progress(RunStep::Fit, 0.0), 2.0),
            "fitting, 2 s so far"
        );
    }
}
