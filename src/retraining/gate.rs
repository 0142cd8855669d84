//! May the challenger serve? Pure, with reasons in codes and words.
//!
//! Without a champion of this schema a converged challenger takes the place. Beside a champion
//! nothing is promoted by itself: comparing the two on rows that neither has seen has its place
//! here and is not there yet.

use serde::{Deserialize, Serialize};

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The challenger serves from now on.
    Promoted,
    /// The challenger is stored and the champion stays.
    Kept,
}

/// Why, as a code for programs and words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// `first_version`, `not_converged` or `not_compared`.
    pub code: String,
    /// In words.
    pub detail: String,
}

/// The decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What the gate says.
    pub decision: Verdict,
    /// At least one.
    pub reasons: Vec<Reason>,
}

impl Decision {
    fn because(decision: Verdict, code: &str, detail: impl Into<String>) -> Self {
        let reason = Reason {
            code: code.to_owned(),
            detail: detail.into(),
        };
        Self {
            decision,
            reasons: vec![reason],
        }
    }
}

/// Decides about a challenger; `champion` is the version that serves, if any does.
#[must_use]
pub fn decide(converged: bool, champion: Option<i32>) -> Decision {
    if !converged {
        let detail = "the fit did not converge; such a version is never promoted by itself";
        return Decision::because(Verdict::Kept, "not_converged", detail);
    }
    match champion {
        None => {
            let detail = "no version of this schema serves yet";
            Decision::because(Verdict::Promoted, "first_version", detail)
        }
        Some(version) => {
            let detail = format!("version {version} serves; the new version is stored beside it");
            Decision::because(Verdict::Kept, "not_compared", detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_converged_first_version_is_promoted() {
        let code = |converged, champion| {
            let decision = decide(converged, champion);
            (decision.decision, decision.reasons[0].code.clone())
        };
        assert_eq!(
            code(true, None),
            (Verdict::Promoted, "first_version".into())
        );
        assert_eq!(code(true, Some(3)), (Verdict::Kept, "not_compared".into()));
        assert_eq!(code(false, None), (Verdict::Kept, "not_converged".into()));
        assert_eq!(
            code(false, Some(3)),
            (Verdict::Kept, "not_converged".into())
        );
    }
}
