//! A published version ready to answer: its classifier, its number and what it was trained on.

use crate::learning::{Classifier, FeatureProfile};
use crate::store::{Deployment, ModelVersion};
use std::sync::Arc;

/// A classifier with the version it is and the ranges it was trained in.
#[derive(Debug, Clone)]
pub struct ServedModel {
    version: Arc<ModelVersion>,
    deployment: Deployment,
}

impl ServedModel {
    /// Joins a version to the deployment that made it champion.
    #[must_use]
    pub fn new(version: Arc<ModelVersion>, deployment: Deployment) -> Self {
        Self {
            version,
            deployment,
        }
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.version.content.model
    }

    /// The version's number.
    #[must_use]
    pub fn number(&self) -> i32 {
        self.version.version
    }

    /// The deployment by which it serves.
    #[must_use]
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The whole version.
    #[must_use]
    pub fn version(&self) -> &ModelVersion {
        &self.version
    }

    /// The whole version, to be served by another deployment too.
    #[must_use]
    pub fn shared_version(&self) -> Arc<ModelVersion> {
        Arc::clone(&self.version)
    }

    /// The fit that answers.
    #[must_use]
    pub fn classifier(&self) -> &Classifier {
        &self.version.content.trained.served.classifier
    }

    /// What the training data looked like, a feature in the schema's order.
    #[must_use]
    pub fn feature_profiles(&self) -> &[FeatureProfile] {
        &self.version.content.trained.profile.features
    }
}
