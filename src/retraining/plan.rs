//! How a model is trained, as the configuration says it.
//!
//! Shape: plain settings, put together where the application is and never changed. Concurrency: none
//! needed. Turned down: handing the configuration itself down here, which knows of files and secrets.

use crate::learning::{Schema, Search, SplitRule};
use crate::store::DatasetTable;
use std::sync::Arc;

/// Everything that says how a model is trained.
#[derive(Debug, Clone)]
pub struct TrainingPlan {
    /// The model's name.
    pub model: String,
    /// Which database the rows are in, as a hash.
    pub database: String,
    /// Where the rows are.
    pub table: DatasetTable,
    /// What is learned from and for.
    pub schema: Arc<Schema>,
    /// How rows are held out, and how many there must be.
    pub split: SplitRule,
    /// Of more usable rows so many are sampled; 0: all are used.
    pub maximum_rows: usize,
    /// Mean log loss that a challenger may lose against the champion.
    pub tolerance: f64,
    /// The penalties to choose from, and over how many folds.
    pub search: Search,
    /// The seed of whatever is drawn.
    pub seed: u64,
    /// Threads of a fit, at least one.
    pub threads: usize,
    /// Whether the served fit sees all rows.
    pub refit: bool,
    /// Whether a start trains although there is a champion.
    pub train_at_every_start: bool,
    /// Version and revision of this binary.
    pub code_version: String,
}
