//! The order in which a training set keeps its rows, whatever order they came in.
//!
//! Shape: a row number a row, sorted. Digests are evenly spread, so their first byte and the side of
//! the split deal the rows into piles that fit a cache; in a pile the first 64 bits of each digest lie
//! beside its row number, and the rows themselves are asked only where those are equal. Concurrency:
//! pure. Turned down: sorting the row numbers by what they point at (each comparison fetches two rows
//! from far apart, five times as long), and sorting copies of the digests (twice their memory).

use std::cmp::Ordering;

use super::digest::RowDigest;
use super::division::Division;
use super::not_trainable::NotTrainable;
use super::training_set::Kept;

/// Of each side of the split.
const PILES: usize = 256;

/// Row numbers in order.
#[derive(Debug)]
pub(super) struct RowOrder {
    /// `rows[new] = old`: training part first, then by digest; rows that share one (equal keys, or
    /// equal values without a key) by class and values, so that only equal rows can change places.
    pub(super) rows: Vec<usize>,
    /// Rows of the training part.
    pub(super) training_rows: usize,
}

impl RowOrder {
    pub(super) fn of(kept: &Kept, division: &Division) -> Self {
        let pile_of = |(row, digest): (usize, &RowDigest)| {
            let is_held_out = !division.saw(*digest, kept.orders.get(row));
            let first = (digest.top_bits() >> 56) as u16;
            first + PILES as u16 * u16::from(is_held_out)
        };
        let pile_of: Vec<u16> = kept.digests.iter().enumerate().map(pile_of).collect();
        let mut ends = [0; 2 * PILES];
        for pile in &pile_of {
            ends[usize::from(*pile)] += 1;
        }
        let mut sum = 0;
        let starts = ends.map(|rows| {
            sum += rows;
            sum - rows
        });
        let training_rows = starts[PILES];
        ends = starts;
        let mut rows = vec![0; pile_of.len()];
        for (row, pile) in pile_of.into_iter().enumerate() {
            let end = &mut ends[usize::from(pile)];
            rows[*end] = row;
            *end += 1;
        }
        let mut room = Vec::new();
        for (start, end) in starts.into_iter().zip(ends) {
            sort(kept, &mut rows[start..end], &mut room);
        }
        Self {
            rows,
            training_rows,
        }
    }

    /// A key names one row.
    pub(super) fn refuse_repeated_keys(&self, kept: &Kept) -> Result<(), NotTrainable> {
        let Some(column) = kept.key_column.clone() else {
            return Ok(());
        };
        match self.rows_named_twice(&kept.digests) {
            0 => Ok(()),
            rows => Err(NotTrainable::RepeatedKeys { column, rows }),
        }
    }

    /// Rows that share their digest with another row, on whichever side that is.
    fn rows_named_twice(&self, digests: &[RowDigest]) -> usize {
        let (old, new) = self.rows.split_at(self.training_rows);
        let digest = |row: &usize| digests[*row];
        let (mut old, mut new) = (
            old.iter().map(digest).peekable(),
            new.iter().map(digest).peekable(),
        );
        let (mut named_twice, mut alike, mut last) = (0, 0, None);
        loop {
            let next = match (old.peek(), new.peek()) {
                (Some(one), Some(two)) if one > two => new.next(),
                (None, _) => new.next(),
                _ => old.next(),
            };
            if next != last {
                named_twice += if alike > 1 { alike } else { 0 };
                (alike, last) = (0, next);
            }
            if next.is_none() {
                return named_twice;
            }
            alike += 1;
        }
    }
}

/// One pile; `room` is used again.
fn sort(kept: &Kept, rows: &mut [usize], room: &mut Vec<(u64, usize)>) {
    room.clear();
    room.extend(rows.iter().map(|row| (kept.digests[*row].top_bits(), *row)));
    room.sort_unstable_by_key(|(first, _)| *first);
    for alike in room.chunk_by_mut(|one, two| one.0 == two.0) {
        if alike.len() > 1 {
            alike.sort_unstable_by(|one, two| compare(kept, one.1, two.1));
        }
    }
    for (to, (_, row)) in rows.iter_mut().zip(room) {
        *to = *row;
    }
}

fn compare(kept: &Kept, one: usize, two: usize) -> Ordering {
    let by_value = || {
        let of = |row: usize| (0..kept.columns.width()).map(move |at| kept.columns.at(row, at));
        let by_column = of(one).zip(of(two)).map(|(one, two)| one.total_cmp(&two));
        by_column.fold(Ordering::Equal, Ordering::then)
    };
    kept.digests[one]
        .cmp(&kept.digests[two])
        .then_with(|| kept.labels[one].cmp(&kept.labels[two]))
        .then_with(by_value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::columns::Columns;
    use crate::learning::order::OrderValue;

    fn kept(keys: &[u32], labels: &[u16], values: &[f64]) -> Kept {
        let mut columns = Columns::new(1, keys.len());
        for value in values {
            columns.push(&[*value]);
        }
        let digest = |key: &u32| RowDigest::of_key(&key.to_string());
        Kept {
            columns,
            labels: labels.to_vec(),
            digests: keys.iter().map(digest).collect(),
            orders: Vec::new(),
            sample_below: None,
            key_column: None,
        }
    }

    fn held_out(fraction: f64) -> Division {
        Division {
            fraction,
            ..Division::default()
        }
    }

    #[test]
    fn rows_stand_by_side_digest_class_and_values() {
        let keys: Vec<u32> = (0..3_000).map(|row| row % 1_000).collect();
        let labels: Vec<u16> = (0..3_000).map(|row| (row % 7) as u16).collect();
        let values: Vec<f64> = (0..3_000).map(|row| f64::from(row % 11) - 5.0).collect();
        let kept = kept(&keys, &labels, &values);
        let division = held_out(0.3);
        let order = RowOrder::of(&kept, &division);
        let whole = |row: &usize| {
            let digest = kept.digests[*row];
            let value = (kept.columns.at(*row, 0) * 8.0) as i64;
            (
                !division.saw(digest, None),
                digest,
                kept.labels[*row],
                value,
            )
        };
        assert!(order.rows.is_sorted_by_key(whole));
        let mut rows = order.rows.clone();
        rows.sort_unstable();
        assert!(rows.into_iter().eq(0..3_000));
        let seen = order.rows.iter().filter(|row| !whole(row).0);
        assert_eq!(seen.count(), order.training_rows);
        assert!((1_500..2_700).contains(&order.training_rows));
    }

    #[test]
    fn names_that_come_twice_are_counted_on_either_side() {
        let keys: Vec<u32> = (0..600).chain(100..150).chain(120..130).collect();
        let plain = vec![0; keys.len()];
        let mut kept = kept(&keys, &plain, &vec![0.0; keys.len()]);
        let expected = 50 * 2 + 10;
        let by_digest = RowOrder::of(&kept, &held_out(0.2));
        assert_eq!(by_digest.rows_named_twice(&kept.digests), expected);
        kept.orders = (0..keys.len() as i64).map(OrderValue::Integer).collect();
        let newest = Division {
            cut: Some(OrderValue::Integer(620)),
            ..Division::default()
        };
        let by_order = RowOrder::of(&kept, &newest);
        assert_eq!(by_order.training_rows, 621);
        assert_eq!(by_order.rows_named_twice(&kept.digests), expected);
        kept.digests.truncate(600);
        let alone = RowOrder::of(&kept, &held_out(0.2));
        assert_eq!(alone.rows_named_twice(&kept.digests), 0);
    }
}
