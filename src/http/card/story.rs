//! Everything that is known of a version: itself, its training run with the gate's decision, its
//! deployments, and the version whose place it took.

use crate::http::error::ApiError;
use crate::http::error_codes::ErrorCode;
use crate::http::state::ApiState;
use crate::retraining::TrainingRun;
use crate::retraining::gate::Decision;
use crate::serving::{Deployment, DeploymentAction, ModelVersion, RegistryError};
use serde::Deserialize;

/// Deployments of one version that are told.
const MOST_DEPLOYMENTS: u64 = 100;

/// A version and what became of it.
#[derive(Debug)]
pub(in crate::http) struct Story {
    /// The version.
    pub(in crate::http) version: ModelVersion,
    /// The version that should serve this schema now.
    pub(in crate::http) champion: Option<i32>,
    /// By which it served, newest first.
    pub(in crate::http) deployments: Vec<Deployment>,
    /// What made it; absent where it was forgotten.
    pub(in crate::http) run: Option<TrainingRun>,
    /// What the gate said; absent where nothing was judged, or a later logitd judged.
    pub(in crate::http) decision: Option<Decision>,
    /// The champion whose place it took or, where it never served, the one that it was judged beside.
    pub(in crate::http) replaced: Option<ModelVersion>,
}

impl Story {
    /// Asks for all of it.
    ///
    /// # Errors
    /// `not_found` where there is no such version, and what the database says.
    pub(super) async fn of(state: &ApiState, number: i32) -> Result<Self, ApiError> {
        let registry = &state.registry;
        let Some(version) = registry.find_version(number).await? else {
            let detail = format!("there is no version {number} of {}", registry.model());
            return Err(ApiError::new(ErrorCode::NotFound, detail));
        };
        let deployments = registry.list_deployments_of(&version, MOST_DEPLOYMENTS);
        let deployments = deployments.await?;
        let run = state.training.find(&version.content.training_run).await?;
        let stored = run.as_ref().and_then(|run| run.gate.as_ref());
        let decision = stored.and_then(|gate| Decision::deserialize(gate).ok());
        let champion = registry.find_deployment().await?;
        Ok(Self {
            champion: champion.map(|deployment| deployment.version),
            replaced: replaced(state, &version, &deployments, decision.as_ref()).await?,
            version,
            deployments,
            run,
            decision,
        })
    }

    /// The deployment by which it took the place last; none where it never served.
    pub(in crate::http) fn promotion(&self) -> Option<&Deployment> {
        taken(&self.deployments).next()
    }

    /// Whether it is what should serve now.
    pub(in crate::http) fn serves(&self) -> bool {
        self.champion == Some(self.version.version)
    }
}

/// The deployments that changed what serves, newest first.
fn taken(deployments: &[Deployment]) -> impl Iterator<Item = &Deployment> {
    let stays = [DeploymentAction::Pin, DeploymentAction::Unpin].map(DeploymentAction::as_str);
    let mut taken = deployments.iter();
    std::iter::from_fn(move || taken.find(|of| !stays.contains(&of.action.as_str())))
}

async fn replaced(
    state: &ApiState,
    version: &ModelVersion,
    deployments: &[Deployment],
    decision: Option<&Decision>,
) -> Result<Option<ModelVersion>, ApiError> {
    let registry = &state.registry;
    let number = match taken(deployments).last() {
        Some(first) => {
            let before = registry.find_deployment_before(version, first).await?;
            before.map(|deployment| deployment.version)
        }
        None => decision
            .and_then(|decision| decision.champion.as_ref())
            .and_then(|champion| champion.version),
    };
    let other = number.filter(|number| *number != version.version);
    let Some(other) = other else {
        return Ok(None);
    };
    match registry.find_version(other).await {
        Err(error @ RegistryError::Unavailable(_)) => Err(error.into()),
        // One that cannot be read takes nothing from this one's card.
        found => Ok(found.unwrap_or_default()),
    }
}
