//! Versions and deployments, as the rest of the house asks for them.

use super::ServedModel;
use crate::store::{Database, Deployment, ModelVersion, StoreError};

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
    /// Anything else.
    #[error("ask the registry")]
    Store(#[source] StoreError),
}

impl From<StoreError> for RegistryError {
    fn from(error: StoreError) -> Self {
        if error.is_unavailable() {
            Self::Unavailable(error)
        } else {
            Self::Store(error)
        }
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
    /// [`RegistryError`].
    pub async fn find_version(&self, version: i32) -> Result<Option<ModelVersion>, RegistryError> {
        Ok(self
            .database
            .find_model_version(&self.model, version)
            .await?)
    }

    /// At most `limit` versions with a number below `before`, newest first.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn list_versions(
        &self,
        before: Option<i32>,
        limit: u64,
    ) -> Result<Vec<ModelVersion>, RegistryError> {
        Ok(self
            .database
            .list_model_versions(&self.model, before, limit)
            .await?)
    }

    /// The version that a deployment names, ready to answer.
    ///
    /// # Errors
    /// [`RegistryError::MissingVersion`] and what the database says.
    pub async fn load(&self, deployment: Deployment) -> Result<ServedModel, RegistryError> {
        let version = deployment.version;
        match self.find_version(version).await? {
            Some(found) => Ok(ServedModel::new(found, deployment)),
            None => Err(RegistryError::MissingVersion { version }),
        }
    }
}
