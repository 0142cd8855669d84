//! One fit: checks, start, Newton, certificate, inference.
//!
//! Shape: a function from rows and a recipe to a [`Classifier`] and a report on how it came about.
//! Here `x` and `y` would mean what the textbooks mean by them. Concurrency: on the recipe's
//! threads, and long; run it off any async runtime and set `stop` to end it early. Turned down: an
//! error when a fit does not converge; the report says it and the caller decides.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::classes::Classes;
use super::classifier::{Classifier, Equation};
use super::coding::Coding;
use super::coefficients::EquationReport;
use super::descent::{Solution, Unsolved};
use super::fit_checks::Findings;
use super::inference::{Inference, infer};
use super::moments::Range;
use super::not_trainable::NotTrainable;
use super::objective::Objective;
use super::params::Recipe;
use super::scaler::Scaler;
use super::schema::Schema;
use super::separation::columns_of;
use super::solver::{MOST_UNPENALISED, Solved, solve};
use super::subset::Subset;
use super::training_set::Part;
use super::warning::Warning;

/// Why there is no fit.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum FitError {
    /// Nothing can be learned from the rows.
    #[error(transparent)]
    NotTrainable(#[from] NotTrainable),
    /// The caller's flag was set.
    #[error("stopped before the end")]
    Stopped,
}

/// A classifier, and how it came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// What predicts.
    pub classifier: Classifier,
    /// What was done.
    pub report: FitReport,
    /// How sure the coefficients are; only without a penalty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inference: Option<Inference>,
}

/// How a fit went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FitReport {
    /// Rows fitted on.
    pub rows: u64,
    /// The recipe's penalty.
    pub penalty: f64,
    /// The recipe's seed.
    pub seed: u64,
    /// Whether the solution is certified.
    pub converged: bool,
    /// Newton steps.
    pub iterations: u32,
    /// Euclidean norm of the objective's gradient at the solution, a sum over the rows.
    pub gradient_norm: f64,
    /// Sum of log losses plus penalty at the solution.
    pub objective: f64,
    /// Log-likelihood of the rows, without the penalty.
    pub log_likelihood: f64,
    /// Log-likelihood of the rows by the shares of the classes alone.
    pub null_log_likelihood: f64,
    /// What was done, in words.
    pub steps: Vec<String>,
    /// What to look at: `not_converged`, `constant_feature`, `duplicated_columns`,
    /// `dependent_columns`, `separated`, `imbalanced_classes`, `range_ruled_by_one_row`,
    /// `penalised_no_inference`.
    pub warnings: Vec<Warning>,
}

/// Fits on a part whose columns are the schema's features: the sum of log losses plus half the
/// penalty times the squared standardised coefficients is minimal (`docs/learning.md`).
///
/// # Errors
/// [`FitError::NotTrainable`] when the rows have no such minimum, [`FitError::Stopped`] when `stop`
/// was set.
pub fn fit(
    schema: &Schema,
    part: Part<'_>,
    classes: &Classes,
    recipe: &Recipe,
    stop: &AtomicBool,
) -> Result<Fit, FitError> {
    let per_class = rows_per_class(part, classes)?;
    let (scaler, ranges) = fit_scaler(Subset::all(part), recipe.threads, stop)?;
    let coding = Coding::of(classes);
    let objective = Objective::new(
        Subset::all(part),
        &scaler,
        coding,
        recipe.penalty,
        recipe.threads,
    )
    .knowing(|feature| ranges[feature].is_plain());
    refuse_too_wide(&objective)?;
    let scaled = (&scaler, ranges.as_slice());
    let findings = Findings::of(schema, part, classes, scaled, recipe, stop)?;
    findings.refuse_unpenalised()?;
    let solved = solve(&objective, recipe.seed, stop)
        .map_err(|unsolved| refusal(schema, &objective, unsolved))?;
    let classifier = classifier(classes, &scaler, &objective, &solved.solution)?;
    let unpenalised = recipe.penalty == 0.0;
    let inferred = || infer(&objective, &solved.solution, &classifier, &scaler);
    let inference = unpenalised.then(inferred).flatten();
    let warnings = findings.warnings(&solved.solution, &per_class, inference.is_some());
    let report = report(recipe, part, solved, &per_class, warnings);
    Ok(Fit {
        classifier,
        report,
        inference,
    })
}

impl Fit {
    /// The equations for a reader, with what is known about their coefficients.
    pub fn equations(&self) -> Vec<EquationReport> {
        let mut equations = self.classifier.equations();
        let known = self
            .inference
            .iter()
            .flat_map(|inference| &inference.equation);
        if let [equation] = equations.as_mut_slice() {
            let mut known = known.copied();
            for (term, known) in equation.coefficients.iter_mut().zip(&mut known) {
                term.inference = known;
            }
            equation.intercept_inference = known.next().flatten();
        }
        equations
    }
}

