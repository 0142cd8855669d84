//! The gate's decision as it goes over the wire.

use super::estimate_body::EstimateBody;
use crate::retraining::gate::{Contender, Decision};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// May a version serve, why, and every number behind it; losses are means a row.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "GateDecision")]
pub(super) struct GateBody {
    /// `promoted`, `kept`, or `skipped` where nothing had changed.
    decision: String,
    /// At least one.
    reasons: Vec<GateReason>,
    /// The version of this run: beside a champion on the rows that neither saw, else on its own
    /// held-out rows.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    challenger: Option<GateContender>,
    /// The version that served.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    champion: Option<GateContender>,
    /// Log loss of the challenger less that of the champion on the same rows: above 0 the challenger
    /// is worse. Absent where they were not compared.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<EstimateBody>,
    /// How much worse it may be.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance: Option<f64>,
    /// Log loss of always answering the classes' shares of the challenger's training part.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    base_rate_log_loss: Option<f64>,
    /// The rows that these numbers are of.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
}

/// A reason of the gate.
#[derive(Debug, Clone, Object, Serialize)]
struct GateReason {
    /// A stable word for it.
    code: String,
    /// In words.
    detail: String,
}

/// A version before the gate.
#[derive(Debug, Clone, Object, Serialize)]
struct GateContender {
    /// Its number.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// By its fit that never saw the rows.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    log_loss: Option<f64>,
    /// What it gains over the base rate, a row.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    gain: Option<EstimateBody>,
    /// Of a champion: whether it is known to be better than the base rate.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    beats_base_rate: Option<bool>,
}

impl GateBody {
    /// What is stored at a run, and the version that it made; nothing where a later logitd stored
    /// another form.
    pub(super) fn of(stored: &serde_json::Value, version: Option<i32>) -> Option<Self> {
        let decision = Decision::deserialize(stored).ok()?;
        let reasons = decision.reasons.into_iter().map(|reason| GateReason {
            code: reason.code,
            detail: reason.detail,
        });
        let verdict = serde_json::to_value(decision.decision).ok()?;
        let challenger = decision.challenger.map(|challenger| Contender {
            version,
            ..challenger
        });
        Some(Self {
            decision: verdict.as_str()?.to_owned(),
            reasons: reasons.collect(),
            challenger: challenger.map(GateContender::of),
            champion: decision.champion.map(GateContender::of),
            difference: decision.difference.map(EstimateBody::of),
            tolerance: decision.tolerance,
            base_rate_log_loss: decision.base_rate_log_loss,
            rows: decision.rows,
        })
    }
}

impl GateContender {
    fn of(contender: Contender) -> Self {
        Self {
            version: contender.version,
            log_loss: contender.log_loss,
            gain: contender.gain.map(EstimateBody::of),
            beats_base_rate: contender.beats_base_rate,
        }
    }
}
