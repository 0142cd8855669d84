//! What a Newton step multiplies the gradient by: the inverse of a Hessian, mended by what the steps
//! since have told.
//!
//! Shape: a Cholesky factor, and for each step taken since it was made how far the point and the
//! gradient moved; a step takes them in by the two loops of L-BFGS about the factor (Nocedal and
//! Wright, Numerical Optimization, 7.4). A pass for the gradient alone costs a fraction of one for a
//! new Hessian, and each leaves less for the next. Concurrency: single owner. Turned down: L-BFGS
//! from a multiple of the identity (several tens of passes where columns go together).

use ndarray::{Array1, Array2};

use super::cholesky::Factor;
use super::descent::{Unsolved, relative};
use super::objective::{Local, Objective};

/// A direction, and whether it is Newton's own.
pub(super) struct Step {
    pub(super) by: Array1<f64>,
    exact: bool,
}

impl Step {
    /// A damped step tells no distance.
    pub(super) fn length_at(&self, point: &Array1<f64>) -> f64 {
        if self.exact {
            relative(&self.by, point)
        } else {
            f64::INFINITY
        }
    }
}

/// The inverse, as far as it is known.
pub(super) struct Inverse {
    factor: Factor,
    exact: bool,
    since: Vec<Moved>,
}

/// How far a step moved the point and the gradient.
struct Moved {
    point: Array1<f64>,
    gradient: Array1<f64>,
    /// Of the two; above 0.
    product: f64,
}

impl Inverse {
    /// Of the Hessian about a point; `None` when it has no inverse. Under a penalty it is damped
    /// first.
    pub(super) fn of(objective: &Objective<'_>, local: &Local) -> Result<Option<Self>, Unsolved> {
        let hessian = filled(objective, &local.hessian);
        let solves = |factor: &Factor| factor.solve(&local.gradient).is_some();
        let of = |factor, exact| Self {
            factor,
            exact,
            since: Vec::new(),
        };
        if let Some(factor) = Factor::of(hessian.clone()).filter(solves) {
            return Ok(Some(of(factor, true)));
        }
        if objective.penalty() == 0.0 {
            return Ok(None);
        }
        // A penalty too small to be seen beside the rest: lengthen the diagonal until it is seen.
        let mut damping = 1e-12
            * hessian
                .diag()
                .fold(0.0, |most: f64, value| most.max(*value));
        for _ in 0..16 {
            let mut damped = hessian.clone();
            damped.diag_mut().mapv_inplace(|value| value + damping);
            if let Some(factor) = Factor::of(damped).filter(solves) {
                return Ok(Some(of(factor, false)));
            }
            damping *= 10.0;
        }
        Err(Unsolved::NotFinite)
    }

    /// Newton's step; `None` when it leaves the finite numbers.
    pub(super) fn step(&self, gradient: &Array1<f64>) -> Option<Step> {
        let mut left = -gradient;
        let mut taken = Vec::with_capacity(self.since.len());
        for moved in self.since.iter().rev() {
            let share = moved.point.dot(&left) / moved.product;
            left.scaled_add(-share, &moved.gradient);
            taken.push(share);
        }
        let mut by = self.factor.solve(&left)?;
        for (moved, share) in self.since.iter().zip(taken.into_iter().rev()) {
            let own = moved.gradient.dot(&by) / moved.product;
            by.scaled_add(share - own, &moved.point);
        }
        let exact = self.exact;
        by.iter()
            .all(|value| value.is_finite())
            .then_some(Step { by, exact })
    }

    /// The same after a step that moved point and gradient so far.
    pub(super) fn taught(mut self, point: Array1<f64>, gradient: Array1<f64>) -> Self {
        let product = point.dot(&gradient);
        let lengths = (point.dot(&point) * gradient.dot(&gradient)).sqrt();
        // Where rounding is all that moved it teaches nothing.
        if product > f64::EPSILON * lengths {
            self.since.push(Moved {
                point,
                gradient,
                product,
            });
        }
        self
    }
}

/// The Hessian with an entry on the diagonal of features that do not vary: their rows and gradients
/// are 0, so any entry leaves their coefficients at 0.
pub(super) fn filled(objective: &Objective<'_>, hessian: &Array2<f64>) -> Array2<f64> {
    let mut hessian = hessian.clone();
    for at in objective.coefficients() {
        if !objective.varies(at % objective.terms()) {
            hessian[(at, at)] += 1.0;
        }
    }
    hessian
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::coding::Coding;
    use crate::learning::descent::largest;
    use crate::learning::fixtures::{breast_cancer, never};
    use crate::learning::scaler::Scaler;
    use crate::learning::subset::Subset;

    #[test]
    fn a_step_since_is_what_the_next_one_goes_by() {
        let set = breast_cancer().set("benign", 0.0);
        let (subset, coding) = (Subset::all(set.all()), Coding::of(set.classes()));
        let objective = Objective::new(subset, &Scaler::fit(set.all()), coding, 1.0, 1);
        let at = |value: f64| {
            let point = Array1::from_elem(objective.parameters(), value);
            objective.at(&point, &never()).unwrap()
        };
        let (here, there) = (at(0.0), at(0.1));
        let moved = Array1::from_elem(objective.parameters(), 0.1);
        let change = &there.gradient - &here.gradient;
        let inverse = Inverse::of(&objective, &here).unwrap().unwrap();
        let before = inverse.step(&-&change).unwrap().by;
        // What it was taught it says (the secant equation), and without that it would not.
        let taught = inverse.taught(moved.clone(), change.clone());
        let after = taught.step(&-&change).unwrap().by;
        assert!(largest(&(after - &moved)) < 1e-12);
        assert!(largest(&(before - &moved)) > 1e-3);
        assert_eq!(taught.since.len(), 1);
        let zeros = Array1::zeros(objective.parameters());
        assert_eq!(taught.taught(zeros.clone(), zeros).since.len(), 1);
    }
}
