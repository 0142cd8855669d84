//! The slot that holds the model in use: an `Arc` behind a lock that is held for one clone.
//!
//! Turned down: `arc-swap` (a dependency for a lock that is never held long enough to be felt), and
//! a lock held over a prediction (a swap would wait for the slowest batch).

use super::ServedModel;
use std::sync::{Arc, PoisonError, RwLock};

/// What answers now; empty until a champion is loaded.
#[derive(Debug, Default)]
pub struct ModelSlot {
    served: RwLock<Option<Arc<ServedModel>>>,
}

impl ModelSlot {
    /// The model in use at this moment. The caller keeps it for the whole request.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<ServedModel>> {
        self.served
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts another model in use and gives back the one before.
    pub fn swap(&self, next: Arc<ServedModel>) -> Option<Arc<ServedModel>> {
        self.served
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(next)
    }
}
