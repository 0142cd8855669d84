//! Where things are kept: the only place that says `sea_orm`.
//!
//! Shape: [`Database`] opens the pools; a file a table of ours ([`model_versions`],
//! [`deployments`], [`training_runs`] with [`run_requests`], [`run_queue`] and [`run_history`],
//! [`triggers`], [`replicas`]) with the transaction that joins them in [`publication`];
//! [`catalog`] tells what the user's table looks like, [`observations`] streams its rows into a
//! training set (those of a SQLite file past sea-orm, by [`sqlite_file`]), [`inspection`] tells what one holds, [`labelled_rows`] makes one and writes batches
//! into it. Entities stay inside; what leaves are plain structs. Every identifier and every value goes through the query builder.
//!
//! Concurrency: rows are claimed and published by conditional updates inside transactions, so any
//! number of processes may share one database; nothing here holds a lock of the process.
//!
//! Turned down: SQL text (identifiers come from the configuration), a struct per row of the user's
//! table (its columns are known at run time only), and sea-orm's entities as domain types.

mod bounded;
pub mod catalog;
mod cells;
mod database;
mod database_clock;
pub mod deployments;
mod entity;
mod enumerations;
mod error;
mod inspected_column;
pub mod inspection;
mod labelled_columns;
pub mod labelled_rows;
pub mod model_versions;
mod observation;
mod observation_key;
pub mod observation_table;
pub mod observations;
mod open_pools;
mod order_column;
mod pool_checks;
mod pools;
mod primary_key;
pub mod publication;
pub mod replicas;
pub mod required_columns;
mod run_history;
pub mod run_queue;
pub mod run_requests;
mod sqlite_file;
mod time_text;
pub mod training_runs;
pub mod triggers;
mod unique_key;
mod untrusted;
mod watched_calls;

pub use bounded::within;
pub use database::{Database, DatabaseOptions};
pub use deployments::{Deployment, DeploymentAction, NewDeployment, PastDeployment};
pub use error::StoreError;
pub use inspected_column::InspectedColumn;
pub use inspection::{Inspection, LabelCounts};
pub use labelled_columns::canonical_integer;
pub use migration::StepStatus;
pub use model_versions::{ListedVersion, ModelVersion, NewModelVersion, Split};
pub use observation::{NewObservation, Observation, ObservationFault, ObservationPart};
pub use observation_key::ObservationKey;
pub use observation_table::ObservationTable;
pub use observations::{DatasetTable, ReadRows};
pub use order_column::{IncomingOrder, OrderKind};
pub use publication::Promotion;
pub use replicas::{Replica, SeenReplica};
pub use run_requests::{Enqueued, NewRun};
pub use training_runs::{MadeOf, RunEnd, RunFault, RunStatus, TrainingRun, Trigger};
pub use triggers::{CoveredTrigger, Ticked};
