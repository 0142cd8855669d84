//! How it learns: labelled rows in, a [`Classifier`] with its [`Evaluation`] out.
//!
//! Shape: a [`Schema`] says which columns there are; a [`TrainingSetBuilder`] judges the rows one
//! by one and keeps the usable ones column by column; [`train`] fits on the rows that are not held
//! out, evaluates on those that are, and fits again on all for what will serve.
//!
//! Concurrency: plain computation on the caller's thread and on scoped threads that end before a
//! function returns, as many as the caller allows; their number changes no bit of a result. No
//! locks. It ends early only when the caller's `stop` flag says so. The results are `Send + Sync`.
//!
//! Turned down: doing input, time or async in here (then a fit could not be repeated or tested
//! alone), a struct per row (it is several times the memory), and serving the numbers of
//! linfa-logistic as they come (it turns the classes round and does not tell whether it converged).

mod block_terms;
mod blocks;
mod builder;
mod cell;
mod cholesky;
mod class_scores;
mod classes;
mod classifier;
mod coding;
mod coefficients;
mod columns;
mod compare;
mod curves;
mod dependence;
mod descent;
mod digest;
mod distribution;
mod division;
mod estimate;
mod evaluation;
mod feature;
mod fit;
mod fit_checks;
mod folds;
mod inference;
mod inverse;
mod label;
mod lanes;
mod logistic;
mod misfit;
mod moments;
mod moved_rows;
mod newton;
mod newton_cg;
mod normal;
mod not_trainable;
mod objective;
mod order;
mod params;
mod prediction;
mod profile;
mod ranks;
mod roc;
mod row_order;
mod row_sample;
mod rows;
mod scaler;
mod schema;
mod schema_fault;
mod seen_labels;
mod selection;
mod separation;
mod settings;
mod softmax;
mod solver;
mod split;
mod splitmix;
mod standardized;
mod start;
mod subset;
mod symmetric;
mod trained;
mod training_set;
mod warning;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hard_tables;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod references;
#[cfg(test)]
mod stored;

pub use builder::TrainingSetBuilder;
pub use cell::Cell;
pub use classes::{Classes, InvalidClasses};
pub use classifier::Classifier;
pub use coefficients::{CoefficientReport, EquationReport};
pub use compare::{Comparison, LEAST_COMPARED_ROWS, NotComparable, compare};
pub use curves::{CalibrationBin, ClassCurves, PrecisionRecallPoint, RocPoint, curves};
pub use digest::RowDigest;
pub use distribution::{Histogram, Quantile};
pub use division::Division;
pub use estimate::Estimate;
pub use evaluation::{Evaluation, evaluate};
pub use feature::{Feature, Missing, ValueFault};
pub use fit::{Fit, FitError, FitReport, fit};
pub use inference::{Contrast, ContrastTerm, Inference, TermInference};
pub use label::Label;
pub use misfit::Misfit;
pub use not_trainable::NotTrainable;
pub use order::OrderValue;
pub use params::{InvalidRecipe, Recipe, Search};
pub use prediction::{Contributions, Prediction};
pub use profile::{ClassCount, FeatureProfile, Profile, profile};
pub use rows::{RefusedRow, RowCounts, RowKey};
pub use scaler::Scaler;
pub use schema::Schema;
pub use schema_fault::SchemaFault;
pub use selection::{SearchEntry, SearchTable};
pub use settings::{Step, StepName, TrainSettings};
pub use split::SplitRule;
pub use trained::{Trained, TrainedRows, train};
pub use training_set::{Part, TrainingSet};
pub use warning::Warning;
