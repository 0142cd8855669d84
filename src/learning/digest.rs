//! Hashes: which rows are held out, and which data were learned from.
//!
//! Shape: SHA-256 with a fixed label of its own for each use, so that two uses never agree by
//! accident. Concurrency: pure functions. Turned down: `std::hash` (it may change with the
//! compiler; the split must stay the same over years, databases and machines).

use sha2::{Digest, Sha256};

use super::order::OrderValue;

/// 128 bits that name a row for good and decide on which side of the split it falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowDigest(u128);

const HELD_OUT: &[u8] = b"logitd/held-out/1\0";
const FOLD: &[u8] = b"logitd/fold/1\0";
const SAMPLE: &[u8] = b"logitd/sample/1\0";

impl RowDigest {
    /// Of the key's canonical text.
    pub fn of_key(key: &str) -> Self {
        Self::of(|hash| hash.update(key.as_bytes()))
    }

    /// Of the feature values, for tables without a key: equal rows stay together. Negative zero
    /// counts as zero and every NaN as one.
    pub fn of_features(values: &[f64]) -> Self {
        Self::of(|hash| {
            for value in values {
                hash.update(canonical(*value).to_bits().to_be_bytes());
            }
        })
    }

    /// The first 64 of the 128 bits: uniform over the rows of a table.
    pub fn top_bits(self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// Puts digests in order (`order[new] = old`), one half after the other: half the room.
    pub(super) fn arrange(digests: &mut [Self], order: &[usize]) {
        const LOW: u128 = u64::MAX as u128;
        let mut halves: Vec<u64> = Vec::with_capacity(order.len());
        halves.extend(order.iter().map(|row| digests[*row].top_bits()));
        for (digest, half) in digests.iter_mut().zip(&halves) {
            digest.0 = u128::from(*half) << 64 | digest.0 & LOW;
        }
        halves.clear();
        halves.extend(order.iter().map(|row| digests[*row].0 as u64));
        for (digest, half) in digests.iter_mut().zip(&halves) {
            digest.0 = digest.0 & !LOW | u128::from(*half);
        }
    }

    fn of(write: impl FnOnce(&mut Sha256)) -> Self {
        let mut hash = Sha256::new();
        hash.update(HELD_OUT);
        write(&mut hash);
        let bytes = hash.finalize();
        Self(
            bytes
                .iter()
                .take(16)
                .fold(0, |sum, byte| sum << 8 | u128::from(*byte)),
        )
    }

    /// The order in which rows of a class are dealt into folds: a hash with a label of its own, so
    /// that it says nothing about the side of the split.
    pub(super) fn fold_order(self) -> u128 {
        self.hashed_again(FOLD)
    }

    /// Where the row stands when rows are sampled, the smallest first: again a hash with a label of
    /// its own. A row keeps its place whatever rows come and go.
    pub fn sample_order(self) -> u64 {
        (self.hashed_again(SAMPLE) >> 64) as u64
    }

    fn hashed_again(self, label: &[u8]) -> u128 {
        let mut hash = Sha256::new();
        hash.update(label);
        hash.update(self.to_bytes());
        let bytes = hash.finalize();
        bytes
            .iter()
            .take(16)
            .fold(0, |sum, byte| sum << 8 | u128::from(*byte))
    }

    fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

/// The same number with one form of zero and one of NaN.
pub(super) fn canonical(value: f64) -> f64 {
    if value.is_nan() {
        f64::NAN
    } else {
        value + 0.0
    }
}

/// A sum of row hashes: it does not depend on the order in which the rows came.
#[derive(Clone, Debug, Default)]
pub(super) struct DataDigest {
    lanes: [u64; 4],
    rows: u64,
    /// Room for what is hashed of one row.
    row: Vec<u8>,
}

impl DataDigest {
    /// Adds one row: its canonical feature values, its label's canonical text, its digest, and what
    /// it is ordered by, where it is.
    pub(super) fn add(
        &mut self,
        values: &[f64],
        label: &str,
        digest: RowDigest,
        order: Option<&OrderValue>,
    ) {
        // One text for one call: a hash takes eight bytes at a time far more slowly.
        let row = &mut self.row;
        row.clear();
        row.extend_from_slice(b"logitd/data-row/1\0");
        row.extend_from_slice(&(label.len() as u64).to_be_bytes());
        row.extend_from_slice(label.as_bytes());
        row.extend_from_slice(&digest.to_bytes());
        for value in values {
            row.extend_from_slice(&value.to_bits().to_be_bytes());
        }
        if let Some(order) = order {
            row.extend_from_slice(&order.bytes());
        }
        let bytes = Sha256::digest(row);
        for (lane, part) in self.lanes.iter_mut().zip(bytes.chunks_exact(8)) {
            let number = part
                .iter()
                .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
            *lane = lane.wrapping_add(number);
        }
        self.rows += 1;
    }

    /// `sha256:<hex>` of all rows added.
    pub(super) fn finish(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"logitd/data/1\0");
        hash.update(self.rows.to_be_bytes());
        for lane in self.lanes {
            hash.update(lane.to_be_bytes());
        }
        format!("sha256:{}", hex(&hash.finalize()))
    }
}

/// Adds a text after its length, so that neighbouring texts cannot run together.
pub(super) fn put_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}

