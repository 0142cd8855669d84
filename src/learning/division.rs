//! How the rows of one training were divided, kept with its version: tells of any row, for good,
//! whether a fit of that training saw it.
//!
//! Shape: a row is in the sample or not, and on the old side or the held-out one; both follow from
//! the row's own digest or order and from numbers kept here, so a row that comes later is judged as
//! one that was there. A few of the rows that were fitted on are kept by what is in them: where a
//! table is rebuilt with other keys the rule alone would take rows that were seen for new ones.
//! Concurrency: immutable. Turned down: a list of the rows that were seen (it is as long as the
//! table), and a Bloom filter of them (a megabyte a version at a million rows).

use std::collections::{BTreeSet, HashMap};

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::digest::RowDigest;
use super::order::OrderValue;
use super::split::is_held_out;
use super::splitmix::mixed;

/// Rows that are kept by what is in them, at most.
const MOST_REMEMBERED: usize = 256;

/// How rows were divided into those that a fit saw and those that it did not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Division {
    /// Share of the rows held out.
    pub fraction: f64,
    /// Of the rule `order`: rows strictly newer are held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<OrderValue>,
    /// Where rows were sampled: those whose [`RowDigest::sample_order`] is below were in the sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_below: Option<u64>,
    /// What is in some of the rows that were fitted on, as hashes in rising order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remembered: Vec<u64>,
}

impl Division {
    /// Whether the fit saw a row of this digest and order. Without an order where one is needed it
    /// counts as seen.
    pub fn saw(&self, digest: RowDigest, order: Option<&OrderValue>) -> bool {
        if self
            .sample_below
            .is_some_and(|below| digest.sample_order() >= below)
        {
            return false;
        }
        match &self.cut {
            Some(cut) => order.is_none_or(|order| order <= cut),
            None => !is_held_out(digest, self.fraction),
        }
    }

    /// Whether some row that was fitted on had this content.
    pub(super) fn remembers(&self, content: u64) -> bool {
        self.remembered.binary_search(&content).is_ok()
    }
}

/// A hash of the feature values of each row. Not SHA-256: nobody gains by finding two rows alike,
/// and a million rows take a fiftieth of the time.
pub(super) fn contents(features: ArrayView2<'_, f64>) -> Vec<u64> {
    let mut hashes = vec![0x6c6f_6769_7464_2f31; features.nrows()]; // "logitd/1"
    for column in features.columns() {
        for (hash, value) in hashes.iter_mut().zip(column) {
            *hash = mixed(mixed(*hash).wrapping_add(value.to_bits()));
        }
    }
    hashes
}

/// The smallest contents of the first `training_rows` rows, of those that no other row shares.
pub(super) fn remembered(contents: &[u64], training_rows: usize) -> Vec<u64> {
    let mut smallest = BTreeSet::new();
    let mut last = u64::MAX;
    for content in &contents[..training_rows] {
        if *content > last {
            continue;
        }
        smallest.insert(*content);
        // As many again, since some are shared.
        if smallest.len() > 2 * MOST_REMEMBERED {
            smallest.pop_last();
            last = smallest.last().copied().unwrap_or_default();
        }
    }
    let mut smallest: Vec<u64> = smallest.into_iter().collect();
    let Some(last) = smallest.last().copied() else {
        return smallest;
    };
    let mut rows_of: HashMap<u64, u32> = HashMap::new();
    for content in contents.iter().filter(|content| **content <= last) {
        *rows_of.entry(*content).or_default() += 1;
    }
    smallest.retain(|content| rows_of.get(content) == Some(&1));
    smallest.truncate(MOST_REMEMBERED);
    smallest
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn digest(row: u32) -> RowDigest {
        RowDigest::of_key(&row.to_string())
    }

    #[test]
    fn a_row_outside_the_sample_was_not_seen_on_either_side() {
        let sampled = Division {
            fraction: 0.2,
            sample_below: Some(u64::MAX / 4),
            ..Division::default()
        };
        let all = Division {
            sample_below: None,
            ..sampled.clone()
        };
        let seen = |division: &Division| {
            (0..10_000)
                .filter(|row| division.saw(digest(*row), None))
                .count()
        };
        assert!((7_850..8_150).contains(&seen(&all)));
        // The sample is drawn apart from the side: a quarter of each.
        assert!((1_850..2_150).contains(&seen(&sampled)));
        assert!(
            (0..10_000).all(|row| all.saw(digest(row), None) || !sampled.saw(digest(row), None))
        );
    }

    #[test]
    fn under_an_order_only_strictly_newer_rows_were_not_seen() {
        let division = Division {
            fraction: 0.2,
            cut: Some(OrderValue::Integer(10)),
            ..Division::default()
        };
        let saw =
            |order: Option<i64>| division.saw(digest(1), order.map(OrderValue::Integer).as_ref());
        assert_eq!(
            [saw(Some(9)), saw(Some(10)), saw(Some(11)), saw(None)],
            [true, true, false, true]
        );
    }

    #[test]
    fn rows_are_remembered_by_content_where_no_other_shares_it() {
        let rows = array![
            [1.0, 2.0],
            [2.0, 1.0],
            [1.0, 2.0],
            [0.0, f64::NAN],
            [3.0, 3.0]
        ];
        let of = contents(rows.view());
        assert_eq!(of[0], of[2]);
        assert_ne!(of[0], of[1]);
        let mut expected = vec![of[1], of[3]];
        expected.sort_unstable();
        assert_eq!(remembered(&of, 4), expected, "the last row is held out");
        let many: Vec<u64> = (0..5_000).map(mixed).collect();
        let kept = remembered(&many, 4_000);
        assert_eq!(kept.len(), MOST_REMEMBERED);
        assert!(kept.is_sorted() && kept.iter().all(|one| many[..4_000].contains(one)));
    }

    #[test]
    fn what_an_earlier_version_stored_is_read() {
        let stored: Division = serde_json::from_str(r#"{"fraction":0.2}"#).unwrap();
        let expected = Division {
            fraction: 0.2,
            ..Division::default()
        };
        assert_eq!(stored, expected);
        let full = Division {
            cut: Some(OrderValue::Text("2026".to_owned())),
            sample_below: Some(u64::MAX - 1),
            remembered: vec![1, u64::MAX],
            ..expected
        };
        let text = serde_json::to_string(&full).unwrap();
        assert_eq!(serde_json::from_str::<Division>(&text).unwrap(), full);
    }
}
