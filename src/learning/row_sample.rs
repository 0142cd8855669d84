//! Which rows are learned from where there are more than wanted.
//!
//! Shape: rows stand in the order of a hash of their own, and the first of them are taken: the same
//! rows whatever order they come in, and mostly the same when some are added. While rows stream in,
//! twice as many as wanted are held at most. What decides in the end is one number, kept with the
//! version: every row below it was in the sample. Concurrency: single owner. Turned down: a draw
//! with a seed (a later run could not tell who was in it), and asking the database for a sample (it
//! would not be the same twice).

use super::digest::RowDigest;

/// Rows are dropped when so many more than wanted are held, at least.
const LEAST_SLACK: usize = 1_024;

/// The sample as far as rows have come.
#[derive(Debug, Default)]
pub(super) struct RowSample {
    /// 0: every row is taken.
    maximum_rows: usize,
    /// The place of each row that is held.
    places: Vec<u64>,
    below: Option<u64>,
}

impl RowSample {
    /// A sample of so many rows; 0: all.
    pub(super) fn of(maximum_rows: usize) -> Self {
        Self {
            maximum_rows,
            ..Self::default()
        }
    }

    /// Whether a row may be in the sample: it is held from now on.
    pub(super) fn takes(&mut self, digest: RowDigest) -> bool {
        if self.maximum_rows == 0 {
            return true;
        }
        let place = digest.sample_order();
        let taken = self.below.is_none_or(|below| place < below);
        if taken {
            self.places.push(place);
        }
        taken
    }

    /// Whether it is time to [`narrow`](Self::narrow).
    pub(super) fn is_overfull(&self) -> bool {
        let slack = self.maximum_rows.max(LEAST_SLACK);
        self.maximum_rows > 0 && self.places.len() >= self.maximum_rows.saturating_add(slack)
    }

    /// The numbers of the rows to keep, rising; `None` where all are.
    ///
    /// Rows of one digest stay together: they are all in or all out, so that there may be fewer
    /// than wanted, or more where the first of them alone are more.
    pub(super) fn narrow(&mut self) -> Option<Vec<usize>> {
        if self.maximum_rows == 0 || self.places.len() <= self.maximum_rows {
            return None;
        }
        let mut rising = self.places.clone();
        rising.sort_unstable();
        let beyond = rising[self.maximum_rows];
        let below = if rising[0] == beyond {
            beyond.saturating_add(1)
        } else {
            beyond
        };
        let rows = (0..self.places.len()).filter(|row| self.places[*row] < below);
        let rows: Vec<usize> = rows.collect();
        self.places.retain(|place| *place < below);
        self.below = Some(below);
        Some(rows)
    }

    /// What the places of the rows in the sample are below; `None` where all rows are.
    pub(super) fn below(&self) -> Option<u64> {
        self.below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows in the sample of so many, and what they are below.
    fn sampled(maximum_rows: usize, keys: impl Iterator<Item = u32>) -> (Vec<u32>, Option<u64>) {
        let (mut sample, mut held) = (RowSample::of(maximum_rows), Vec::new());
        let narrow = |sample: &mut RowSample, held: &mut Vec<u32>| {
            if let Some(rows) = sample.narrow() {
                *held = rows.iter().map(|row| held[*row]).collect();
            }
        };
        for key in keys {
            if sample.takes(RowDigest::of_key(&key.to_string())) {
                held.push(key);
            }
            if sample.is_overfull() {
                narrow(&mut sample, &mut held);
            }
        }
        narrow(&mut sample, &mut held);
        held.sort_unstable();
        (held, sample.below())
    }

    #[test]
    fn the_order_in_which_rows_come_does_not_matter() {
        let (forwards, below) = sampled(500, 0..10_000);
        let (backwards, again) = sampled(500, (0..10_000).rev());
        assert_eq!(forwards.len(), 500);
        assert_eq!((&forwards, below), (&backwards, again));
        let place = |key: &u32| RowDigest::of_key(&key.to_string()).sample_order();
        let inside = (0..10_000).filter(|key| place(key) < below.unwrap());
        assert_eq!(inside.collect::<Vec<_>>(), forwards);
    }

    #[test]
    fn few_rows_are_all_taken() {
        assert_eq!(sampled(500, 0..500), ((0..500).collect(), None));
        assert_eq!(sampled(0, 0..5_000), ((0..5_000).collect(), None));
    }

    #[test]
    fn rows_alike_are_all_in_or_all_out() {
        let twins = |rows: u32| (0..rows).map(|row| row / 3);
        let (held, _) = sampled(100, twins(3_000));
        assert_eq!(held.len(), 99);
        assert!(held.chunks(3).all(|of| of[0] == of[2]));
        assert_eq!(sampled(2, std::iter::repeat_n(7, 9)).0.len(), 9);
    }
}
