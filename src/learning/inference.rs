//! How sure a fit without a penalty is of its coefficients.
//!
//! Shape: the inverse of the Hessian is the coefficients' covariance (the observed information,
//! which for this model is the expected one; McCullagh and Nelder, Generalized Linear Models, 4.4),
//! taken from the parameters of the fit to a class (two) or to the difference of two classes
//! (more), and from standard deviations to the features' own units. Concurrency: pure. Turned down:
//! the same under a penalty (the estimates are biased on purpose, so the intervals would not cover
//! what they claim), and the sandwich estimator.

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::cholesky::Factor;
use super::classes::Classes;
use super::classifier::Classifier;
use super::coefficients::EquationReport;
use super::descent::Solution;
use super::inverse::filled;
use super::normal::{QUANTILE_975, two_sided_p};
use super::objective::Objective;
use super::scaler::Scaler;

/// What is known about one coefficient or constant, in the feature's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermInference {
    /// Its standard error.
    pub standard_error: f64,
    /// It over its standard error (Wald).
    pub z: f64,
    /// Probability of a `z` further from 0 if it were 0, by the normal distribution.
    pub p_value: f64,
    /// 95% interval, by the normal distribution.
    pub confidence_interval: [f64; 2],
}

/// What is known about a fit's coefficients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inference {
    /// Two classes: of the positive class's equation, one a feature and the intercept last; `None`
    /// for a feature that did not vary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equation: Vec<Option<TermInference>>,
    /// More classes: each against the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contrasts: Vec<Contrast>,
}

/// The log-odds of one class against another, as statsmodels' MNLogit prints them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contrast {
    /// The class.
    pub class: String,
    /// The class it is held against: the first.
    pub against: String,
    /// The log-odds where every feature is 0.
    pub intercept: ContrastTerm,
    /// One a feature, in the schema's order.
    pub coefficients: Vec<ContrastTerm>,
}

/// One number of a [`Contrast`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContrastTerm {
    /// Change of the log-odds per unit of the feature; 0 for one that did not vary.
    pub coefficient: f64,
    /// `exp(coefficient)`; absent where it is too large for a double.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odds_ratio: Option<f64>,
    /// Absent for a feature that did not vary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inference: Option<TermInference>,
}

/// Of a solution without a penalty; `None` when its Hessian has no inverse.
pub(super) fn infer(
    objective: &Objective<'_>,
    solution: &Solution,
    classifier: &Classifier,
    scaler: &Scaler,
) -> Option<Inference> {
    let covariance = Factor::of(filled(objective, &solution.local.hessian))?.inverse()?;
    let classes = classifier.classes();
    let errors = |class: usize, against: Option<usize>| {
        let weights = weights(objective, class, against);
        standard_errors(objective, scaler, &covariance, &weights)
    };
    let raw: Vec<Vec<f64>> = classifier.equations().iter().map(raw_terms).collect();
    if classes.len() == 2 {
        let errors = errors(classes.positive_index(), None);
        let terms = raw[0].iter().zip(errors);
        let equation = terms.map(|(value, error)| Some(TermInference::of(*value, error?)));
        return Some(Inference {
            equation: equation.collect(),
            contrasts: Vec::new(),
        });
    }
    let contrast = |class: usize| {
        let values = raw[class]
            .iter()
            .zip(&raw[0])
            .map(|(own, first)| own - first);
        Contrast::of(classes, class, values.collect(), errors(class, Some(0)))
    };
    Some(Inference {
        equation: Vec::new(),
        contrasts: (1..classes.len()).map(contrast).collect(),
    })
}

/// Coefficients in the features' own units, the intercept last.
fn raw_terms(equation: &EquationReport) -> Vec<f64> {
    let coefficients = equation.coefficients.iter().map(|term| term.coefficient);
    coefficients.chain([equation.intercept]).collect()
}

/// The weight of each fitted equation in a class's score, or in its difference to another's.
fn weights(objective: &Objective<'_>, class: usize, against: Option<usize>) -> Vec<f64> {
    let coding = objective.coding();
    let other = |equation| against.map_or(0.0, |against| coding.entry(against, equation));
    (0..coding.equations())
        .map(|at| coding.entry(class, at) - other(at))
        .collect()
}

/// One a feature, in its own unit, and the intercept's last; `None` for one that does not vary.
fn standard_errors(
    objective: &Objective<'_>,
    scaler: &Scaler,
    covariance: &Array2<f64>,
    weights: &[f64],
) -> Vec<Option<f64>> {
    let terms = objective.terms();
    let between = |one: usize, two: usize| -> f64 {
        let pairs = weights.iter().enumerate().flat_map(|(left, by)| {
            weights
                .iter()
                .enumerate()
                .map(move |(right, with)| (left, right, by * with))
        });
        pairs
            .map(|(left, right, by)| by * covariance[(left * terms + one, right * terms + two)])
            .sum()
    };
    let mut errors: Vec<Option<f64>> = (0..terms - 1)
        .map(|feature| {
            let deviation = scaler.deviations()[feature];
            objective
                .varies(feature)
                .then(|| between(feature, feature).sqrt() / deviation)
        })
        .collect();
    // The intercept in own units: the constant less the sum of coefficient times mean / deviation.
    let shift = |feature: usize| match objective.varies(feature) {
        true => -scaler.means()[feature] / scaler.deviations()[feature],
        false => 0.0,
    };
    let shifts: Array1<f64> = (0..terms - 1).map(shift).chain([1.0]).collect();
    let matrix = Array2::from_shape_fn((terms, terms), |(one, two)| between(one, two));
    errors.push(Some(shifts.dot(&matrix.dot(&shifts)).max(0.0).sqrt()));
    errors
}

impl TermInference {
    fn of(value: f64, standard_error: f64) -> Self {
        let (z, reach) = (value / standard_error, QUANTILE_975 * standard_error);
        Self {
            standard_error,
            z,
            p_value: two_sided_p(z),
            confidence_interval: [value - reach, value + reach],
        }
    }
}

impl Contrast {
    fn of(classes: &Classes, class: usize, values: Vec<f64>, errors: Vec<Option<f64>>) -> Self {
        let term = |(value, error): (f64, Option<f64>)| ContrastTerm {
            coefficient: value,
            odds_ratio: Some(value.exp()).filter(|ratio| ratio.is_finite()),
            inference: error.map(|error| TermInference::of(value, error)),
        };
        let mut terms: Vec<ContrastTerm> = values.into_iter().zip(errors).map(term).collect();
        let none = ContrastTerm {
            coefficient: 0.0,
            odds_ratio: None,
            inference: None,
        };
        Self {
            class: classes.names()[class].clone(),
            against: classes.names()[0].clone(),
            intercept: terms.pop().unwrap_or(none),
            coefficients: terms,
        }
    }
}
