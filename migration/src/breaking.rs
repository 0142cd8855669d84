//! Which steps older binaries cannot live with, told in the step's name.
//!
//! Shape: `mYYYYMMDD_NNNNNN_breaks_before_0_3_drop_what_0_1_used` says that logitd before 0.3 does
//! not work on the tables any more. The name is all that a binary can read of a step that it does
//! not know, and every binary reads it, so the mark has to stand there from the first release on.
//! Turned down: a column or table of marks (a binary older than the table cannot read it, and the
//! two can disagree), and a mark without a version (the step that takes away what 0.1 used breaks
//! 0.1 and not 0.2, which has to run beside 0.3 while that rolls out).

use std::fmt;

const MARK: &str = "breaks_before_";

/// Major and minor version: within one minor version no step breaks anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl Release {
    /// The release that this binary is of.
    #[must_use]
    pub fn ours() -> Self {
        let number = |text: &str| text.parse().unwrap_or_default();
        Self {
            major: number(env!("CARGO_PKG_VERSION_MAJOR")),
            minor: number(env!("CARGO_PKG_VERSION_MINOR")),
        }
    }

    /// The oldest release that works beside the step of this name; `None` where all do.
    #[must_use]
    pub fn needed_by(step: &str) -> Option<Self> {
        let (_, rest) = sentence(step).split_once(MARK)?;
        let mut numbers = rest.split('_').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Some(Self { major, minor }),
            // A mark that cannot be read is taken at its word: it breaks whoever does not know it.
            _ => Some(Self {
                major: u32::MAX,
                minor: 0,
            }),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.major == u32::MAX {
            return f.write_str("the one that applied it");
        }
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What follows the date and the number of the day.
fn sentence(step: &str) -> &str {
    step.splitn(3, '_').nth(2).unwrap_or(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Migrator;
    use sea_orm_migration::MigratorTrait;

    const fn release(major: u32, minor: u32) -> Release {
        Release { major, minor }
    }

    #[test]
    fn the_mark_names_the_oldest_release_that_works() {
        let of = Release::needed_by;
        let step = "m20270301_000001_breaks_before_0_3_drop_what_0_1_used";
        assert_eq!(of(step), Some(release(0, 3)));
        assert_eq!(
            of("m20280101_000002_breaks_before_12_0_rename"),
            Some(release(12, 0))
        );
        assert_eq!(of("m20270301_000001_add_what_is_not_known_yet"), None);
        assert!(of("m20270301_000001_breaks_before_long_a_thing") > Some(release(999, 0)));
        assert!(release(0, 9) < release(0, 10) && release(0, 10) < release(1, 0));
    }

    #[test]
    fn every_step_is_a_date_a_number_and_a_sentence() {
        let steps = Migrator::migrations();
        let names: Vec<&str> = steps.iter().map(|step| step.name()).collect();
        for name in &names {
            let (head, words) = name.split_at("m20261123_000001_".len());
            let digits = head.chars().filter(char::is_ascii_digit).count();
            assert!(
                head.starts_with('m') && head.ends_with('_') && digits == 14,
                "{name}"
            );
            assert!(!words.is_empty(), "{name}");
            let known = |needed| needed <= Release::ours();
            assert!(
                Release::needed_by(name).is_none_or(known),
                "{name} breaks the release that it is part of"
            );
        }
        assert!(
            names.is_sorted(),
            "the order of the list is that of the names: {names:?}"
        );
    }
}
