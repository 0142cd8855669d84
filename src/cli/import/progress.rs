//! How far an import is: a bar where a terminal watches, else a line every second.
//!
//! Without colours, so `NO_COLOR` has nothing to switch off. Turned down: a crate for the bar; it is
//! one line that is written again.

use crate::cli::output;
use std::io::IsTerminal;
use std::time::Duration;
use tokio::time::Instant;

/// Between two signs of life on a terminal, and elsewhere.
const BAR_PAUSE: Duration = Duration::from_millis(100);
const LINE_PAUSE: Duration = Duration::from_secs(1);
/// Characters of the bar.
const WIDTH: u64 = 24;

/// Tells on stderr.
#[derive(Debug)]
pub(super) struct Progress {
    total_bytes: Option<u64>,
    terminal: bool,
    began: Instant,
    told: Instant,
}

impl Progress {
    /// Begins now. Without the number of bytes there is no share and no time left.
    pub(super) fn begin(total_bytes: Option<u64>) -> Self {
        Self {
            total_bytes,
            terminal: std::io::stderr().is_terminal(),
            began: Instant::now(),
            told: Instant::now(),
        }
    }

    /// Tells, if it is time to.
    pub(super) fn tell(&mut self, rows: u64, bytes: u64) {
        let pause = if self.terminal { BAR_PAUSE } else { LINE_PAUSE };
        if self.told.elapsed() < pause {
            return;
        }
        self.told = Instant::now();
        let seconds = self.began.elapsed().as_secs_f64();
        let line = sight(rows, bytes, self.total_bytes, seconds);
        if self.terminal {
            let done = self.total_bytes.map(|total| bar(bytes, total));
            output::overwrite(format!("{}{line}", done.unwrap_or_default()));
        } else {
            output::tell(line);
        }
    }

    /// Takes the bar away: something else is told, or it is over.
    pub(super) fn clear(&self) {
        if self.terminal {
            output::overwrite("");
        }
    }
}

fn bar(bytes: u64, total: u64) -> String {
    let full = (bytes.min(total) * WIDTH)
        .checked_div(total)
        .unwrap_or(WIDTH);
    let mark = |place| if place < full { '#' } else { '.' };
    format!("[{}] ", (0..WIDTH).map(mark).collect::<String>())
}

#[expect(clippy::cast_precision_loss, reason = "shown to three digits at most")]
fn sight(rows: u64, bytes: u64, total: Option<u64>, seconds: f64) -> String {
    let rate = rows as f64 / seconds.max(1e-3);
    let mut line = format!("{rows} rows, {rate:.0} rows/s");
    if let Some(total) = total.filter(|total| *total > 0) {
        let share = (bytes as f64 / total as f64).clamp(0.0, 1.0);
        line = format!("{:.0}%, {line}", share * 100.0);
        if share > 0.0 {
            let left = seconds * (1.0 - share) / share;
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
            sight(3000, 25, Some(100), 2.0),
            "25%, 3000 rows, 1500 rows/s, 6 s left"
        );
        assert_eq!(sight(10, 5, None, 1.0), "10 rows, 10 rows/s");
        assert_eq!(sight(0, 0, Some(100), 0.0), "0%, 0 rows, 0 rows/s");
    }

    #[test]
    fn the_bar_fills() {
        assert_eq!(bar(0, 100), format!("[{}] ", ".".repeat(24)));
        assert_eq!(
            bar(50, 100),
            format!("[{}{}] ", "#".repeat(12), ".".repeat(12))
        );
        assert_eq!(bar(200, 100), format!("[{}] ", "#".repeat(24)));
        assert_eq!(bar(0, 0), bar(1, 1));
    }
}
