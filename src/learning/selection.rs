//! The choice of the penalty by cross-validation.
//!
//! Shape: each fold fits the rows of the others along the path of penalties, from the largest down,
//! each fit starting where the last ended (Friedman, Hastie and Tibshirani 2010), and is tested on
//! its own rows. The penalty with the smallest mean log loss a row wins, the larger on a tie.
//! Concurrency: folds side by side, each on its share of the threads. Turned down: the largest
//! penalty within one standard error (it would give away log loss, which the gate then asks for).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ndarray::Array1;
use serde::{Deserialize, Serialize};

use super::blocks::in_parallel;
use super::classes::Classes;
use super::coding::Coding;
use super::descent::{Aim, Unsolved};
use super::fit::{FitError, fit_scaler};
use super::not_trainable::NotTrainable;
use super::objective::{Local, Objective};
use super::params::Search;
use super::solver::{MOST_UNPENALISED, from, from_local, is_wide};
use super::start::Start;
use super::subset::Subset;
use super::training_set::Part;

/// Draws the rows that a fold starts from: no solution depends on it.
const FOLD_SEED: u64 = 0;

/// The table of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchTable {
    /// Parts that the training rows fell into.
    pub folds: usize,
    /// One a penalty, the largest first.
    pub entries: Vec<SearchEntry>,
    /// The penalty with the smallest mean log loss.
    pub chosen: f64,
}

/// How one penalty did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchEntry {
    /// The penalty.
    pub penalty: f64,
    /// Mean log loss a row, each row tested by the fit that had not seen it; absent when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_log_loss: Option<f64>,
    /// Standard error of that mean: the deviation of the rows' losses over the root of their number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Why it was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
}

/// What a search needs beside the rows.
pub(super) struct Folded<'a> {
    pub(super) part: Part<'a>,
    pub(super) classes: &'a Classes,
    /// The fold of each row.
    pub(super) fold_of: &'a [u8],
    pub(super) threads: usize,
    /// Called with the share done.
    pub(super) progress: &'a (dyn Fn(f64) + Sync),
    pub(super) stop: &'a AtomicBool,
}

/// How one penalty did in one fold: losses, their squares, rows; or why it has no fit.
type Tested = Result<(f64, f64, u64), &'static str>;

/// Tests every penalty of a search and chooses one.
pub(super) fn choose(search: &Search, folded: &Folded<'_>) -> Result<SearchTable, FitError> {
    let side_by_side = folded.threads.clamp(1, search.folds());
    let inner = (folded.threads / side_by_side).max(1);
    let done = AtomicUsize::new(0);
    let whole = (search.folds() * search.penalties().len()) as f64;
    let tick = || {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        (folded.progress)(done as f64 / whole);
    };
    let tested = in_parallel(search.folds(), side_by_side, |fold| {
        path(search, folded, fold as u8, inner, &tick).ok()
    });
    let tested = tested.ok_or(FitError::Stopped)?;
    let entry = |(at, penalty): (usize, &f64)| entry(*penalty, tested.iter().map(|of| of[at]));
    let entries: Vec<SearchEntry> = search.penalties().iter().enumerate().map(entry).collect();
    match best(&entries) {
        Some(chosen) => Ok(SearchTable {
            folds: search.folds(),
            entries,
            chosen,
        }),
        None => Err(NotTrainable::NothingToChoose.into()),
    }
}

/// The penalty of the smallest mean log loss, the first of equals: the larger penalty.
fn best(entries: &[SearchEntry]) -> Option<f64> {
    let mut best: Option<(f64, f64)> = None;
    for entry in entries {
        let loss = entry.mean_log_loss;
        if let Some(loss) = loss.filter(|loss| best.is_none_or(|(_, least)| *loss < least)) {
            best = Some((entry.penalty, loss));
        }
    }
    best.map(|(penalty, _)| penalty)
}

/// One fold down the path of penalties; an error when it was stopped.
fn path(
    search: &Search,
    folded: &Folded<'_>,
    fold: u8,
    threads: usize,
    tick: &dyn Fn(),
) -> Result<Vec<Tested>, Unsolved> {
    let Folded {
        part,
        classes,
        fold_of,
        stop,
        ..
    } = *folded;
    let seen = Subset::without_fold(part, fold_of, fold);
    let (scaler, ranges) = match fit_scaler(seen, threads, stop) {
        Ok(scaled) => scaled,
        Err(FitError::Stopped) => return Err(Unsolved::Stopped),
        Err(FitError::NotTrainable(_)) => {
            let why = "in one fold no feature varies, or its values are not finite";
            return Ok(vec![Err(why); search.penalties().len()]);
        }
    };
    let of = |subset| Objective::new(subset, &scaler, Coding::of(classes), 0.0, threads);
    let (mut objective, unseen) = (of(seen), of(Subset::of_fold(part, fold_of, fold)));
    let first = search.penalties().first().copied().unwrap_or_default();
    objective = objective
        .with_penalty(first)
        .knowing(|feature| ranges[feature].is_plain());
    let start = Start::by_newton(&objective, FOLD_SEED, stop)?.point;
    let mut reached = (start, None);
    let mut fitted = Vec::new();
    for penalty in search.penalties() {
        let before = objective.penalty();
        objective = objective.with_penalty(*penalty);
        fitted.push(reached_by(&objective, &mut reached, before, stop)?);
        tick();
    }
    test(&unseen, &fitted, stop)
}

