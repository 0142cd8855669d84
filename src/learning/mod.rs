//! How it learns: labelled rows in, a [`Classifier`] with its [`Evaluation`] out.
//!
//! Shape: a [`Schema`] says which columns there are; a [`TrainingSetBuilder`] judges the rows one
//! by one and keeps the usable ones column by column; [`train`] fits on the rows that are not held
//! out, evaluates on those that are, and fits again on all for what will serve.
//!
//! Concurrency: none. Everything here is plain computation on the caller's thread, takes no lock,
//! and ends early only when the caller's `stop` flag says so. The results are `Send + Sync`.
//!
//! Turned down: doing input, time or async in here (then a fit could not be repeated or tested
//! alone), a struct per row (it is several times the memory), and serving the numbers of
//! linfa-logistic as they come (it turns the classes round and does not tell whether it converged).

mod builder;
mod cell;
mod classes;
mod classifier;
mod coefficients;
mod columns;
mod digest;
mod evaluation;
mod feature;
mod fit;
mod label;
mod logistic;
mod moments;
mod newton;
mod not_trainable;
mod objective;
mod params;
mod prediction;
mod profile;
mod roc;
mod rows;
mod scaler;
mod schema;
mod schema_fault;
mod seen_labels;
mod split;
mod start;
mod trained;
mod training_set;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod laws;

pub use builder::TrainingSetBuilder;
pub use cell::Cell;
pub use classes::{Classes, InvalidClasses};
pub use classifier::Classifier;
pub use coefficients::{CoefficientReport, EquationReport};
pub use digest::RowDigest;
pub use evaluation::{Evaluation, evaluate};
pub use feature::{Feature, Missing, ValueFault};
pub use fit::{Fit, FitError, FitReport, fit};
pub use label::Label;
pub use not_trainable::NotTrainable;
pub use params::{InvalidRecipe, Recipe};
pub use prediction::{Contributions, Prediction};
pub use profile::{ClassCount, FeatureProfile, Profile, profile};
pub use rows::{RefusedRow, RowCounts, RowKey};
pub use scaler::Scaler;
pub use schema::Schema;
pub use schema_fault::SchemaFault;
pub use split::SplitRule;
pub use trained::{Trained, TrainedRows, train};
pub use training_set::{Part, TrainingSet};
