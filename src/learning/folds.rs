//! Which rows a search for the penalty tests together.
//!
//! Shape: rows are ordered within their class by a hash of their own and dealt out in turn, each
//! class going on where the one before stopped: folds of equal size with equal shares of the
//! classes, the same on every machine and whatever order the rows came in. Rows that share a digest
//! (equal rows of a table without a key) go to the same fold, so that none is tested by its twin. A
//! class that has one digest only is in every training part and never tested. Concurrency: pure.
//! Turned down: the hash alone (a rare class may miss a fold), and a seed (two runs on the same
//! rows would choose differently).

use super::digest::RowDigest;
use super::subset::NO_FOLD;

/// The fold of each row, below `folds` (at most 100) or [`NO_FOLD`]. `digests` and `labels` have
/// one entry a row, `classes` is more than every label.
pub(super) fn fold_of_rows(
    digests: &[RowDigest],
    labels: &[u16],
    classes: usize,
    folds: usize,
) -> Vec<u8> {
    debug_assert_eq!(digests.len(), labels.len(), "one digest a row");
    let mut rows_of_class: Vec<Vec<(u128, usize)>> = vec![Vec::new(); classes];
    for (row, label) in labels.iter().enumerate() {
        rows_of_class[usize::from(*label)].push((digests[row].fold_order(), row));
    }
    let mut fold_of = vec![NO_FOLD; labels.len()];
    let mut next = 0;
    for mut rows in rows_of_class {
        rows.sort_unstable();
        let alike: Vec<_> = rows.chunk_by(|one, two| one.0 == two.0).collect();
        if alike.len() < 2 {
            continue;
        }
        for rows in alike {
            for (_, row) in rows {
                fold_of[*row] = (next % folds.max(1)) as u8;
            }
            next += 1;
        }
    }
    fold_of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(keys: &[u32]) -> Vec<RowDigest> {
        keys.iter()
            .map(|key| RowDigest::of_key(&key.to_string()))
            .collect()
    }

    #[test]
    fn every_fold_has_its_share_of_every_class() {
        let keys: Vec<u32> = (0..1_003).collect();
        let labels: Vec<u16> = keys.iter().map(|key| u16::from(key % 100 == 0)).collect();
        let fold_of = fold_of_rows(&digests(&keys), &labels, 2, 5);
        for fold in 0..5_u8 {
            let of = |class: u16| {
                let rows = fold_of.iter().zip(&labels);
                rows.filter(move |(at, label)| **at == fold && **label == class)
            };
            assert!((198..=199).contains(&of(0).count()));
            assert!((2..=3).contains(&of(1).count()));
            assert!((200..=201).contains(&(of(0).count() + of(1).count())));
        }
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter_and_twins_stay_together() {
        let keys: Vec<u32> = (0..200).map(|row| row / 2).collect();
        let labels: Vec<u16> = keys.iter().map(|key| (key % 3) as u16).collect();
        let fold_of = fold_of_rows(&digests(&keys), &labels, 3, 4);
        assert!(fold_of.chunks(2).all(|twins| twins[0] == twins[1]));
        let back: Vec<u32> = keys.iter().rev().copied().collect();
        let labels: Vec<u16> = labels.iter().rev().copied().collect();
        let mut turned = fold_of_rows(&digests(&back), &labels, 3, 4);
        turned.reverse();
        assert_eq!(turned, fold_of);
    }

    #[test]
    fn the_only_row_of_a_class_is_never_tested() {
        let fold_of = fold_of_rows(&digests(&[1, 2, 3, 3]), &[0, 0, 1, 1], 2, 2);
        assert_eq!(fold_of[2..], [NO_FOLD, NO_FOLD]);
        assert_ne!(fold_of[0], fold_of[1]);
    }
}
