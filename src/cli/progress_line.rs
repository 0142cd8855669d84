//! One line that tells how far something is: written again where a terminal watches, else told anew.
//!
//! Without colours, so `NO_COLOR` has nothing to switch off. Turned down: a crate for the bar; it is
//! one line that is written again.

use super::output;
use std::io::IsTerminal;
use std::time::Duration;
use tokio::time::Instant;

/// Between two signs of life on a terminal, and elsewhere.
pub(super) const BAR_PAUSE: Duration = Duration::from_millis(100);
const LINE_PAUSE: Duration = Duration::from_secs(1);
/// Characters of the bar.
const WIDTH: usize = 24;

/// Tells on stderr.
#[derive(Debug)]
pub(super) struct ProgressLine {
    terminal: bool,
    told: Instant,
}

impl ProgressLine {
    /// Begins now.
    pub(super) fn begin() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            told: Instant::now(),
        }
    }

    /// Whether it is time to tell again.
    pub(super) fn is_due(&self) -> bool {
        let pause = if self.terminal { BAR_PAUSE } else { LINE_PAUSE };
        self.told.elapsed() >= pause
    }

    /// Tells these words, on a terminal behind a bar if the share that is done is known.
    pub(super) fn tell(&mut self, share: Option<f64>, words: &str) {
        self.told = Instant::now();
        if self.terminal {
            let done = share.map(bar).unwrap_or_default();
            output::overwrite(format!("{done}{words}"));
        } else {
            output::tell(words);
        }
    }

    /// Takes the line away: something else is told, or it is over.
    pub(super) fn clear(&self) {
        if self.terminal {
            output::overwrite("");
        }
    }
}

/// The seconds that are left when this share took so long; unknown at the beginning.
pub(super) fn seconds_left(share: f64, seconds: f64) -> Option<f64> {
    (share > 0.0).then(|| seconds * (1.0 - share) / share)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within the width"
)]
fn bar(share: f64) -> String {
    let full = (share.clamp(0.0, 1.0) * WIDTH as f64) as usize;
    format!("[{}{}] ", "#".repeat(full), ".".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills() {
        let with = |full| format!("[{}{}] ", "#".repeat(full), ".".repeat(24 - full));
        for (share, full) in [(0.0, 0), (0.5, 12), (0.999, 23), (1.0, 24), (2.0, 24)] {
            assert_eq!(bar(share), with(full), "{share}");
        }
        assert_eq!(bar(f64::NAN), with(0));
    }

    #[test]
    fn what_is_left_follows_from_what_was_needed() {
        assert_eq!(seconds_left(0.25, 2.0), Some(6.0));
        assert_eq!(seconds_left(0.0, 2.0), None);
    }
}
