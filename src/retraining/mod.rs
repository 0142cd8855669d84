//! How the model is replaced.
//!
//! Shape: [`queue`] asks for runs, for whoever wants one, at the ticks of a [`schedule`] (a
//! [`timetable`] says which are due) and for [`new_rows`]; [`retrainer`] takes one through reading, splitting, fitting (on
//! [`fitting_thread`], never on the runtime), [`judgement`] by the [`gate`] and publication, and tells its
//! [`progress`]. [`reproduction`] makes one again and compares.
//!
//! Concurrency: a `training_run` row is the only way to train; a worker claims it by a conditional
//! update and beats its heart while it works; one that lost its claim publishes nothing.

mod alarm;
mod fitting_thread;
pub mod gate;
mod heart;
pub mod incomparable;
mod judgement;
pub mod new_rows;
pub mod plan;
pub mod progress;
pub mod queue;
pub mod reproduction;
pub mod retrainer;
mod run_fault;
mod run_trace;
pub mod schedule;
pub mod settings;
pub mod timetable;

pub use crate::store::{
    CoveredTrigger, Enqueued, IncomingOrder, NewObservation, Observation, ObservationFault,
    ObservationKey, ObservationPart, ObservationTable, RunStatus, StoreError, Ticked, TrainingRun,
    Trigger,
};
pub use alarm::Alarm;
pub use new_rows::NewRows;
pub use plan::TrainingPlan;
pub use progress::{ProgressSink, RunProgress, RunStep};
pub use queue::{Cancelled, QueueLimits, TrainingQueue};
pub use reproduction::{ReproducedData, ReproducedFits, Reproduction, ReproductionError};
pub use retrainer::{Retrainer, WhenStopped};
pub use run_trace::TracedRun;
pub use schedule::Ticker;
pub use settings::RunSettings;
pub use timetable::Timetable;