/// The losses of unseen rows at each point that was reached, all in one pass, or why none was.
fn test(
    unseen: &Objective<'_>,
    fitted: &[Result<Array1<f64>, &'static str>],
    stop: &AtomicBool,
) -> Result<Vec<Tested>, Unsolved> {
    let points: Vec<&Array1<f64>> = fitted.iter().flatten().collect();
    let losses = unseen.losses(&points, stop).ok_or(Unsolved::Stopped)?;
    let (mut losses, rows) = (losses.into_iter(), unseen.rows().rows() as u64);
    let mut tested = |fitted: &Result<Array1<f64>, &'static str>| {
        fitted.as_ref().map_err(|why| *why)?;
        let (sum, squares) = losses.next().unwrap_or((f64::NAN, f64::NAN));
        Ok((sum, squares, rows))
    };
    Ok(fitted.iter().map(&mut tested).collect())
}

/// A point of the path, and what is known there under the last penalty.
type Reached = (Array1<f64>, Option<Local>);

/// The next penalty's solution, or why it has none; an error when it was stopped.
fn reached_by(
    objective: &Objective<'_>,
    reached: &mut Reached,
    before: f64,
    stop: &AtomicBool,
) -> Result<Result<Array1<f64>, &'static str>, Unsolved> {
    match step(objective, reached, before, stop) {
        Err(Unsolved::Stopped) => Err(Unsolved::Stopped),
        Err(unsolved) => Ok(Err(words(&unsolved))),
        Ok(()) => Ok(Ok(reached.0.clone())),
    }
}

/// From one penalty's solution to the next.
fn step(
    objective: &Objective<'_>,
    reached: &mut Reached,
    before: f64,
    stop: &AtomicBool,
) -> Result<(), Unsolved> {
    if objective.penalty() == 0.0 && objective.parameters() > MOST_UNPENALISED {
        return Err(Unsolved::Singular);
    }
    let start = reached.0.clone();
    // Without the Hessian, where this penalty needs one, nothing is known.
    let known = reached.1.take();
    let known = known.filter(|local| is_wide(objective) || !local.hessian.is_empty());
    let known = known.filter(|local| objective.penalty() > 0.0 || local.hessian_from == 0.0);
    let solution = match known {
        Some(local) => {
            let local = objective.repenalised(local, &start, before);
            from_local(objective, start, local, Aim::COMPARED, stop)?
        }
        None => from(objective, start, Aim::COMPARED, stop)?,
    };
    *reached = (solution.point, Some(solution.local));
    Ok(())
}

fn words(unsolved: &Unsolved) -> &'static str {
    match unsolved {
        Unsolved::Separated { .. } => {
            "in one fold the classes, or some rows, are told apart without an error"
        }
        Unsolved::Singular => "in one fold the coefficients have no single best value",
        Unsolved::NotFinite | Unsolved::Stopped => "in one fold the coefficients are not finite",
    }
}

/// The folds' sums together, in their order.
fn entry(penalty: f64, folds: impl Iterator<Item = Tested>) -> SearchEntry {
    let (mut sum, mut squares, mut rows) = (0.0, 0.0, 0);
    for tested in folds {
        match tested {
            Ok(of) => (sum, squares, rows) = (sum + of.0, squares + of.1, rows + of.2),
            Err(why) => {
                let left_out = Some(why.to_owned());
                return SearchEntry {
                    penalty,
                    mean_log_loss: None,
                    standard_error: None,
                    left_out,
                };
            }
        }
    }
    let count = rows as f64;
    let mean = sum / count;
    let variance = ((squares - mean * sum) / (count - 1.0).max(1.0)).max(0.0);
    let tested = (rows > 0 && mean.is_finite()).then_some(mean);
    SearchEntry {
        penalty,
        mean_log_loss: tested,
        standard_error: tested.map(|_| (variance / count).sqrt()),
        left_out: tested
            .is_none()
            .then(|| "no row could be tested".to_owned()),
    }
}

#[cfg(test)]
mod tests;
