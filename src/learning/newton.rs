//! Damped Newton steps that finish a fit and certify it.
//!
//! Shape: `(H + penalty) step = -gradient` by Cholesky. The objective is convex, so from any start
//! this arrives, and near the end each step doubles the digits (Boyd and Vandenberghe, Convex
//! Optimization, 9.5). Without a penalty it also looks for what would let it run on for ever: a
//! direction along which every row is told apart at least as well as before (Albert and Anderson
//! 1984, Biometrika 71). There the steps themselves turn into such a direction, so they are held
//! against every row. Near the end a Hessian made some steps before, mended by what they told
//! (`inverse.rs`), is as good as a new one, which costs several passes where there are many
//! parameters: then it is kept, and the certificate is the same.
//! Concurrency: as the objective's. Turned down: a linear program for
//! separation (a solver of its own, where a pass over the rows proves the direction just as well).

use std::sync::atomic::AtomicBool;

use ndarray::Array1;

use super::descent::{Aim, Solution, Unsolved, descend};
use super::inverse::{Inverse, Step};
use super::objective::{Local, Objective};

/// Steps after which a fit that has not arrived is looked at for separation; ordinary ones arrive
/// before.
const PATIENCE_STEPS: u32 = 10;
/// A next step smaller than this is on its way to a solution.
const ARRIVING: f64 = 1e-3;
/// Parameters from which on a Hessian costs several passes without one.
const MANY: usize = 50;
/// How far from where it was made a Hessian that is mended still gives a digit a step, about.
const NEAR: f64 = 0.3;
/// The same where there are few parameters, and a new Hessian costs little more than a step.
const NEAREST: f64 = 5e-2;
/// Of the gradient's norm in a step with a Hessian from elsewhere or of some rows: above it a new one of
/// all rows is made.
const LEAST_FALL: f64 = 0.25;
/// How far below 0, relative to the largest, a margin along a separating direction may lie: rows on
/// the border are reached by a factor of e a step, and found before this.
const BORDER: f64 = 1e-9;

/// Minimises from `start`, where the objective is `local`.
pub(super) fn finish(
    objective: &Objective<'_>,
    start: Array1<f64>,
    local: Local,
    aim: Aim,
    stop: &AtomicBool,
) -> Result<Solution, Unsolved> {
    let flat = aim.gradient_per_row * objective.rows().rows().max(1) as f64;
    let (mut point, mut local, mut steps) = (start, local, 0);
    let (mut stalled, mut last, mut kept) = (false, None, None);
    loop {
        refuse_told_apart(objective, &point, &local)?;
        let Some((inverse, step)) = newton_step(objective, &local, kept.take())? else {
            return Err(endless(objective, [last.as_ref(), Some(&point)], stop)?);
        };
        let distance = step.length_at(&point);
        let is_flat = local.gradient_norm() <= flat;
        let converged = is_flat && distance <= aim.step;
        if steps >= PATIENCE_STEPS && distance > ARRIVING {
            refuse_endless(objective, &step.by, stop)?;
        }
        let arrived = converged && (distance <= aim.last_step || stalled);
        let next = match arrived || steps == aim.most_steps {
            true => None,
            false => go(objective, &point, &mut local, &step, aim, stop)?,
        };
        let Some((further, there, keeps)) = next else {
            if objective.penalty() == 0.0 && is_flat && !converged {
                // Nothing more to gain, and still a long way to go.
                return Err(endless(objective, [Some(&step.by), Some(&point)], stop)?);
            }
            return Ok(Solution::new(point, local, steps, converged));
        };
        stalled = there.gradient_norm() > 0.5 * local.gradient_norm();
        if keeps {
            kept = Some(inverse.taught(&further - &point, &there.gradient - &local.gradient));
        }
        last = Some(step.by);
        (point, local, steps) = (further, there, steps + 1);
    }
}

/// One step, the objective where it leads, and whether the Hessian of `local` was taken along, where
/// it is good enough for the next step too; `None` when nothing falls.
fn go(
    objective: &Objective<'_>,
    point: &Array1<f64>,
    local: &mut Local,
    step: &Step,
    aim: Aim,
    stop: &AtomicBool,
) -> Result<Option<(Array1<f64>, Local, bool)>, Unsolved> {
    let distance = step.length_at(point);
    let keeps = keeps_hessian(objective, aim, local.hessian_from, distance);
    let reached = descend(point, local, &step.by, |at| match keeps {
        true => objective.slope_at(at, stop),
        false => objective.roughly_at(at, stop),
    })?;
    let Some((further, mut there)) = reached else {
        return Ok(None);
    };
    let misled = there.gradient_norm() > LEAST_FALL * local.gradient_norm();
    if misled && (keeps || local.hessian_from > 0.0) {
        there = objective.at(&further, stop).ok_or(Unsolved::Stopped)?;
        return Ok(Some((further, there, false)));
    }
    if keeps {
        there.hessian_from = local.hessian_from + distance;
        there.hessian = std::mem::take(&mut local.hessian);
    }
    Ok(Some((further, there, keeps)))
}

/// The step from here, and what it was made of: the inverse that was kept, or the one of the Hessian
/// at hand; `None` when that has none.
fn newton_step(
    objective: &Objective<'_>,
    local: &Local,
    kept: Option<Inverse>,
) -> Result<Option<(Inverse, Step)>, Unsolved> {
    let inverse = match kept {
        Some(inverse) => Some(inverse),
        None => Inverse::of(objective, local)?,
    };
    let with_step = |inverse: Inverse| inverse.step(&local.gradient).map(|step| (inverse, step));
    Ok(inverse.and_then(with_step))
}

