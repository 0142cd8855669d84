//! One training from end to end: search, fit, evaluate, fit again on everything, profile.
//!
//! Shape: the penalty is chosen and the gate's fit made without the held-out rows, and that fit is
//! the one that is evaluated; what serves may be fitted on all rows. Concurrency: on the settings'
//! threads, and long, as [`fit`]. Turned down: evaluating what serves after fitting it on the
//! held-out rows too (it would praise itself).

use serde::{Deserialize, Serialize};

use super::curves::{ClassCurves, curves};
use super::evaluation::{Evaluation, evaluate};
use super::fit::{Fit, FitError, fit};
use super::folds::fold_of_rows;
use super::params::Recipe;
use super::profile::{Profile, profile_on};
use super::schema::Schema;
use super::selection::{Folded, SearchTable, choose};
use super::settings::{Step, StepName, TrainSettings};
use super::training_set::TrainingSet;
use super::warning::{Warning, listed};

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
    /// The gate's curves on the held-out rows: of the positive class, or one a class; empty when
    /// nothing is held out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<ClassCurves>,
    /// How the penalty was chosen; `None` when there was one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchTable>,
    /// About the training as a whole: `class_missing_from_held_out`, `not_better_than_base_rate`.
    /// Those about a fit are in its report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
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

impl Trained {
    /// What to look at in the version that serves: its fit's warnings, then the training's.
    pub fn all_warnings(&self) -> Vec<Warning> {
        self.served
            .report
            .warnings
            .iter()
            .chain(&self.warnings)
            .cloned()
            .collect()
    }
}

/// Trains on a set.
///
/// # Errors
/// As [`fit`]; also when no penalty of a search can be fitted.
pub fn train(
    schema: &Schema,
    set: &TrainingSet,
    settings: &TrainSettings<'_>,
) -> Result<Trained, FitError> {
    let (training, held_out, classes) = (set.training(), set.held_out(), set.classes());
    let search = search(set, settings)?;
    let recipe = recipe(settings, search.as_ref());
    settings.tell(Step::begins(StepName::Fit));
    let first = fit(schema, training, classes, &recipe, settings.stop)?;
    settings.tell(Step::begins(StepName::Evaluate));
    let evaluation = evaluate(&first.classifier, held_out, training, settings.seed);
    let curves = curves(&first.classifier, held_out);
    let refit = settings.refit && held_out.rows() > 0;
    let seen = if refit { set.all() } else { training };
    let (gate, served) = match refit {
        true => {
            settings.tell(Step::begins(StepName::Refit));
            let served = fit(schema, seen, classes, &recipe, settings.stop)?;
            (Some(first), served)
        }
        false => ((held_out.rows() > 0).then(|| first.clone()), first),
    };
    settings.tell(Step::begins(StepName::Profile));
    let profile = profile_on(schema, seen, classes, recipe.threads, settings.stop);
    let profile = profile.ok_or(FitError::Stopped)?;
    Ok(Trained {
        rows: TrainedRows::of(set, seen.rows(), gate.as_ref()),
        warnings: warnings(set, evaluation.as_ref()),
        profile,
        gate,
        served,
        evaluation,
        curves,
        search,
    })
}

impl TrainedRows {
    fn of(set: &TrainingSet, fitted: usize, gate: Option<&Fit>) -> Self {
        let counts = set.counts();
        Self {
            fitted: fitted as u64,
            gate_training: gate.map_or(0, |fit| fit.report.rows),
            held_out: set.held_out().rows() as u64,
            refused: counts.refused,
            unlabelled: counts.unlabelled,
        }
    }
}

/// With the penalty that was chosen, or the only one.
fn recipe(settings: &TrainSettings<'_>, search: Option<&SearchTable>) -> Recipe {
    let single = settings.search.penalties().first().copied();
    Recipe {
        penalty: search.map_or(single.unwrap_or_default(), |table| table.chosen),
        seed: settings.seed,
        threads: settings.threads.max(1),
    }
}

/// The table of the search, if there is something to choose from.
fn search(
    set: &TrainingSet,
    settings: &TrainSettings<'_>,
) -> Result<Option<SearchTable>, FitError> {
    if settings.search.penalties().len() < 2 {
        return Ok(None);
    }
    let (part, classes) = (set.training(), set.classes());
    let folds = settings.search.folds();
    let fold_of = fold_of_rows(set.training_digests(), part.labels, classes.len(), folds);
    let progress = |share| {
        settings.tell(Step {
            name: StepName::Search,
            share,
        })
    };
    progress(0.0);
    let folded = Folded {
        part,
        classes,
        fold_of: &fold_of,
        threads: settings.threads.max(1),
        progress: &progress,
        stop: settings.stop,
    };
    choose(&settings.search, &folded).map(Some)
}

fn warnings(set: &TrainingSet, evaluation: Option<&Evaluation>) -> Vec<Warning> {
    let Some(evaluation) = evaluation else {
        return Vec::new();
    };
    let mut warnings = Vec::new();
    let held_out = set.held_out().rows_per_class(set.classes().len());
    let missing = set
        .classes()
        .names()
        .iter()
        .zip(held_out)
        .filter(|(_, rows)| *rows == 0);
    let missing: Vec<String> = missing.map(|(name, _)| name.clone()).collect();
    if !missing.is_empty() {
        let words = format!(
            "no row of the classes {} is held out: what needs one is left out of the evaluation",
            listed(&missing)
        );
        warnings.push(Warning::new("class_missing_from_held_out", words));
    }
    if evaluation
        .base_rate_log_loss
        .is_some_and(|base_rate| evaluation.log_loss >= base_rate)
    {
        let words = "on the held-out rows the log loss is no smaller than that of the classes' shares alone: the features say nothing that can be relied on";
        warnings.push(Warning::new("not_better_than_base_rate", words));
    }
    warnings
}

#[cfg(test)]
mod tests;
