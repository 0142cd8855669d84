//! Quantiles and a histogram of one column.
//!
//! Shape: from the sorted values that are there. Concurrency: pure; columns side by side. Turned
//! down: sketches (a column is in memory anyway, and exact numbers can be compared).

use serde::{Deserialize, Serialize};

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

/// The quantiles 0, .01, .05, .25, .5, .75, .95, .99 and 1 of sorted values, between two of them in
/// proportion (Hyndman and Fan 1996, definition 7, numpy's default); none of no values.
pub(super) fn quantiles(sorted: &[f64]) -> Vec<Quantile> {
    let of = |probability: f64| {
        let place = probability * (sorted.len() - 1) as f64;
        let (below, part) = (place.floor() as usize, place.fract());
        let (low, high) = (sorted[below], sorted[(below + 1).min(sorted.len() - 1)]);
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
    };
    if sorted.is_empty() {
        Vec::new()
    } else {
        PROBABILITIES.map(of).to_vec()
    }
}

/// The histogram of sorted values; `None` of no values.
pub(super) fn histogram(sorted: &[f64]) -> Option<Histogram> {
    let (low, high) = (*sorted.first()?, *sorted.last()?);
    if low == high {
        return Some(Histogram {
            edges: vec![low, high],
            rows: vec![sorted.len() as u64],
        });
    }
    let edge = |at: usize| match at {
        0 => low,
        BINS => high,
        _ => {
            let part = at as f64 / BINS as f64;
            low * (1.0 - part) + high * part
        }
    };
    let edges: Vec<f64> = (0..=BINS).map(edge).collect();
    let mut from = 0;
    let mut rows: Vec<u64> = Vec::with_capacity(BINS);
    for upper in &edges[1..BINS] {
        let to = sorted.partition_point(|value| value < upper).max(from);
        rows.push((to - from) as u64);
        from = to;
    }
    rows.push((sorted.len() - from) as u64);
    Some(Histogram { edges, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

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
