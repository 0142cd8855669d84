//! Damped Newton steps that finish a fit and certify it.
//!
//! Shape: `(H + penalty) step = -gradient` by Cholesky, halved until the objective falls enough
//! (Armijo; Boyd and Vandenberghe, Convex Optimization, 9.5). The objective is convex, so from any
//! start this arrives, and near the end each step doubles the digits. Concurrency: as the
//! objective's. Turned down: trusting the gradient alone without a penalty: where the classes can
//! be told apart it vanishes while the coefficients still grow, so a fit is certified only when
//! the next step, which estimates the distance to the solution, is small too.

use std::sync::atomic::AtomicBool;

use linfa_linalg::cholesky::CholeskyInplace;
use linfa_linalg::triangular::{SolveTriangularInplace, UPLO};
use ndarray::{Array1, Array2, Axis};

use super::fit::FitError;
use super::not_trainable::NotTrainable;
use super::objective::{Local, Objective};

const MOST_STEPS: u32 = 100;
const MOST_HALVINGS: u32 = 50;
/// Part of the fall promised by the gradient that a step must reach (Armijo's constant).
const SUFFICIENT_FALL: f64 = 1e-4;
/// Relative rounding of a sum of log losses: a step that raises it by less may still be right.
const ROUNDING: f64 = 1e-12;
/// Certified: gradient norm a row. The mean log loss is then flat to 1e-9 per standard deviation of
/// any feature; a million rows summed in blocks round at 1e-16 a row, so it can be reached.
const CERTIFIED_GRADIENT_PER_ROW: f64 = 1e-9;
/// Certified: next step, relative to the largest coefficient (at least 1).
const CERTIFIED_STEP: f64 = 1e-9;
/// Where no further step is taken: a next step this small changes nothing that is ever shown.
const AIMED_STEP: f64 = 1e-13;

/// Where the steps ended.
#[derive(Debug)]
pub(super) struct Solution {
    /// Coefficients, the baseline last.
    pub(super) point: Array1<f64>,
    pub(super) local: Local,
    pub(super) steps: u32,
    pub(super) converged: bool,
}

/// Minimises from `start`, where the objective is `local`.
pub(super) fn finish(
    objective: &Objective<'_>,
    start: Array1<f64>,
    local: Local,
    stop: &AtomicBool,
) -> Result<Solution, FitError> {
    let flat = CERTIFIED_GRADIENT_PER_ROW * objective.rows().max(1) as f64;
    let (mut point, mut local, mut steps) = (start, local, 0);
    let mut stalled = false;
    loop {
        refuse_endless(objective, &local)?;
        let step = newton_step(objective, &local)?;
        let distance = step.length_at(&point);
        let is_flat = local.gradient_norm() <= flat;
        let converged = is_flat && distance <= CERTIFIED_STEP;
        let arrived = converged && (distance <= AIMED_STEP || stalled);
        let next = match arrived || steps == MOST_STEPS {
            true => None,
            false => descend(objective, &point, &local, &step.by, stop)?,
        };
        let Some((further, there)) = next else {
            if objective.penalty() == 0.0 && is_flat && !converged {
                // Nothing more to gain, and still a long way to go: some rows are told apart.
                return Err(NotTrainable::Singular.into());
            }
            return Ok(Solution {
                point,
                local,
                steps,
                converged,
            });
        };
        stalled = there.gradient_norm() > 0.5 * local.gradient_norm();
        (point, local, steps) = (further, there, steps + 1);
    }
}

/// Without a penalty, rows that are all on the right side prove that there is no best value:
/// doubling the coefficients is always better (Albert and Anderson 1984).
fn refuse_endless(objective: &Objective<'_>, local: &Local) -> Result<(), NotTrainable> {
    if !local.is_finite() {
        return Err(NotTrainable::NotFinite);
    }
    if objective.penalty() == 0.0 && local.smallest_margin > 0.0 {
        return Err(NotTrainable::Separated);
    }
    Ok(())
}

/// The longest of the halved steps that falls enough; `None` when none does.
fn descend(
    objective: &Objective<'_>,
    point: &Array1<f64>,
    local: &Local,
    step: &Array1<f64>,
    stop: &AtomicBool,
) -> Result<Option<(Array1<f64>, Local)>, FitError> {
    let promised = local.gradient.dot(step);
    let mut length = 1.0;
    for _ in 0..MOST_HALVINGS {
        let next = point + &(step * length);
        let there = objective.at(&next, stop).ok_or(FitError::Stopped)?;
        let bound =
            local.value + SUFFICIENT_FALL * length * promised + ROUNDING * local.value.abs();
        if there.is_finite() && there.value <= bound {
            return Ok(Some((next, there)));
        }
        length *= 0.5;
    }
    Ok(None)
}

