//! Keeps the slot at the champion, whichever process promoted it.
//!
//! One look is one question to the database; only a new deployment loads anything. A look that
//! fails leaves the old model serving, is told once, and is tried again at the next.

use super::{ModelSlot, Registry, RegistryError, ServedModel};
use std::sync::Arc;

/// What one look found.
#[derive(Debug)]
pub enum Look {
    /// Nothing has been deployed for this model and schema.
    NoChampion,
    /// The slot holds what it should.
    Unchanged,
    /// The slot now holds this.
    Swapped(Arc<ServedModel>),
}

/// Follows the newest deployment.
#[derive(Debug, Clone)]
pub struct Follower {
    registry: Registry,
    slot: Arc<ModelSlot>,
}

impl Follower {
    /// Follows this registry into this slot.
    #[must_use]
    pub fn new(registry: Registry, slot: Arc<ModelSlot>) -> Self {
        Self { registry, slot }
    }

    /// Asks once what should serve and swaps it in if it is not what serves.
    ///
    /// # Errors
    /// [`RegistryError`]; the slot is as it was.
    pub async fn look(&self) -> Result<Look, RegistryError> {
        let Some(deployment) = self.registry.find_deployment().await? else {
            return Ok(Look::NoChampion);
        };
        let serving = self.slot.snapshot();
        if serving.is_some_and(|model| model.deployment().sequence == deployment.sequence) {
            return Ok(Look::Unchanged);
        }
        let model = Arc::new(self.registry.load(deployment).await?);
        self.slot.swap(Arc::clone(&model));
        Ok(Look::Swapped(model))
    }
}
