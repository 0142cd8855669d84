//! The gate's decision as it goes over the wire.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// May a version serve, and why.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
#[oai(rename = "GateDecision")]
pub(super) struct GateBody {
    /// `promoted` or `kept`.
    decision: String,
    /// At least one.
    reasons: Vec<GateReason>,
}

/// A reason of the gate.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
struct GateReason {
    /// A stable word for it.
    code: String,
    /// In words.
    detail: String,
}

impl GateBody {
    /// What is stored at a run; nothing where a later logitd stored another form.
    pub(super) fn of(stored: &serde_json::Value) -> Option<Self> {
        Self::deserialize(stored).ok()
    }
}