/// A direction, and whether it is Newton's own.
struct Step {
    by: Array1<f64>,
    exact: bool,
}

impl Step {
    /// Relative to the largest coefficient (at least 1); a damped step tells no distance.
    fn length_at(&self, point: &Array1<f64>) -> f64 {
        if self.exact {
            largest(&self.by) / largest(point).max(1.0)
        } else {
            f64::INFINITY
        }
    }
}

fn newton_step(objective: &Objective<'_>, local: &Local) -> Result<Step, NotTrainable> {
    let mut hessian = local.hessian.clone();
    for feature in 0..objective.parameters() - 1 {
        // Its row and gradient are 0; any diagonal leaves its coefficient at 0.
        if !objective.varies(feature) {
            hessian[(feature, feature)] += 1.0;
        }
    }
    if let Some(by) = solve(hessian.clone(), &local.gradient) {
        return Ok(Step { by, exact: true });
    }
    if objective.penalty() == 0.0 {
        return Err(NotTrainable::Singular);
    }
    // A penalty too small to be seen beside the rest: lengthen the diagonal until it is seen.
    let mut damping = 1e-12
        * hessian
            .diag()
            .fold(0.0, |most: f64, value| most.max(*value));
    for _ in 0..16 {
        let mut damped = hessian.clone();
        damped.diag_mut().mapv_inplace(|value| value + damping);
        if let Some(by) = solve(damped, &local.gradient) {
            return Ok(Step { by, exact: false });
        }
        damping *= 10.0;
    }
    Err(NotTrainable::NotFinite)
}

/// The step that solves `hessian * step = -gradient`; `None` when the matrix is not positive
/// definite by a margin above its rounding.
fn solve(hessian: Array2<f64>, gradient: &Array1<f64>) -> Option<Array1<f64>> {
    let diagonal = hessian.diag().to_owned();
    let factor = hessian.cholesky_into().ok()?;
    let margin = 16.0 * f64::EPSILON * diagonal.len() as f64;
    // A pivot over its diagonal is the share of a column that the columns before do not explain.
    let own = factor
        .diag()
        .iter()
        .zip(&diagonal)
        .all(|(l, d)| l * l > margin * d);
    let mut step = gradient.mapv(|value| -value).insert_axis(Axis(1));
    factor
        .solve_triangular_inplace(&mut step, UPLO::Lower)
        .ok()?;
    factor
        .t()
        .solve_triangular_inplace(&mut step, UPLO::Upper)
        .ok()?;
    let step = step.remove_axis(Axis(1));
    (own && step.iter().all(|value| value.is_finite())).then_some(step)
}

fn largest(values: &Array1<f64>) -> f64 {
    values.fold(0.0, |most: f64, value| most.max(value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::fixtures::{breast_cancer, never};
    use crate::learning::scaler::Scaler;

    #[test]
    fn it_arrives_from_far_away() {
        let set = breast_cancer().set("benign", 0.0);
        let scaler = Scaler::fit(set.all());
        let objective = Objective::new(set.all(), &scaler, 0, 1.0);
        let end = |value: f64| {
            let start = Array1::from_elem(objective.parameters(), value);
            let local = objective.at(&start, &never()).unwrap();
            finish(&objective, start, local, &never()).unwrap()
        };
        let (near, far) = (end(0.0), end(30.0));
        assert!(near.converged && far.converged, "{near:?} {far:?}");
        assert!(far.steps > near.steps);
        assert!(largest(&(near.point - far.point)) < 1e-10);
    }

    #[test]
    fn a_matrix_that_is_singular_but_for_rounding_has_no_step() {
        let gradient = Array1::from_vec(vec![1.0, 1.0]);
        let matrix = |off: f64| Array2::from_shape_vec((2, 2), vec![1.0, off, off, 1.0]).unwrap();
        assert!(solve(matrix(1.0 - 1e-16), &gradient).is_none());
        assert!(solve(matrix(2.0), &gradient).is_none());
        let step = solve(matrix(0.5), &gradient).unwrap();
        assert!(
            step.iter().all(|by| (by + 2.0 / 3.0).abs() < 1e-15),
            "{step}"
        );
    }
}
