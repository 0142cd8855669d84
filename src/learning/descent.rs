//! What every way of minimising shares: where it ends, when it is certified, how long a step may be.
//!
//! Shape: plain records and the line search (Armijo; Boyd and Vandenberghe, Convex Optimization,
//! 9.2). Concurrency: as the objective's. Turned down: trusting the gradient alone: where the
//! classes can be told apart it vanishes while the coefficients still grow, so a fit is certified
//! only when the next step, which estimates the distance to the solution, is small too.

use ndarray::Array1;

use super::objective::Local;

const MOST_HALVINGS: u32 = 50;
/// Part of the fall promised by the gradient that a step must reach (Armijo's constant).
const SUFFICIENT_FALL: f64 = 1e-4;
/// Relative rounding of a sum of log losses: a step that raises it by less may still be right.
const ROUNDING: f64 = 1e-12;

/// Where the steps ended.
#[derive(Debug)]
pub(super) struct Solution {
    /// An equation after the other, its constant last.
    pub(super) point: Array1<f64>,
    pub(super) local: Local,
    pub(super) steps: u32,
    pub(super) converged: bool,
}

impl Solution {
    pub(super) fn new(point: Array1<f64>, local: Local, steps: u32, converged: bool) -> Self {
        Self {
            point,
            local,
            steps,
            converged,
        }
    }
}

/// Why they did not end.
#[derive(Debug)]
pub(super) enum Unsolved {
    /// The caller's flag was set.
    Stopped,
    /// The numbers left the range of doubles.
    NotFinite,
    /// There is no smallest value: along the direction no row's own score falls against another
    /// and some rise. `complete`: every row's rises.
    Separated {
        direction: Array1<f64>,
        complete: bool,
    },
    /// The Hessian is singular but for rounding, and no such direction was found.
    Singular,
}

/// When a solution is good enough.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aim {
    /// Certified: gradient norm a row.
    pub(super) gradient_per_row: f64,
    /// Certified: next step, relative to the largest coefficient (at least 1).
    pub(super) step: f64,
    /// Where no further step is taken.
    pub(super) last_step: f64,
    /// Steps at most.
    pub(super) most_steps: u32,
}

impl Aim {
    /// For what is served. The mean log loss is then flat to 1e-9 per standard deviation of any
    /// feature; a million rows summed in blocks round at 1e-16 a row, so it can be reached. A next
    /// step of 1e-11 is below what is left of a fit's digits where features go together.
    pub(super) const EXACT: Self = Self {
        gradient_per_row: 1e-9,
        step: 1e-9,
        last_step: 1e-11,
        most_steps: 100,
    };
    /// For comparing penalties: the distance left, in standardised coefficients, is about what the
    /// mean log loss of unseen rows can still move by, far below its standard error.
    pub(super) const COMPARED: Self = Self {
        gradient_per_row: 1e-6,
        step: 1e-6,
        last_step: 1e-6,
        most_steps: 100,
    };
    /// For a start.
    pub(super) const ROUGH: Self = Self {
        gradient_per_row: 1e-3,
        step: 1e-2,
        last_step: 1e-2,
        most_steps: 12,
    };
}

/// The longest of the halved steps that falls enough, and the objective there; `None` when none
/// does. `at` is the objective, which gives nothing when it was stopped.
pub(super) fn descend(
    point: &Array1<f64>,
    local: &Local,
    step: &Array1<f64>,
    at: impl Fn(&Array1<f64>) -> Option<Local>,
) -> Result<Option<(Array1<f64>, Local)>, Unsolved> {
    let promised = local.gradient.dot(step);
    let mut length = 1.0;
    for _ in 0..MOST_HALVINGS {
        let next = point + &(step * length);
        let there = at(&next).ok_or(Unsolved::Stopped)?;
        let bound =
            local.value + SUFFICIENT_FALL * length * promised + ROUNDING * local.value.abs();
        if there.is_finite() && there.value <= bound {
            return Ok(Some((next, there)));
        }
        length *= 0.5;
    }
    Ok(None)
}

/// The largest absolute value.
pub(super) fn largest(values: &Array1<f64>) -> f64 {
    values.fold(0.0, |most: f64, value| most.max(value.abs()))
}

/// Length of a step relative to the largest coefficient (at least 1).
pub(super) fn relative(step: &Array1<f64>, point: &Array1<f64>) -> f64 {
    largest(step) / largest(point).max(1.0)
}
