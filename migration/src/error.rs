//! Why the steps cannot be run.

use crate::Release;
use sea_orm_migration::DbErr;

/// A failure to run the steps; nothing is half applied.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// What the database said.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// A newer logitd applied a step that this one cannot work beside.
    #[error(
        "the step {step} of a newer logitd cannot be worked with before release {needed}, and this is \
         {ours}; run {needed} or newer, or restore a backup from before that step"
    )]
    TooOld {
        /// The step's name.
        step: String,
        /// The oldest release that works beside it.
        needed: Release,
        /// The release of this binary.
        ours: Release,
    },
    /// Only who knows a step can take it back.
    #[error("the step {step} was applied by a newer logitd; only that one can take it back")]
    Newer {
        /// The step's name.
        step: String,
    },
}
