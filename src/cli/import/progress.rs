//! How far an import is: share, rows, rate and time left.

use crate::cli::progress_line::{ProgressLine, seconds_left};
use tokio::time::Instant;

/// Tells on stderr.
#[derive(Debug)]
pub(super) struct Progress {
    total_bytes: Option<u64>,
    line: ProgressLine,
    began: Instant,
}

impl Progress {
    /// Begins now. Without the number of bytes there is no share and no time left.
    pub(super) fn begin(total_bytes: Option<u64>) -> Self {
        Self {
            total_bytes: total_bytes.filter(|total| *total > 0),
            line: ProgressLine::begin(),
            began: Instant::now(),
        }
    }

    /// Tells, if it is time to.
    #[expect(clippy::cast_precision_loss, reason = "shown to three digits at most")]
    pub(super) fn tell(&mut self, rows: u64, bytes: u64) {
        if self.line.is_due() {
            let share = |total| (bytes as f64 / total as f64).clamp(0.0, 1.0);
            let share = self.total_bytes.map(share);
            let seconds = self.began.elapsed().as_secs_f64();
            self.line.tell(share, &sight(rows, share, seconds));
        }
    }

    /// Takes the bar away: something else is told, or it is over.
    pub(super) fn clear(&self) {
        self.line.clear();
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown to three digits at most")]
fn sight(rows: u64, share: Option<f64>, seconds: f64) -> String {
    let rate = rows as f64 / seconds.max(1e-3);
    let mut line = format!("{rows} rows, {rate:.0} rows/s");
    if let Some(share) = share {
        line = format!("{:.0}%, {line}", share * 100.0);
        if let Some(left) = seconds_left(share, seconds) {
            line += &format!(", {left:.0} s left");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_rate_and_time_left_follow_from_what_was_read() {
        assert_eq!(
            sight(3000, Some(0.25), 2.0),
            "25%, 3000 rows, 1500 rows/s, 6 s left"
        );
        assert_eq!(sight(10, None, 1.0), "10 rows, 10 rows/s");
        assert_eq!(sight(0, Some(0.0), 0.0), "0%, 0 rows, 0 rows/s");
    }
}
