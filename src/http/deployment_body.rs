//! A deployment, and what a process serves of it, as they go over the wire.

use super::model_version_body::{ModelVersionBody, timestamp};
use crate::serving::{Deployment, ModelSlot, ServedModel};
use poem_openapi::Object;
use serde::Serialize;

/// This version serves from then on, because.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Deployment")]
pub(super) struct DeploymentBody {
    /// Counts up; the largest number is what should serve.
    sequence: i32,
    /// The version that serves.
    version: i32,
    /// What was done: `promote`, `roll_back`, `pin` or `unpin`.
    action: String,
    /// Whether automatic promotion is off from then on.
    pinned: bool,
    /// Since when.
    deployed_at: String,
    /// Who asked for it: a key's name, or what made the training run.
    deployed_by: String,
    /// Why, in their words; the gate's where it promoted.
    reason: String,
}

impl DeploymentBody {
    pub(super) fn of(deployment: &Deployment) -> Self {
        Self {
            sequence: deployment.sequence,
            version: deployment.version,
            action: deployment.action.clone(),
            pinned: deployment.pinned,
            deployed_at: timestamp(deployment.deployed_at),
            deployed_by: deployment.deployed_by.clone(),
            reason: deployment.reason.clone(),
        }
    }
}

/// What this process serves, and what it should.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Serving")]
pub(super) struct ServingBody {
    /// The version that answers here; absent until one is loaded.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    serves: Option<i32>,
    /// The version that should, as of the last look at the registry; another one for as long as
    /// this process has not followed. Absent where nothing has been promoted.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    should_serve: Option<i32>,
    /// Whether automatic promotion is off.
    pinned: bool,
    /// How often this process could not load what it should serve; it tries again at every look.
    failed_loads: u64,
}

impl ServingBody {
    pub(super) fn of(slot: &ModelSlot) -> Self {
        let champion = slot.champion();
        Self {
            serves: slot.snapshot().map(|model| model.number()),
            should_serve: champion.as_ref().map(|champion| champion.version),
            pinned: champion.is_some_and(|champion| champion.pinned),
            failed_loads: slot.failed_loads(),
        }
    }
}

/// The version that this process serves.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Champion")]
pub(super) struct ChampionBody {
    #[oai(flatten)]
    #[serde(flatten)]
    version: ModelVersionBody,
    /// Since when, by whom and why it serves.
    deployment: DeploymentBody,
    /// Whether it is what should serve.
    serving: ServingBody,
}

impl ChampionBody {
    pub(super) fn of(model: &ServedModel, slot: &ModelSlot) -> Self {
        let champion = slot.champion().map(|champion| champion.version);
        Self {
            version: ModelVersionBody::of(model.version(), champion),
            deployment: DeploymentBody::of(model.deployment()),
            serving: ServingBody::of(slot),
        }
    }
}