/// The scaler of rows that can be scaled, and the ends of their columns.
pub(super) fn fit_scaler(
    subset: Subset<'_>,
    threads: usize,
    stop: &AtomicBool,
) -> Result<(Scaler, Vec<Range>), FitError> {
    let scaled = Scaler::fit_with_ranges(subset, threads, stop);
    let (scaler, ranges) = scaled.ok_or(FitError::Stopped)?;
    let deviations = scaler.deviations();
    if !scaler
        .means()
        .iter()
        .chain(deviations)
        .all(|value| value.is_finite())
    {
        return Err(NotTrainable::NotFinite.into());
    }
    if deviations.iter().all(|deviation| *deviation == 0.0) {
        return Err(NotTrainable::NothingVaries.into());
    }
    Ok((scaler, ranges))
}

/// Without a penalty the Hessian must be made.
fn refuse_too_wide(objective: &Objective<'_>) -> Result<(), NotTrainable> {
    let parameters = objective.parameters();
    if objective.penalty() == 0.0 && parameters > MOST_UNPENALISED {
        return Err(NotTrainable::TooWide {
            parameters,
            limit: MOST_UNPENALISED,
        });
    }
    Ok(())
}

fn rows_per_class(part: Part<'_>, classes: &Classes) -> Result<Vec<u64>, NotTrainable> {
    let rows = part.rows_per_class(classes.len());
    match rows.iter().position(|rows| *rows == 0) {
        Some(at) => {
            let class = classes.names()[at].clone();
            Err(NotTrainable::ClassMissingFromTraining { class })
        }
        None => Ok(rows),
    }
}

/// What did not end, with the names of its columns.
fn refusal(schema: &Schema, objective: &Objective<'_>, unsolved: Unsolved) -> FitError {
    let name = |feature: &usize| schema.features()[*feature].name.clone();
    match unsolved {
        Unsolved::Stopped => FitError::Stopped,
        Unsolved::NotFinite => NotTrainable::NotFinite.into(),
        Unsolved::Separated {
            direction,
            complete,
        } => {
            let columns = columns_of(&direction, objective.terms());
            NotTrainable::Separated {
                columns: columns.iter().map(name).collect(),
                complete,
            }
            .into()
        }
        Unsolved::Singular => {
            let varying: Vec<usize> = (0..objective.terms() - 1)
                .filter(|at| objective.varies(*at))
                .collect();
            NotTrainable::Singular {
                columns: varying.iter().map(name).collect(),
            }
            .into()
        }
    }
}

fn classifier(
    classes: &Classes,
    scaler: &Scaler,
    objective: &Objective<'_>,
    solution: &Solution,
) -> Result<Classifier, NotTrainable> {
    let (coding, terms) = (objective.coding(), objective.terms());
    let of_class = |class: usize| {
        let at = |term: usize| -> f64 {
            let terms = (0..coding.equations()).map(|equation| {
                coding.entry(class, equation) * solution.point[equation * terms + term]
            });
            terms.sum()
        };
        Equation {
            baseline: at(terms - 1),
            standardized: (0..terms - 1).map(at).collect(),
        }
    };
    let equations = match coding {
        Coding::Binary(positive) => vec![of_class(*positive)],
        Coding::Helmert(_) => (0..classes.len()).map(of_class).collect(),
    };
    Classifier::new(classes.clone(), scaler.clone(), equations).map_err(|_| NotTrainable::NotFinite)
}

fn report(
    recipe: &Recipe,
    part: Part<'_>,
    solved: Solved,
    per_class: &[u64],
    warnings: Vec<Warning>,
) -> FitReport {
    let Solved { solution, told } = solved;
    FitReport {
        rows: part.rows() as u64,
        penalty: recipe.penalty,
        seed: recipe.seed,
        converged: solution.converged,
        iterations: solution.steps,
        gradient_norm: solution.local.gradient_norm(),
        objective: solution.local.value,
        log_likelihood: -solution.local.log_loss,
        null_log_likelihood: null_log_likelihood(per_class),
        steps: told,
        warnings,
    }
}

/// Log-likelihood of a model with a constant alone: the sum of `n ln(n / N)` over the classes.
fn null_log_likelihood(per_class: &[u64]) -> f64 {
    let all = per_class.iter().sum::<u64>() as f64;
    per_class
        .iter()
        .map(|rows| *rows as f64 * (*rows as f64 / all).ln())
        .sum()
}

#[cfg(test)]
mod tests;
