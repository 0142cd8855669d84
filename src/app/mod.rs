//! The composition root: everything is put together here and nowhere else.
//!
//! Shape: [`build`](App::build) makes an [`App`] from a configuration without asking the database;
//! [`run_until_stopped`](App::run_until_stopped) serves, follows the champion and trains until it
//! is told to stop. [`Workshop`] is the part that the foreground commands need too: the database,
//! the queue and the retrainer.
//!
//! Concurrency: the server and the jobs (following, asking for runs, working them off, the schedule,
//! telling the other replicas of this one) run beside each other; they meet in the model slot, the
//! health checks and the database.

mod backoff;
mod build;
mod certificate;
mod cores;
mod guarded;
mod jobs;
mod keys;
mod observations;
mod open_files;
mod presence_job;
mod replica_name;
mod run;
mod schedule_job;
mod training_job;
mod trouble;
mod watched;
mod workshop;

pub use build::{App, AppError, document};
pub use cores::{Cores, training_threads, usable_cores};
pub use open_files::allow_many_open_files;
pub use workshop::{Workshop, database_options, dataset_table};
