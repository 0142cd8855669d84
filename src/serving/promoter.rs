//! What a person decides about the champion: promote, roll back, pin.
//!
//! Always in this order: load the version, write the deployment row, swap. So nothing is promoted
//! that this process cannot serve, and whoever is answered finds it serving here at once; the other
//! replicas follow. The row names the one that was the newest when the version was chosen: if
//! somebody else, the gate too, was quicker, nothing is written.

use super::history::before_champion;
use super::{ModelSlot, Registry, RegistryError, ServedModel};
use crate::clock::Clock;
use crate::store::{Deployment, DeploymentAction, ModelVersion, NewDeployment};
use std::sync::Arc;

/// Decides what serves, by hand.
#[derive(Debug, Clone)]
pub struct Promoter {
    registry: Registry,
    slot: Arc<ModelSlot>,
    clock: Arc<dyn Clock>,
}

/// Who wants it, and why.
#[derive(Debug, Clone)]
pub struct Order {
    /// The caller's name.
    pub by: String,
    /// In their words; may be empty.
    pub reason: String,
}

/// Why it was not done. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
pub enum PromotionError {
    /// There is no version of this number.
    #[error("there is no version {version}")]
    NoSuchVersion {
        /// The number.
        version: i32,
    },
    /// The version was trained for other features, another target or another way with missing values.
    #[error("version {version} was trained for another schema than this service's")]
    OtherSchema {
        /// The version's number.
        version: i32,
    },
    /// Nothing has been promoted yet.
    #[error("no version of this schema serves yet")]
    NoChampion,
    /// There is nothing to go back to.
    #[error("no other version of this schema served before version {version}")]
    NothingBefore {
        /// The version that serves.
        version: i32,
    },
    /// Somebody else deployed first.
    #[error("somebody else changed what serves at the same moment; look again and decide anew")]
    Conflict(#[source] RegistryError),
    /// The version is stored in a form that this process cannot read.
    #[error("version {version} is stored in a form that this process cannot read")]
    Unreadable {
        /// The version's number.
        version: i32,
        /// Why.
        #[source]
        source: RegistryError,
    },
    /// The registry could not answer.
    #[error(transparent)]
    Registry(RegistryError),
}

impl From<RegistryError> for PromotionError {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Conflict(_) => Self::Conflict(error),
            RegistryError::OtherSchema { version } => Self::OtherSchema { version },
            RegistryError::MissingVersion { version } => Self::NoSuchVersion { version },
            RegistryError::Unreadable { version, .. } => Self::Unreadable {
                version,
                source: error,
            },
            error => Self::Registry(error),
        }
    }
}

impl Promoter {
    /// Decides for this registry and swaps in this slot.
    #[must_use]
    pub fn new(registry: Registry, slot: Arc<ModelSlot>, clock: Arc<dyn Clock>) -> Self {
        Self {
            registry,
            slot,
            clock,
        }
    }

    /// Makes a version champion, whatever the gate thought of it; `pin` says whether automatic
    /// promotion is off from then on.
    ///
    /// # Errors
    /// [`PromotionError`].
    pub async fn promote(
        &self,
        version: i32,
        order: Order,
        pin: bool,
    ) -> Result<Deployment, PromotionError> {
        let seen = self.slot.snapshot();
        let newest = self.registry.find_deployment().await?;
        let found = self.registry.load_version(version).await?;
        let replaces = newest.map(|deployment| deployment.sequence);
        let new = self.row(DeploymentAction::Promote, version, order, pin, replaces);
        self.deploy(seen, found.into(), new).await
    }

    /// Makes the version champion that served before the one that serves, see
    /// [`before_champion`]; `pin` as in [`promote`](Self::promote).
    ///
    /// # Errors
    /// [`PromotionError`].
    pub async fn roll_back(&self, order: Order, pin: bool) -> Result<Deployment, PromotionError> {
        let seen = self.slot.snapshot();
        let past = self.registry.list_past_deployments().await?;
        let newest = past.last().ok_or(PromotionError::NoChampion)?;
        let version = newest.version;
        let version = before_champion(&past).ok_or(PromotionError::NothingBefore { version })?;
        let found = self.registry.load_version(version).await?;
        let replaces = Some(newest.sequence);
        let new = self.row(DeploymentAction::RollBack, version, order, pin, replaces);
        self.deploy(seen, found.into(), new).await
    }

    /// Switches automatic promotion off (`pin`) or on. What is so already stays as it is, with who
    /// and why of then.
    ///
    /// # Errors
    /// [`PromotionError`].
    pub async fn pin(&self, order: Order, pin: bool) -> Result<Deployment, PromotionError> {
        let seen = self.slot.snapshot();
        let newest = self.registry.find_deployment().await?;
        let newest = newest.ok_or(PromotionError::NoChampion)?;
        if newest.pinned == pin {
            return Ok(newest);
        }
        let action = if pin {
            DeploymentAction::Pin
        } else {
            DeploymentAction::Unpin
        };
        let served = seen
            .as_ref()
            .filter(|served| served.deployment() == &newest)
            .map(|served| served.shared_version());
        let found = match served {
            Some(found) => found,
            None => self.registry.load_version(newest.version).await?.into(),
        };
        let replaces = Some(newest.sequence);
        let new = self.row(action, newest.version, order, pin, replaces);
        self.deploy(seen, found, new).await
    }

    fn row(
        &self,
        action: DeploymentAction,
        version: i32,
        order: Order,
        pinned: bool,
        replaces: Option<i32>,
    ) -> NewDeployment {
        NewDeployment {
            version,
            action,
            pinned,
            deployed_at: self.clock.now(),
            deployed_by: order.by,
            reason: order.reason,
            replaces,
        }
    }

    async fn deploy(
        &self,
        seen: Option<Arc<ServedModel>>,
        version: Arc<ModelVersion>,
        new: NewDeployment,
    ) -> Result<Deployment, PromotionError> {
        let deployment = self.registry.deploy(new).await?;
        tracing::info!(
            action = deployment.action,
            version = deployment.version,
            pinned = deployment.pinned,
            by = deployment.deployed_by,
            reason = deployment.reason,
            "deployed"
        );
        let model = ServedModel::new(version, deployment.clone());
        self.slot.swap(seen.as_ref(), Arc::new(model));
        Ok(deployment)
    }
}
