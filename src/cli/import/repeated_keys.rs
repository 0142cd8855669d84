//! Keys that stand in the file more than once, found in 16 bytes a row.
//!
//! A row leaves the hash of its key and its line. Two different keys of one hash would be told as
//! one: among a million rows that happens once in 37 million files. Turned down: the keys themselves,
//! whose length nobody bounds.

use std::hash::{BuildHasher, RandomState};

/// Told one by one.
const MOST_TOLD: usize = 100;

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct RepeatedKeys {
    hasher: RandomState,
    seen: Vec<(u64, u64)>,
}

/// A row whose key a later row has too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Repeated {
    /// The line of the earlier row.
    pub(super) line: u64,
    /// The line of the next row with its key.
    pub(super) again: u64,
}

impl RepeatedKeys {
    /// Remembers a row. Lines come in ascending order.
    pub(super) fn add(&mut self, key: &str, line: u64) {
        self.seen.push((self.hasher.hash_one(key), line));
    }

    /// How many rows have a key that a later row has too, and the first of them.
    pub(super) fn finish(mut self) -> (usize, Vec<Repeated>) {
        self.seen.sort_unstable();
        let neighbours = self.seen.iter().zip(self.seen.iter().skip(1));
        let repeated = neighbours.filter(|((one, _), (next, _))| one == next).map(
            |((_, line), (_, again))| Repeated {
                line: *line,
                again: *again,
            },
        );
        let (mut count, mut first) = (0, Vec::new());
        for found in repeated {
            count += 1;
            let place = first.partition_point(|earlier| *earlier < found);
            if place < MOST_TOLD {
                first.insert(place, found);
                first.truncate(MOST_TOLD);
            }
        }
        (count, first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn an_entry_takes_sixteen_bytes() {
        assert_eq!(size_of::<(u64, u64)>(), 16);
    }

    #[test]
    fn each_repeated_row_is_told_with_the_next_of_its_key() {
        let mut keys = RepeatedKeys::default();
        for (line, key) in (2..).zip(["a", "b", "a", "c", "a", "b"]) {
            keys.add(key, line);
        }
        let (count, told) = keys.finish();
        let pairs: Vec<_> = told.iter().map(|one| (one.line, one.again)).collect();
        assert_eq!((count, pairs), (3, vec![(2, 4), (3, 7), (4, 6)]));
    }

    proptest! {
        #[test]
        fn the_count_is_what_a_set_of_keys_lacks(keys in prop::collection::vec(0..200_u32, 0..600)) {
            let distinct: HashSet<_> = keys.iter().collect();
            let mut repeated = RepeatedKeys::default();
            for (line, key) in (1..).zip(&keys) {
                repeated.add(&key.to_string(), line);
            }
            let (count, told) = repeated.finish();
            prop_assert_eq!(count, keys.len() - distinct.len());
            prop_assert_eq!(told.len(), count.min(MOST_TOLD));
            prop_assert!(told.is_sorted());
        }
    }
}
