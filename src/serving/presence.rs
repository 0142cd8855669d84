//! This process as the other replicas see it.
//!
//! Concurrency: one row a process, written by this process alone.

use super::{Registry, RegistryError};
use crate::store::Replica;
use std::sync::Arc;

/// What tells this process from the others, and where it is told.
#[derive(Debug, Clone)]
pub struct Presence {
    registry: Registry,
    instance: Arc<str>,
    code_version: &'static str,
}

impl Presence {
    /// Of the process with this name, which is one alone.
    #[must_use]
    pub fn new(registry: Registry, instance: &str, code_version: &'static str) -> Self {
        Self {
            registry,
            instance: instance.into(),
            code_version,
        }
    }

    /// Tells the others that this process is there and serves this version.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn tell(&self, version: Option<i32>) -> Result<(), RegistryError> {
        let replica = Replica {
            instance: self.instance.to_string(),
            schema_fingerprint: self.registry.schema_fingerprint().to_owned(),
            version,
            code_version: self.code_version.to_owned(),
        };
        self.registry.tell_replica(&replica).await
    }

    /// Tells the others that this process is going.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn leave(&self) -> Result<(), RegistryError> {
        self.registry.forget_replica(&self.instance).await
    }
}
