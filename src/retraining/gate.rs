//! May the challenger serve? Pure, with reasons in codes and words.
//!
//! Shape: a [`Case`] in, a [`Decision`] out, with every number that it rests on: it is stored with
//! the run as it is and shown as it is. Without a champion of this schema a converged challenger
//! takes the place. Beside one it has to be better than the classes' shares for sure, and no worse
//! than the champion, on rows that neither saw; and where the champion itself fails on rows like
//! those it once did well on, a person decides. Concurrency: pure. Turned down: a difference that is
//! significant (a champion of few rows would stay for years beside slightly better ones), and the
//! accuracy (it cannot see a probability get worse).

use super::incomparable::Incomparable;
use crate::learning::{Comparison, Estimate, Evaluation};
use serde::{Deserialize, Serialize};

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The challenger serves from now on.
    Promoted,
    /// The challenger is stored and the champion stays.
    Kept,
    /// There is no challenger: nothing has changed since the last one.
    Skipped,
}

/// Why, as a code for programs and words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Of a promotion `first_version` or `passed`. Of one that was kept `not_converged`, `pinned`,
    /// `not_evaluated`, `classes_changed`, `not_comparable`, `data_changed`,
    /// `not_better_than_base_rate` or `worse_than_champion`. Of a run that was skipped `unchanged`
    /// or `champion_serves`.
    pub code: String,
    /// In words.
    pub detail: String,
}

/// A version on the rows of the decision.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Contender {
    /// Its number, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// Mean log loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<f64>,
    /// What it gains over the classes' shares of the challenger's training part, a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain: Option<Estimate>,
    /// Of a champion: whether it is known to beat the classes' shares, after this run. Where it
    /// did and suddenly does not, it stays known until a person has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beats_base_rate: Option<bool>,
}

/// The decision with its reasons and its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What the gate says.
    pub decision: Verdict,
    /// At least one.
    pub reasons: Vec<Reason>,
    /// The new version; beside a champion on the rows that neither saw, else on its own held-out
    /// rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenger: Option<Contender>,
    /// The version that serves, if any does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub champion: Option<Contender>,
    /// Challenger's mean log loss less the champion's: above 0 the challenger is worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Estimate>,
    /// How much worse it might have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    /// Mean log loss of the classes' shares of the challenger's training part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rate_log_loss: Option<f64>,
    /// Rows that the numbers are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// What the gate is asked.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// Whether the fit that would serve converged.
    pub converged: bool,
    /// The challenger on its own held-out rows, if there are any.
    pub evaluation: Option<&'a Evaluation>,
    /// The version that serves, if any does.
    pub champion: Option<Champion>,
    /// Mean log loss that a challenger may lose against the champion.
    pub tolerance: f64,
}

/// The version that serves, and how the challenger compares.
#[derive(Debug, Clone)]
pub struct Champion {
    /// Its number.
    pub version: i32,
    /// Whether a person has switched automatic promotion off.
    pub pinned: bool,
    /// Whether it beat the classes' shares when it was last judged: the 95% interval of its gain
    /// lay above 0.
    pub beat_base_rate: bool,
    /// Both on the rows that neither saw.
    pub compared: Result<Comparison, Incomparable>,
}

impl Decision {
    /// A decision without numbers.
    #[must_use]
    pub fn because(decision: Verdict, code: &str, detail: impl Into<String>) -> Self {
        Self {
            decision,
            reasons: vec![reason(code, detail)],
            challenger: None,
            champion: None,
            difference: None,
            tolerance: None,
            base_rate_log_loss: None,
            rows: None,
        }
    }

    /// The champion that was scored, so that what is known of it is newer than it was.
    #[must_use]
    pub fn judged(&self) -> Option<i32> {
        self.difference.and(self.champion.as_ref()?.version)
    }
}

fn reason(code: &str, detail: impl Into<String>) -> Reason {
    Reason {
        code: code.to_owned(),
        detail: detail.into(),
    }
}

