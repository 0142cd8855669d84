//! Area under the receiver operating characteristic.
//!
//! Shape: the probability that a positive row scores above a negative one, ties counting half: the
//! Mann-Whitney statistic by midranks (Hanley and McNeil 1982). Counted in integers, so the result
//! does not depend on the order of the rows. Concurrency: pure. Turned down: trapezoids over
//! thresholds (the same number with rounding).

/// The area, or `None` when one of the two sides has no row. `scores` and `positive` have one entry
/// a row; no score is NaN.
pub(super) fn roc_auc(scores: &[f64], positive: &[bool]) -> Option<f64> {
    debug_assert_eq!(scores.len(), positive.len(), "one score a row");
    let mut rows: Vec<(f64, bool)> = scores
        .iter()
        .copied()
        .zip(positive.iter().copied())
        .collect();
    rows.sort_unstable_by(|one, two| one.0.total_cmp(&two.0));
    // Twice the number of pairs in which the positive row scores higher.
    let (mut doubled_wins, mut negatives_below, mut positives) = (0_u128, 0_u128, 0_u128);
    for tied in rows.chunk_by(|one, two| one.0 == two.0) {
        let here = tied.iter().filter(|(_, positive)| *positive).count() as u128;
        let others = tied.len() as u128 - here;
        doubled_wins += here * (2 * negatives_below + others);
        negatives_below += others;
        positives += here;
    }
    let pairs = positives * negatives_below;
    (pairs > 0).then(|| doubled_wins as f64 / (2 * pairs) as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, pair by pair.
    fn brute_force(rows: &[(f64, bool)]) -> Option<f64> {
        let (mut wins, mut pairs) = (0.0, 0.0);
        for (score, _) in rows.iter().filter(|(_, positive)| *positive) {
            for (other, _) in rows.iter().filter(|(_, positive)| !*positive) {
                pairs += 1.0;
                wins += if score > other {
                    1.0
                } else if score == other {
                    0.5
                } else {
                    0.0
                };
            }
        }
        (pairs > 0.0).then(|| wins / pairs)
    }

    proptest! {
        #[test]
        fn midranks_agree_with_the_definition(
            rows in prop::collection::vec((-3_i8..4, any::<bool>()), 0..60),
        ) {
            let rows: Vec<_> =
                rows.into_iter().map(|(score, side)| (f64::from(score) / 3.0, side)).collect();
            let (scores, sides): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
            let (fast, slow) = (roc_auc(&scores, &sides), brute_force(&rows));
            prop_assert_eq!(fast.is_some(), slow.is_some());
            if let (Some(fast), Some(slow)) = (fast, slow) {
                prop_assert!((fast - slow).abs() < 1e-12, "{} {}", fast, slow);
            }
        }
    }

    #[test]
    fn both_zeros_tie_and_one_side_has_no_area() {
        assert_eq!(roc_auc(&[-0.0, 0.0], &[true, false]), Some(0.5));
        assert_eq!(roc_auc(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(roc_auc(&[], &[]), None);
    }
}
