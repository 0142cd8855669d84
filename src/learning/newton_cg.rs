//! Newton steps without the Hessian, for fits with very many coefficients.
//!
//! Shape: each step by conjugate gradients, scaled by the Hessian's diagonal (rare classes and rare
//! values are flatter), on products of the Hessian with a vector, which cost two passes' worth of multiplications however many coefficients there are; solved the more exactly
//! the flatter it gets (Nocedal and Wright, Numerical Optimization, 7.1). Its last step, measured
//! before it is taken, is the certificate, as for Newton with the Hessian. Concurrency: as the
//! objective's. Turned down: L-BFGS of our own (linfa's gives the start already, and a gradient
//! history estimates no distance to the solution).

use std::sync::atomic::AtomicBool;

use ndarray::Array1;

use super::descent::{Aim, Solution, Unsolved, descend, relative};
use super::objective::{Local, Objective};

/// Products at most for one step.
const MOST_PRODUCTS: u32 = 400;
/// Residual of a step relative to the gradient: at most, and where the steps are measured.
const LOOSEST: f64 = 0.1;
const TIGHTEST: f64 = 1e-4;

/// Minimises from `start`, where the objective is `local`; the penalty is above 0.
pub(super) fn finish(
    objective: &Objective<'_>,
    start: Array1<f64>,
    local: Local,
    aim: Aim,
    stop: &AtomicBool,
) -> Result<Solution, Unsolved> {
    let rows = objective.rows().rows().max(1) as f64;
    let (mut point, mut local, mut steps) = (start, local, 0);
    loop {
        if !local.is_finite() {
            return Err(Unsolved::NotFinite);
        }
        let flatness = local.gradient_norm() / rows;
        let residual = flatness.sqrt().clamp(TIGHTEST, LOOSEST);
        let step = solve(objective, &point, &local.gradient, residual, stop)?;
        let distance = relative(&step, &point);
        let converged = flatness <= aim.gradient_per_row && distance <= aim.step;
        let next = match converged || steps == aim.most_steps {
            true => None,
            false => descend(&point, &local, &step, |at| objective.slope_at(at, stop))?,
        };
        let Some((further, there)) = next else {
            return Ok(Solution::new(point, local, steps, converged));
        };
        (point, local, steps) = (further, there, steps + 1);
    }
}

/// `step` with `hessian * step = -gradient`, up to `residual` times the gradient's norm.
fn solve(
    objective: &Objective<'_>,
    point: &Array1<f64>,
    gradient: &Array1<f64>,
    residual: f64,
    stop: &AtomicBool,
) -> Result<Array1<f64>, Unsolved> {
    let diagonal = objective.diagonal(point, stop).ok_or(Unsolved::Stopped)?;
    let scales = diagonal.mapv(|value| 1.0 / value.max(f64::MIN_POSITIVE.sqrt()));
    let mut step = Array1::zeros(gradient.len());
    let mut left = -gradient;
    let mut scaled = &left * &scales;
    let mut direction = scaled.clone();
    let mut product_left = left.dot(&scaled);
    let enough = left.dot(&left) * residual * residual;
    for _ in 0..MOST_PRODUCTS {
        if left.dot(&left) <= enough || product_left == 0.0 {
            break;
        }
        let product = objective
            .curvature(point, &direction, stop)
            .ok_or(Unsolved::Stopped)?;
        let curvature = direction.dot(&product);
        if curvature <= 0.0 {
            // Flat but for rounding.
            break;
        }
        let length = product_left / curvature;
        step.scaled_add(length, &direction);
        left.scaled_add(-length, &product);
        scaled = &left * &scales;
        let before = product_left;
        product_left = left.dot(&scaled);
        direction *= product_left / before;
        direction += &scaled;
    }
    Ok(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::coding::Coding;
    use crate::learning::descent::largest;
    use crate::learning::fixtures::{breast_cancer, never, wine};
    use crate::learning::newton;
    use crate::learning::scaler::Scaler;
    use crate::learning::subset::Subset;

    #[test]
    fn it_ends_where_newton_with_the_hessian_ends() {
        for set in [
            breast_cancer().set("benign", 0.0),
            wine().set("class_0", 0.0),
        ] {
            let subset = Subset::all(set.all());
            let coding = Coding::of(set.classes());
            let objective = Objective::new(subset, &Scaler::fit(set.all()), coding, 0.1, 2);
            let start = Array1::zeros(objective.parameters());
            let local = objective.at(&start, &never()).unwrap();
            let with = newton::finish(&objective, start.clone(), local, Aim::EXACT, &never());
            let local = objective.slope_at(&start, &never()).unwrap();
            let without = finish(&objective, start, local, Aim::EXACT, &never()).unwrap();
            assert!(without.converged, "{without:?}");
            assert!(largest(&(with.unwrap().point - &without.point)) < 1e-8);
        }
    }
}
