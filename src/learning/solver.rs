//! Which way a fit is solved, from the start to the certificate.
//!
//! Shape: linfa-logistic's start on a sample (or all rows where the Hessian is too large), then
//! Newton with the Hessian, or by products where that would be too large. Concurrency: as the
//! objective's. Turned down: linfa-logistic's multinomial fit as a start with three classes or
//! more: it subtracts the largest score of the whole table before `exp`, so that one far row can
//! make the loss infinite and its line search endless, where no flag can end it; Newton on a sample
//! gives that start in a few cheap steps.

use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Array1;

use super::coding::Coding;
use super::descent::{Aim, Solution, Unsolved};
use super::objective::{Local, Objective};
use super::start::Start;
use super::{newton, newton_cg};

/// Parameters up to which the Hessian is made. At 400 one costs 160,000 multiplications a row and
/// 1.3 MB a run of blocks; a step by products costs 2,400 a row and product, and takes some tens.
pub(super) const MOST_HESSIAN: usize = 400;
/// The same without a penalty, where the Hessian is needed anyway: for what the data cannot tell
/// apart, and for standard errors. 32 MB.
pub(super) const MOST_UNPENALISED: usize = 2_000;

/// Two values of the objective that are no further apart, relative to them, are the same but for
/// rounding.
const SAME_VALUE: f64 = 1e-9;

/// A solution, and what was done.
#[derive(Debug)]
pub(super) struct Solved {
    pub(super) solution: Solution,
    pub(super) told: Vec<String>,
}

/// Whether a fit is solved by products.
pub(super) fn is_wide(objective: &Objective<'_>) -> bool {
    objective.penalty() > 0.0 && objective.parameters() > MOST_HESSIAN
}

/// From a start of its own; `seed` draws the sample for it.
pub(super) fn solve(
    objective: &Objective<'_>,
    seed: u64,
    stop: &AtomicBool,
) -> Result<Solved, Unsolved> {
    if stop.load(Ordering::Relaxed) {
        return Err(Unsolved::Stopped);
    }
    let start = match objective.coding() {
        Coding::Binary(_) => Start::by_linfa(objective, seed, stop)?,
        Coding::Helmert(_) => Start::by_newton(objective, seed, stop)?,
    };
    let local = local_at(objective, &start.point, stop)?;
    let shares = Start::at_shares(objective, "the first start is worse");
    let is_better = local.value <= objective.of_constants(&shares.point) * (1.0 + SAME_VALUE);
    let solution = match is_better {
        true => from_local(objective, start.point, local, Aim::EXACT, stop),
        false => from(objective, shares.point, Aim::EXACT, stop),
    };
    let start = if is_better { start.told } else { shares.told };
    match solution {
        // Far out the weights of the rows vanish; from the middle it may still end, or say why not.
        Err(Unsolved::Singular | Unsolved::NotFinite) if objective.penalty() == 0.0 => {
            let start = Start::at_shares(objective, "from the first start there was no way on");
            told(
                objective,
                from(objective, start.point, Aim::EXACT, stop)?,
                start.told,
            )
        }
        solution => told(objective, solution?, start),
    }
}

/// From a given point.
pub(super) fn from(
    objective: &Objective<'_>,
    start: Array1<f64>,
    aim: Aim,
    stop: &AtomicBool,
) -> Result<Solution, Unsolved> {
    let local = local_at(objective, &start, stop)?;
    from_local(objective, start, local, aim, stop)
}

/// The objective at a point, with its Hessian where that is made.
fn local_at(
    objective: &Objective<'_>,
    point: &Array1<f64>,
    stop: &AtomicBool,
) -> Result<Local, Unsolved> {
    let local = match is_wide(objective) {
        true => objective.slope_at(point, stop),
        false => objective.roughly_at(point, stop),
    };
    local.ok_or(Unsolved::Stopped)
}

/// From a point where the objective is known, with its Hessian where that is made.
pub(super) fn from_local(
    objective: &Objective<'_>,
    start: Array1<f64>,
    local: Local,
    aim: Aim,
    stop: &AtomicBool,
) -> Result<Solution, Unsolved> {
    match is_wide(objective) {
        true => newton_cg::finish(objective, start, local, aim, stop),
        false => newton::finish(objective, start, local, aim, stop),
    }
}

fn told(objective: &Objective<'_>, solution: Solution, start: String) -> Result<Solved, Unsolved> {
    let way = if is_wide(objective) {
        "Newton-CG"
    } else {
        "Newton"
    };
    let steps = format!("{} {way} steps", solution.steps);
    Ok(Solved {
        solution,
        told: vec![start, steps],
    })
}
