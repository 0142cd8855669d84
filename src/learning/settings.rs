//! What a whole training is asked for, and what it tells while it runs.
//!
//! Shape: a plain record; what can be wrong with it is checked in the values it is made of.
//! Concurrency: shared by the threads of a training, which may call `progress` from any of them.
//! Turned down: a channel (a training knows nobody), and shares over all steps (nobody knows how
//! long the next one takes).

use std::fmt;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::params::Search;

/// What to do with a training set. What is held out stands in the set.
#[derive(Clone)]
pub struct TrainSettings<'a> {
    /// The penalties to choose from.
    pub search: Search,
    /// Draws the rows that a start is computed on when there are very many.
    pub seed: u64,
    /// Whether what serves is fitted on all rows.
    pub refit: bool,
    /// Threads to use, at least one; they change no bit of the result.
    pub threads: usize,
    /// Ends the training early when it is set.
    pub stop: &'a AtomicBool,
    /// Called when a step begins, and while the search goes on.
    pub progress: Option<&'a (dyn Fn(Step) + Sync)>,
}

impl fmt::Debug for TrainSettings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrainSettings")
            .field("search", &self.search)
            .field("seed", &self.seed)
            .field("refit", &self.refit)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

/// Where a training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// What is being done.
    pub name: StepName,
    /// How much of it is done, from 0 to 1.
    pub share: f64,
}

/// The steps of a training, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum StepName {
    /// Choosing the penalty.
    Search,
    /// Fitting on the training part.
    Fit,
    /// Evaluating on the held-out rows.
    Evaluate,
    /// Fitting on all rows.
    Refit,
    /// Looking at the rows that were fitted on.
    Profile,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Search => "search",
            Self::Fit => "fit",
            Self::Evaluate => "evaluate",
            Self::Refit => "refit",
            Self::Profile => "profile",
        })
    }
}

impl Step {
    pub(super) fn begins(name: StepName) -> Self {
        Self { name, share: 0.0 }
    }
}

impl TrainSettings<'_> {
    pub(super) fn tell(&self, step: Step) {
        if let Some(progress) = self.progress {
            progress(step);
        }
    }
}
