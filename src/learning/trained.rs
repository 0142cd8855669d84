//! One training from end to end: fit, evaluate, fit again on everything, profile.
//!
//! Shape: the gate's fit never sees the held-out rows and is the one that is evaluated; what serves
//! may be fitted on all rows. Concurrency: single-threaded and long, as [`fit`]. Turned down:
//! evaluating what serves after fitting it on the held-out rows too (it would praise itself).

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::evaluation::{Evaluation, evaluate};
use super::fit::{Fit, FitError, fit};
use super::params::Recipe;
use super::profile::{Profile, profile};
use super::schema::Schema;
use super::training_set::TrainingSet;

/// What one training gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// Fitted on the training part, for comparisons; `None` when nothing is held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Fit>,
    /// What serves: fitted on all rows, or the gate's fit.
    pub served: Fit,
    /// The gate's fit on the held-out rows; `None` when nothing is held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
    /// Of the rows that the served fit saw.
    pub profile: Profile,
    /// How many rows went where.
    pub rows: TrainedRows,
}

/// How many rows went where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainedRows {
    /// Rows of the served fit.
    pub fitted: u64,
    /// Rows of the gate's fit; 0 when nothing is held out.
    pub gate_training: u64,
    /// Rows held out.
    pub held_out: u64,
    /// Rows at fault.
    pub refused: u64,
    /// Rows without a label.
    pub unlabelled: u64,
}

/// Trains on a set: `refit` asks for what serves to be fitted on all rows.
///
/// # Errors
/// As [`fit`].
pub fn train(
    schema: &Schema,
    set: &TrainingSet,
    recipe: &Recipe,
    refit: bool,
    stop: &AtomicBool,
) -> Result<Trained, FitError> {
    let (training, held_out) = (set.training(), set.held_out());
    let first = fit(training, set.classes(), recipe, stop)?;
    let evaluation = evaluate(&first.classifier, held_out, training);
    let (gate, served, seen) = if held_out.rows() == 0 {
        (None, first, training)
    } else if refit {
        (
            Some(first),
            fit(set.all(), set.classes(), recipe, stop)?,
            set.all(),
        )
    } else {
        (Some(first.clone()), first, training)
    };
    let counts = set.counts();
    let rows = TrainedRows {
        fitted: seen.rows() as u64,
        gate_training: gate.as_ref().map_or(0, |fit| fit.report.rows),
        held_out: held_out.rows() as u64,
        refused: counts.refused,
        unlabelled: counts.unlabelled,
    };
    Ok(Trained {
        gate,
        served,
        evaluation,
        profile: profile(schema, seen, set.classes()),
        rows,
    })
}
