//! A mean with its 95% interval, of differences between the losses of the same rows.
//!
//! Shape: from 1,000 rows on the mean and its standard error; below, the mean's quantiles over
//! seeded resamples of the rows (the percentile bootstrap: Efron and Tibshirani, *An Introduction
//! to the Bootstrap*, 13), because losses are skewed and few of them are not yet normal on average.
//! Several lists of the same rows are resampled together, row by row. Concurrency: pure. Turned
//! down: intervals of each loss alone (rows that are hard for one are hard for the other: only the
//! paired difference is sharp), and a t quantile (it knows nothing of the skew).

use serde::{Deserialize, Serialize};

use super::splitmix::SplitMix64;

/// From so many rows on the standard error is enough.
const ENOUGH_ROWS: usize = 1_000;
/// Resamples of fewer rows.
const RESAMPLES: usize = 2_000;
/// The normal distribution's 97.5% quantile.
const NORMAL_975: f64 = 1.959_963_984_540_054;
/// Keeps the resamples apart from whatever else a seed draws.
const STREAM: u64 = 0x7265_7361_6d70_6c65; // "resample"

/// A mean a row, and where it may lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean over the rows.
    pub mean: f64,
    /// Lower end of the 95% interval.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
    /// The mean's standard error.
    pub standard_error: f64,
}

/// Estimates of several lists with a number for each of the same rows, at least one row.
pub(super) fn estimates<const LISTS: usize>(
    lists: [&[f64]; LISTS],
    seed: u64,
) -> [Estimate; LISTS] {
    let rows = lists.first().map_or(0, |list| list.len());
    let mut all = lists.map(normal);
    if rows < ENOUGH_ROWS {
        let means = resampled(lists, rows, seed);
        for (estimate, mut means) in all.iter_mut().zip(means) {
            means.sort_unstable_by(f64::total_cmp);
            (estimate.lower, estimate.upper) = (quantile(&means, 0.025), quantile(&means, 0.975));
        }
    }
    all
}

/// By the standard error (n - 1 in the divisor).
fn normal(values: &[f64]) -> Estimate {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let standard_error = (squares / (count - 1.0).max(1.0) / count).sqrt();
    Estimate {
        mean,
        lower: mean - NORMAL_975 * standard_error,
        upper: mean + NORMAL_975 * standard_error,
        standard_error,
    }
}

/// The means of each list over every resample.
fn resampled<const LISTS: usize>(
    lists: [&[f64]; LISTS],
    rows: usize,
    seed: u64,
) -> [Vec<f64>; LISTS] {
    let mut random = SplitMix64(seed ^ STREAM);
    let mut means = [const { Vec::new() }; LISTS];
    let together: Vec<[f64; LISTS]> = (0..rows).map(|row| lists.map(|list| list[row])).collect();
    for _ in 0..RESAMPLES {
        let mut sums = [0.0; LISTS];
        for _ in 0..rows {
            let drawn = &together[random.below(rows)];
            for (sum, value) in sums.iter_mut().zip(drawn) {
                *sum += value;
            }
        }
        for (means, sum) in means.iter_mut().zip(sums) {
            means.push(sum / rows as f64);
        }
    }
    means
}

/// Hyndman and Fan's definition 7 of a rising list.
fn quantile(rising: &[f64], share: f64) -> f64 {
    let place = share * (rising.len() - 1) as f64;
    let (below, rest) = (place as usize, place.fract());
    let above = rising[(below + 1).min(rising.len() - 1)];
    rising[below] + rest * (above - rising[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exponential numbers with mean 1: as skewed as losses are.
    fn skewed(rows: usize, seed: u64) -> Vec<f64> {
        let mut random = SplitMix64(seed);
        let unit =
            |random: &mut SplitMix64| ((random.draw() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        (0..rows).map(|_| -unit(&mut random).ln()).collect()
    }

    #[test]
    fn many_rows_have_the_textbook_interval() {
        let values: Vec<f64> = (0..1_000).map(|row| f64::from(row % 2)).collect();
        let [estimate] = estimates([&values], 42);
        let error = (0.25_f64 / 999.0).sqrt();
        assert!((estimate.standard_error - error).abs() < 1e-15);
        assert_eq!(estimate.mean, 0.5);
        assert!((estimate.upper - 0.5 - 1.959_963_984_540_054 * error).abs() < 1e-15);
        assert!((estimate.lower + estimate.upper - 1.0).abs() < 1e-15);
    }

    #[test]
    fn an_interval_covers_the_mean_about_as_often_as_it_says() {
        for (rows, least) in [(40, 360), (200, 369), (1_200, 371)] {
            let covers = |seed: &u64| {
                let [estimate] = estimates([&skewed(rows, seed * 7_919)], *seed);
                estimate.lower <= 1.0 && 1.0 <= estimate.upper
            };
            let covered = (0..400).filter(covers).count();
            assert!(
                (least..=394).contains(&covered),
                "{covered} of 400 at {rows} rows"
            );
        }
    }

    #[test]
    fn lists_are_resampled_together_and_a_seed_repeats_them() {
        let values = skewed(50, 3);
        let shifted: Vec<f64> = values.iter().map(|value| value + 1.0).collect();
        let [one, two] = estimates([&values, &shifted], 42);
        for (low, high) in [
            (one.mean, two.mean),
            (one.lower, two.lower),
            (one.upper, two.upper),
        ] {
            assert!((high - low - 1.0).abs() < 1e-12);
        }
        assert_eq!(estimates([&values], 42), [one]);
        assert_ne!(estimates([&values], 43), [one]);
        assert!(one.lower < one.mean && one.mean < one.upper);
    }
}
