//! The known name that an unknown one was probably meant to be.

/// How alike two names must be, from 0 to 1, to be taken for a slip: `penalty` is near
/// `penalties` (0.67), `folds` near nothing.
const LIKELY_SLIP: f64 = 0.6;

/// The likeliest of `known`, if it is near enough to be a slip. Likeness is the normalised
/// Damerau-Levenshtein distance; the first of equals wins.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    let mut likeness = LIKELY_SLIP;
    for candidate in known {
        let candidate_likeness = strsim::normalized_damerau_levenshtein(name, candidate);
        if candidate_likeness > likeness || (best.is_none() && candidate_likeness >= likeness) {
            (best, likeness) = (Some(candidate), candidate_likeness);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let known = || ["seed", "penalties", "worker", "refit"].into_iter();
        assert_eq!(nearest("penalty", known()), Some("penalties"));
        assert_eq!(nearest("sede", known()), Some("seed"));
        assert_eq!(nearest("folds", known()), None);
        assert_eq!(nearest("", known()), None);
    }
}
