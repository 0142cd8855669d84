//! Versions and deployments, as the rest of the house asks for them.

use super::ServedModel;
use crate::store::{
    Database, Deployment, ListedVersion, ModelVersion, NewDeployment, PastDeployment, Replica,
    SeenReplica, StoreError,
};
use std::sync::Arc;

/// Replicas that are told.
const MOST_REPLICAS: u64 = 100;

/// The versions and deployments of one model and schema.
#[derive(Debug, Clone)]
pub struct Registry {
    database: Database,
    model: String,
    schema_fingerprint: String,
}

/// Why the registry could not answer.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The database cannot serve now.
    #[error("ask the registry: the database is unavailable")]
    Unavailable(#[source] StoreError),
    /// A deployment names a version that is not there.
    #[error("load version {version}: it is not stored")]
    MissingVersion {
        /// The version that was named.
        version: i32,
    },
    /// The version was trained for another schema: its answers would be about other features.
    #[error("load version {version}: it was trained for another schema")]
    OtherSchema {
        /// The version that was named.
        version: i32,
    },
    /// The version is stored in a form that this process cannot read.
    #[error("load version {version}")]
    Unreadable {
        /// The version that was named.
        version: i32,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// Somebody else deployed first; nothing was written.
    #[error("deploy: somebody else was first")]
    Conflict(#[source] StoreError),
    /// Anything else.
    #[error("ask the registry")]
    Store(#[source] StoreError),
}

impl From<StoreError> for RegistryError {
    fn from(error: StoreError) -> Self {
        match error {
            error if error.is_unavailable() => Self::Unavailable(error),
            StoreError::Conflict(_) => Self::Conflict(error),
            error => Self::Store(error),
        }
    }
}

impl RegistryError {
    /// Whether one version is the matter, and not the database behind it.
    #[must_use]
    pub fn is_about_a_version(&self) -> bool {
        matches!(
            self,
            Self::MissingVersion { .. } | Self::OtherSchema { .. } | Self::Unreadable { .. }
        )
    }
}

impl Registry {
    /// The registry of one model and schema.
    #[must_use]
    pub fn new(database: Database, model: String, schema_fingerprint: String) -> Self {
        Self {
            database,
            model,
            schema_fingerprint,
        }
    }

    /// The model's name.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The schema's fingerprint.
    pub(super) fn schema_fingerprint(&self) -> &str {
        &self.schema_fingerprint
    }

    /// The processes that answer for this model, by name, the first hundred.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn list_replicas(&self) -> Result<Vec<SeenReplica>, RegistryError> {
        let listed = self.database.list_replicas(&self.model, MOST_REPLICAS);
        Ok(listed.await?)
    }

    pub(super) async fn tell_replica(&self, replica: &Replica) -> Result<(), RegistryError> {
        Ok(self.database.tell_replica(&self.model, replica).await?)
    }

    pub(super) async fn forget_replica(&self, instance: &str) -> Result<(), RegistryError> {
        Ok(self.database.forget_replica(&self.model, instance).await?)
    }

    /// What should serve: the newest deployment.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn find_deployment(&self) -> Result<Option<Deployment>, RegistryError> {
        Ok(self
            .database
            .find_deployment(&self.model, &self.schema_fingerprint)
            .await?)
    }

    /// The version with this number, whatever its schema.
    ///
    /// # Errors
    /// [`RegistryError::Unreadable`] and what the database says.
    pub async fn find_version(&self, version: i32) -> Result<Option<ModelVersion>, RegistryError> {
        let found = self.database.find_model_version(&self.model, version).await;
        found.map_err(|source| match source {
            StoreError::Undecodable { .. } => RegistryError::Unreadable { version, source },
            other => other.into(),
        })
    }

    /// The versions with these numbers, in no order; one that cannot be read is left out.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn find_versions(
        &self,
        versions: &[i32],
    ) -> Result<Vec<ModelVersion>, RegistryError> {
        if versions.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self
            .database
            .find_model_versions(&self.model, versions)
            .await?)
    }

    /// At most `limit` versions with a number below `before`, newest first, those that cannot be read
    /// too.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn list_versions(
        &self,
        before: Option<i32>,
        limit: u64,
    ) -> Result<Vec<ListedVersion>, RegistryError> {
        Ok(self
            .database
            .list_model_versions(&self.model, before, limit)
            .await?)
    }

    /// The version with this number, if this service can answer by it: it is there, it can be read
    /// and it was trained for this schema.
    ///
    /// # Errors
    /// [`RegistryError::MissingVersion`], [`RegistryError::Unreadable`],
    /// [`RegistryError::OtherSchema`] and what the database says.
    pub async fn load_version(&self, version: i32) -> Result<ModelVersion, RegistryError> {
        let found = self.find_version(version).await?;
        let found = found.ok_or(RegistryError::MissingVersion { version })?;
        if found.content.schema.fingerprint() != self.schema_fingerprint {
            return Err(RegistryError::OtherSchema { version });
        }
        Ok(found)
    }

    /// The version that a deployment names, ready to answer.
    ///
    /// # Errors
    /// As [`load_version`](Self::load_version).
    pub async fn load(&self, deployment: Deployment) -> Result<ServedModel, RegistryError> {
        let found = self.load_version(deployment.version).await?;
        Ok(ServedModel::new(Arc::new(found), deployment))
    }

    /// At most `limit` deployments with a number below `before`, newest first.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn list_deployments(
        &self,
        before: Option<i32>,
        limit: u64,
    ) -> Result<Vec<Deployment>, RegistryError> {
        Ok(self
            .database
            .list_deployments(&self.model, &self.schema_fingerprint, before, limit)
            .await?)
    }

    /// At most `limit` deployments of a version, whatever its schema, newest first.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn list_deployments_of(
        &self,
        version: &ModelVersion,
        limit: u64,
    ) -> Result<Vec<Deployment>, RegistryError> {
        let schema = version.content.schema.fingerprint();
        Ok(self
            .database
            .list_deployments_of(&self.model, &schema, version.version, limit)
            .await?)
    }

    /// The deployment in whose place this one of a version came.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn find_deployment_before(
        &self,
        version: &ModelVersion,
        deployment: &Deployment,
    ) -> Result<Option<Deployment>, RegistryError> {
        let schema = version.content.schema.fingerprint();
        Ok(self
            .database
            .find_deployment_before(&self.model, &schema, deployment.sequence)
            .await?)
    }

    /// Every deployment, oldest first, with what a roll back needs of it.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn list_past_deployments(&self) -> Result<Vec<PastDeployment>, RegistryError> {
        Ok(self
            .database
            .list_past_deployments(&self.model, &self.schema_fingerprint)
            .await?)
    }

    /// Appends a deployment: from now on its version should serve.
    ///
    /// # Errors
    /// [`RegistryError::Conflict`] and what the database says.
    pub async fn deploy(&self, new: NewDeployment) -> Result<Deployment, RegistryError> {
        Ok(self
            .database
            .deploy(&self.model, &self.schema_fingerprint, new)
            .await?)
    }
}
