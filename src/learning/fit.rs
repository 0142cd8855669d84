//! One fit: checks, start, Newton, certificate.
//!
//! Shape: a function from rows and a recipe to a [`Classifier`] and a report on how it came about.
//! Here `x` and `y` would mean what the textbooks mean by them. Concurrency: single-threaded and
//! long; run it off any async runtime and set `stop` to end it early. Turned down: an error when a
//! fit does not converge; the report says it and the caller decides.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::classes::Classes;
use super::classifier::{Classifier, Equation};
use super::newton;
use super::not_trainable::NotTrainable;
use super::objective::Objective;
use super::params::Recipe;
use super::scaler::Scaler;
use super::start::Start;
use super::training_set::Part;

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
    /// Codes: `not_converged`, `constant_feature`.
    pub warnings: Vec<String>,
}

/// Fits the positive class's log-odds on a part: the sum of log losses plus half the penalty times
/// the squared standardised coefficients is minimal.
///
/// # Errors
/// [`FitError::NotTrainable`] when the rows have no such minimum, [`FitError::Stopped`] when `stop`
/// was set.
pub fn fit(
    part: Part<'_>,
    classes: &Classes,
    recipe: &Recipe,
    stop: &AtomicBool,
) -> Result<Fit, FitError> {
    let per_class = rows_per_class(part, classes)?;
    let scaler = fit_scaler(part)?;
    let objective = Objective::new(part, &scaler, classes.positive_index(), recipe.penalty);
    let (solution, steps) = solve(&objective, recipe.seed, stop)?;
    let report = FitReport {
        rows: part.rows() as u64,
        penalty: recipe.penalty,
        seed: recipe.seed,
        converged: solution.converged,
        iterations: solution.steps,
        gradient_norm: solution.local.gradient_norm(),
        objective: solution.local.value,
        log_likelihood: -solution.local.log_loss,
        null_log_likelihood: null_log_likelihood(&per_class),
        steps,
        warnings: warnings(&solution, &scaler),
    };
    let mut standardized = solution.point.to_vec();
    let baseline = standardized.pop().unwrap_or_default();
    let equation = Equation {
        baseline,
        standardized,
    };
    let classifier =
        Classifier::new(classes.clone(), scaler, equation).map_err(|_| NotTrainable::NotFinite)?;
    Ok(Fit { classifier, report })
}

fn fit_scaler(part: Part<'_>) -> Result<Scaler, NotTrainable> {
    let scaler = Scaler::fit(part);
    let deviations = scaler.deviations();
    if !scaler
        .means()
        .iter()
        .chain(deviations)
        .all(|value| value.is_finite())
    {
        return Err(NotTrainable::NotFinite);
    }
    if deviations.iter().all(|deviation| *deviation == 0.0) {
        return Err(NotTrainable::NothingVaries);
    }
    Ok(scaler)
}

fn warnings(solution: &newton::Solution, scaler: &Scaler) -> Vec<String> {
    let constant = scaler.deviations().contains(&0.0);
    let known = [
        (!solution.converged, "not_converged"),
        (constant, "constant_feature"),
    ];
    known
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, code)| code.to_owned())
        .collect()
}

fn rows_per_class(part: Part<'_>, classes: &Classes) -> Result<Vec<u64>, NotTrainable> {
    if classes.len() != 2 {
        return Err(NotTrainable::TooManyClasses {
            found: classes.len(),
        });
    }
    let rows = part.rows_per_class(classes.len());
    match rows.iter().position(|rows| *rows == 0) {
        Some(at) => {
            let class = classes.names()[at].clone();
            Err(NotTrainable::ClassMissingFromTraining { class })
        }
        None => Ok(rows),
    }
}

fn solve(
    objective: &Objective<'_>,
    seed: u64,
    stop: &AtomicBool,
) -> Result<(newton::Solution, Vec<String>), FitError> {
    if stop.load(Ordering::Relaxed) {
        return Err(FitError::Stopped);
    }
    let mut start = Start::by_linfa(objective, seed);
    let mut local = objective.at(&start.point, stop).ok_or(FitError::Stopped)?;
    let at_zero = objective.rows() as f64 * std::f64::consts::LN_2;
    if !local.is_finite() || local.value > at_zero * (1.0 + f64::EPSILON) {
        start = Start::at_zero(objective, "linfa-logistic's solution is worse");
        local = objective.at(&start.point, stop).ok_or(FitError::Stopped)?;
    }
    let solution = newton::finish(objective, start.point, local, stop)?;
    let newton = format!("{} Newton steps", solution.steps);
    Ok((solution, vec![start.told, newton]))
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