/// Whether the next point is looked at without a Hessian of its own, where this one, made `from` so
/// far away, is good enough: to tell that the step was the last, or for steps that cost less than a
/// new one would save. Never without a penalty,
/// where it also has to tell what has no best value.
fn keeps_hessian(objective: &Objective<'_>, aim: Aim, from: f64, distance: f64) -> bool {
    let left = distance * (from + distance);
    let is_last = left <= 0.1 * aim.last_step;
    let near = match objective.parameters() >= MANY {
        true => NEAR,
        false => NEAREST,
    };
    let is_near = from + distance <= near;
    objective.penalty() > 0.0 && (is_last || is_near)
}

/// Without a penalty, rows that are all on the right side prove that there is no best value:
/// doubling the coefficients is always better.
fn refuse_told_apart(
    objective: &Objective<'_>,
    point: &Array1<f64>,
    local: &Local,
) -> Result<(), Unsolved> {
    if !local.is_finite() {
        return Err(Unsolved::NotFinite);
    }
    if objective.penalty() == 0.0 && local.smallest_margin > 0.0 {
        return Err(Unsolved::Separated {
            direction: point.clone(),
            complete: true,
        });
    }
    Ok(())
}

/// The same of a step that came late and is still long.
fn refuse_endless(
    objective: &Objective<'_>,
    direction: &Array1<f64>,
    stop: &AtomicBool,
) -> Result<(), Unsolved> {
    match objective.penalty() == 0.0 {
        true => refuse_separated(objective, direction, stop),
        false => Ok(()),
    }
}

/// Refuses when no row loses along the direction and some gain.
fn refuse_separated(
    objective: &Objective<'_>,
    direction: &Array1<f64>,
    stop: &AtomicBool,
) -> Result<(), Unsolved> {
    let (least, most) = objective
        .margins(direction, stop)
        .ok_or(Unsolved::Stopped)?;
    if most > 0.0 && least >= -BORDER * most {
        let complete = least > BORDER * most;
        return Err(Unsolved::Separated {
            direction: direction.clone(),
            complete,
        });
    }
    Ok(())
}

/// Why a fit without a penalty does not end: a direction that separates, if one of these does.
fn endless(
    objective: &Objective<'_>,
    directions: [Option<&Array1<f64>>; 2],
    stop: &AtomicBool,
) -> Result<Unsolved, Unsolved> {
    if objective.penalty() > 0.0 {
        return Ok(Unsolved::NotFinite);
    }
    for direction in directions.into_iter().flatten() {
        refuse_separated(objective, direction, stop)?;
    }
    Ok(Unsolved::Singular)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, ShapeBuilder};

    use super::*;
    use crate::learning::coding::Coding;
    use crate::learning::descent::largest;
    use crate::learning::fixtures::{Noise, breast_cancer, never, wine};
    use crate::learning::newton_cg;
    use crate::learning::scaler::Scaler;
    use crate::learning::subset::Subset;
    use crate::learning::training_set::Part;

    #[test]
    fn it_arrives_from_far_away() {
        for set in [
            breast_cancer().set("benign", 0.0),
            wine().set("class_0", 0.0),
        ] {
            let subset = Subset::all(set.all());
            let coding = Coding::of(set.classes());
            let objective = Objective::new(subset, &Scaler::fit(set.all()), coding, 1.0, 1);
            let end = |value: f64| {
                let start = Array1::from_elem(objective.parameters(), value);
                let local = objective.at(&start, &never()).unwrap();
                finish(&objective, start, local, Aim::EXACT, &never()).unwrap()
            };
            let (near, far) = (end(0.0), end(30.0));
            assert!(near.converged && far.converged, "{near:?} {far:?}");
            assert!(far.steps > near.steps);
            assert!(largest(&(near.point - far.point)) < 1e-10);
        }
    }

    #[test]
    fn a_kept_hessian_leads_to_the_same_place() {
        let (rows, columns, mut noise) = (3_000, 60, Noise(7));
        let draws = Array2::from_shape_simple_fn((rows, columns).f(), || noise.draw());
        let odds = |row: usize| draws[(row, 0)] - 2.0 * draws[(row, 1)] + draws[(row, 2)];
        let labels: Vec<u16> = (0..rows)
            .map(|row| u16::from(odds(row) + noise.draw() > 0.0))
            .collect();
        let part = Part {
            features: draws.view(),
            labels: &labels,
        };
        let (subset, coding) = (Subset::all(part), Coding::Binary(1));
        let objective = Objective::new(subset, &Scaler::fit(part), coding, 1.0, 2);
        let start = Array1::zeros(objective.parameters());
        let local = objective.at(&start, &never()).unwrap();
        let found = finish(&objective, start.clone(), local, Aim::EXACT, &never()).unwrap();
        assert!(found.converged && found.local.hessian_from > 0.0);
        let local = objective.slope_at(&start, &never()).unwrap();
        let other = newton_cg::finish(&objective, start, local, Aim::EXACT, &never()).unwrap();
        assert!(largest(&(&found.point - &other.point)) < 1e-9);
        let fresh = objective.at(&found.point, &never()).unwrap();
        assert!(fresh.gradient_norm() < 1e-9 * rows as f64);
    }
}
