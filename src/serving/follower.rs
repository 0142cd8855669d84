//! Keeps the slot at the champion, whichever process promoted it.
//!
//! One look is one question to the database; only a new deployment loads anything. A look that
//! fails leaves the old model serving and is tried again at the next; a champion that cannot be
//! loaded is counted besides.

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
        let seen = self.slot.snapshot();
        let champion = self.registry.find_deployment().await?;
        self.slot.expect(seen.as_ref(), champion.clone());
        let Some(deployment) = champion else {
            return Ok(Look::NoChampion);
        };
        if let Some(served) = &seen
            && served.deployment() == &deployment
        {
            return Ok(Look::Unchanged);
        }
        let loaded = self.registry.load(deployment).await;
        let model = Arc::new(loaded.inspect_err(|error| self.count(error))?);
        if self.slot.swap(seen.as_ref(), Arc::clone(&model)) {
            return Ok(Look::Swapped(model));
        }
        Ok(Look::Unchanged)
    }

    fn count(&self, error: &RegistryError) {
        if error.is_about_a_version() {
            self.slot.count_failed_load();
        }
    }
}
