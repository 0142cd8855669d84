//! Quantiles and a histogram of one column.
//!
//! Shape: exact, from the [`Ranks`] of the values that are there. Concurrency: pure; columns side by
//! side. Turned down: sketches (a column is in memory anyway, and exact numbers can be compared).

use serde::{Deserialize, Serialize};

use super::moments::Range;
use super::ranks::Ranks;

/// Bins of a histogram.
const BINS: usize = 20;
const PROBABILITIES: [f64; 9] = [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0];

/// A value and the share of the rows that are not above it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// The share.
    pub probability: f64,
    /// The value, in the feature's own unit.
    pub value: f64,
}

/// Rows over bins of equal width between the smallest and the largest value. A bin holds its lower
/// edge, the last one its upper edge too. Of a feature that does not vary: one bin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The edges, one more than bins, in the feature's own unit.
    pub edges: Vec<f64>,
    /// Rows, a bin.
    pub rows: Vec<u64>,
}

/// What a column looks like between its ends; none of both where no value is there.
///
/// The quantiles 0, .01, .05, .25, .5, .75, .95, .99 and 1 lie between two values in proportion
/// (Hyndman and Fan 1996, definition 7, numpy's default).
pub(super) fn distribution(values: &[f64], range: Range) -> (Vec<Quantile>, Option<Histogram>) {
    let count = range.count as usize;
    if count == 0 {
        return (Vec::new(), None);
    }
    let neighbours = PROBABILITIES.map(|probability| {
        let (below, _) = place(probability, count);
        [below, (below + 1).min(count - 1)]
    });
    let edges = edges(range);
    // What is below an edge is not above it either, should rounding have turned two of them round.
    let mut inner: Vec<f64> = edges[1..edges.len() - 1].to_vec();
    for at in 1..inner.len() {
        inner[at] = inner[at].max(inner[at - 1]);
    }
    let ranks = Ranks::of(values, range, neighbours.as_flattened(), &inner);
    let quantile = |probability| quantile(&ranks, probability, count);
    let mut rows = Vec::with_capacity(BINS);
    let mut from = 0;
    for to in inner.iter().map(|edge| ranks.below(*edge)).chain([count]) {
        rows.push((to - from) as u64);
        from = to;
    }
    (
        PROBABILITIES.map(quantile).to_vec(),
        Some(Histogram { edges, rows }),
    )
}

/// Where a quantile stands among so many values: after which, and how far.
fn place(probability: f64, count: usize) -> (usize, f64) {
    let place = probability * (count - 1) as f64;
    (place.floor() as usize, place.fract())
}

fn quantile(ranks: &Ranks, probability: f64, count: usize) -> Quantile {
    let (below, part) = place(probability, count);
    let (low, high) = (ranks.at(below), ranks.at((below + 1).min(count - 1)));
    // Not low + part * (high - low): that overflows from one end of the doubles to the other.
    let value = if part == 0.0 || low == high {
        low
    } else {
        low * (1.0 - part) + high * part
    };
    Quantile {
        probability,
        value: value.clamp(low, high),
    }
}

/// Of bins of equal width; of one where there is no width.
fn edges(range: Range) -> Vec<f64> {
    let (low, high) = (range.minimum, range.maximum);
    if low == high {
        return vec![low, high];
    }
    let edge = |at: usize| match at {
        0 => low,
        BINS => high,
        _ => {
            let part = at as f64 / BINS as f64;
            low * (1.0 - part) + high * part
        }
    };
    (0..=BINS).map(edge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantiles(values: &[f64]) -> Vec<Quantile> {
        distribution(values, Range::of(values)).0
    }

    fn histogram(values: &[f64]) -> Option<Histogram> {
        distribution(values, Range::of(values)).1
    }

    #[test]
    fn quantiles_lie_between_the_values() {
        let sorted: Vec<f64> = (0..=200).map(f64::from).collect();
        let found = quantiles(&sorted)
            .into_iter()
            .map(|quantile| quantile.value);
        let found: Vec<f64> = found.collect();
        assert_eq!(
            found,
            [0.0, 2.0, 10.0, 50.0, 100.0, 150.0, 190.0, 198.0, 200.0]
        );
        let two = quantiles(&[1.0, 2.0]);
        assert!((two[1].value - 1.01).abs() < 1e-15);
        let far = quantiles(&[f64::MIN, f64::MAX]);
        assert_eq!(
            (far[0].value, far[4].value, far[8].value),
            (f64::MIN, 0.0, f64::MAX)
        );
        assert_eq!(quantiles(&[]), []);
    }

    #[test]
    fn a_histogram_counts_every_row_once() {
        let sorted: Vec<f64> = (0..=100).map(f64::from).collect();
        let found = histogram(&sorted).unwrap();
        assert_eq!((found.edges.len(), found.rows.len()), (21, 20));
        assert_eq!((found.rows[0], found.rows[19]), (5, 6));
        assert_eq!(found.rows.iter().sum::<u64>(), 101);
        let wide = histogram(&[f64::MIN, 0.0, f64::MAX]).unwrap();
        assert_eq!((wide.rows[0], wide.rows[10], wide.rows[19]), (1, 1, 1));
        let flat = histogram(&[3.0, 3.0]).unwrap();
        assert_eq!((flat.edges, flat.rows), (vec![3.0, 3.0], vec![2]));
        assert_eq!(histogram(&[]), None);
    }
}