/// Lowercase hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_known_keys_never_change() {
        // Pinned: another value would move rows across the split of every stored version.
        // `printf 'logitd/held-out/1\0%s' 1 | sha256sum | cut -c1-32`
        assert_eq!(
            format!("{:032x}", RowDigest::of_key("1").0),
            "22cc0769b205a7560e1e43650877b886"
        );
        assert_eq!(
            format!("{:032x}", RowDigest::of_key("").0),
            "2a966f09c37e9fdda860a134d86d39cb"
        );
        assert_eq!(
            format!("{:032x}", RowDigest::of_key("Zoë").0),
            "16c8912eebf40dce40a7874237be4bf8"
        );
        assert_eq!(
            format!("{:032x}", RowDigest::of_features(&[1.0, -2.5]).0),
            "de7dadc317840d0796f1f8c6ed9c794a"
        );
    }

    #[test]
    fn the_place_in_a_sample_never_changes() {
        // `(printf 'logitd/sample/1\0'; printf '%s' "$digest" | xxd -r -p) | sha256sum | cut -c1-16`
        let place = RowDigest::of_key("1").sample_order();
        assert_eq!(format!("{place:016x}"), "cdc4f5b3c354f137");
    }

    #[test]
    fn equal_values_have_equal_digests() {
        let other_nan = f64::from_bits(f64::NAN.to_bits() ^ (1 << 63));
        let one = RowDigest::of_features(&[0.0, f64::NAN]);
        assert_eq!(one, RowDigest::of_features(&[-0.0, other_nan]));
        assert_ne!(one, RowDigest::of_features(&[f64::NAN, 0.0]));
    }

    #[test]
    fn the_data_digest_sees_rows_and_not_their_order() {
        let rows = [
            ([1.0, 2.0], "a", "1"),
            ([3.0, 4.0], "b", "2"),
            ([3.0, 4.0], "b", "3"),
        ];
        let of = |order: &[usize]| {
            let mut digest = DataDigest::default();
            for at in order {
                let (values, label, key) = &rows[*at];
                digest.add(values, label, RowDigest::of_key(key), None);
            }
            digest.finish()
        };
        assert_eq!(of(&[0, 1, 2]), of(&[2, 0, 1]));
        assert_ne!(of(&[0, 1, 2]), of(&[0, 1]));
        assert_ne!(of(&[0, 1, 1]), of(&[0, 1, 2]));
        let ordered = |value: i64| {
            let mut digest = DataDigest::default();
            let order = OrderValue::Integer(value);
            digest.add(&[1.0], "a", RowDigest::of_key("1"), Some(&order));
            digest.finish()
        };
        assert_ne!(ordered(1), ordered(2), "another order is another split");
    }
}
