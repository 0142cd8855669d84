//! How the model is replaced.
//!
//! Shape: [`queue`] asks for runs, [`retrainer`] takes one through reading, splitting, fitting (on
//! [`fitting_thread`], never on the runtime), evaluation, the [`gate`] and publication, and tells its
//! [`progress`].
//!
//! Concurrency: a `training_run` row is the only way to train; a worker claims it by a conditional
//! update and beats its heart while it works; one that lost its claim publishes nothing.

mod fitting_thread;
pub mod gate;
mod heart;
pub mod progress;
pub mod queue;
pub mod retrainer;

pub use crate::store::{Enqueued, RunStatus, StoreError, TrainingRun, Trigger};
pub use progress::{ProgressSink, RunProgress, RunStep};
pub use queue::TrainingQueue;
pub use retrainer::{Retrainer, TrainingPlan, WhenStopped};