/// Decides about a challenger.
#[must_use]
pub fn decide(case: &Case<'_>) -> Decision {
    let mut reasons = Vec::new();
    if !case.converged {
        let detail = "the fit did not converge; such a version is never promoted by itself";
        reasons.push(reason("not_converged", detail));
    }
    let Some(champion) = &case.champion else {
        let first = || reason("first_version", "no version of this schema serves yet");
        return alone(case, concluded(reasons, first));
    };
    if champion.pinned {
        let detail = format!(
            "version {} is pinned: automatic promotion is off",
            champion.version
        );
        reasons.push(reason("pinned", detail));
    }
    match &champion.compared {
        Ok(comparison) => {
            reasons.extend(objections(case, champion, comparison));
            let passed = || passed(champion, comparison);
            with_numbers(case, champion, comparison, concluded(reasons, passed))
        }
        Err(why) => {
            reasons.push(reason(why.code(), why.to_string()));
            let mut decision = alone(case, (Verdict::Kept, reasons));
            decision.champion = Some(Contender {
                version: Some(champion.version),
                beats_base_rate: Some(champion.beat_base_rate),
                ..Contender::default()
            });
            decision
        }
    }
}

/// Promoted where nothing speaks against it.
fn concluded(against: Vec<Reason>, otherwise: impl FnOnce() -> Reason) -> (Verdict, Vec<Reason>) {
    if against.is_empty() {
        (Verdict::Promoted, vec![otherwise()])
    } else {
        (Verdict::Kept, against)
    }
}

fn objections(case: &Case<'_>, champion: &Champion, on: &Comparison) -> Vec<Reason> {
    let mut against = Vec::new();
    if champion.beat_base_rate && on.champion_gain.mean <= 0.0 {
        let detail = format!(
            "version {} was better than the classes' shares when it was last judged, and on these {} rows it is not any more (gain {}): the data have changed, for a person to decide",
            champion.version,
            on.rows,
            shown(&on.champion_gain)
        );
        against.push(reason("data_changed", detail));
    }
    if on.challenger_gain.lower <= 0.0 {
        let detail = format!(
            "it is not surely better than the classes' shares alone: its gain on {} rows is {}",
            on.rows,
            shown(&on.challenger_gain)
        );
        against.push(reason("not_better_than_base_rate", detail));
    }
    if on.difference.mean > case.tolerance {
        let detail = format!(
            "its log loss on {} rows is larger than that of version {} by {}, at most {} may be lost",
            on.rows,
            champion.version,
            shown(&on.difference),
            case.tolerance
        );
        against.push(reason("worse_than_champion", detail));
    }
    against
}

fn passed(champion: &Champion, on: &Comparison) -> Reason {
    let detail = format!(
        "on {} rows that neither saw its log loss is {:.4}, that of version {} {:.4} (difference {}), and it gains {} over the classes' shares",
        on.rows,
        on.challenger_log_loss,
        champion.version,
        on.champion_log_loss,
        shown(&on.difference),
        shown(&on.challenger_gain)
    );
    reason("passed", detail)
}

/// A mean with its 95% interval, for people.
fn shown(estimate: &Estimate) -> String {
    let Estimate {
        mean, lower, upper, ..
    } = estimate;
    format!("{mean:.4}, from {lower:.4} to {upper:.4}")
}

/// With what is known of the challenger alone.
fn alone(case: &Case<'_>, (decision, reasons): (Verdict, Vec<Reason>)) -> Decision {
    let contender = |evaluation: &Evaluation| Contender {
        log_loss: Some(evaluation.log_loss),
        gain: evaluation.gain,
        ..Contender::default()
    };
    Decision {
        decision,
        reasons,
        challenger: case.evaluation.map(contender),
        champion: None,
        difference: None,
        tolerance: Some(case.tolerance),
        base_rate_log_loss: case.evaluation.and_then(|of| of.base_rate_log_loss),
        rows: case.evaluation.map(|evaluation| evaluation.rows),
    }
}

fn with_numbers(
    case: &Case<'_>,
    champion: &Champion,
    on: &Comparison,
    (decision, reasons): (Verdict, Vec<Reason>),
) -> Decision {
    let lost_it = champion.beat_base_rate && on.champion_gain.mean <= 0.0;
    Decision {
        decision,
        reasons,
        challenger: Some(Contender {
            log_loss: Some(on.challenger_log_loss),
            gain: Some(on.challenger_gain),
            ..Contender::default()
        }),
        champion: Some(Contender {
            version: Some(champion.version),
            log_loss: Some(on.champion_log_loss),
            gain: Some(on.champion_gain),
            // Else the next run would find a champion that never beat it, and promote.
            beats_base_rate: Some(lost_it || on.champion_gain.lower > 0.0),
        }),
        difference: Some(on.difference),
        tolerance: Some(case.tolerance),
        base_rate_log_loss: Some(on.base_rate_log_loss),
        rows: Some(on.rows),
    }
}

#[cfg(test)]
mod tests;
