//! Coefficients for a reader, in the features' own units.
//!
//! Shape: derived from the standardised equation, never computed with. With `b` per standard
//! deviation, mean `m` and deviation `s`: the coefficient is `b / s`, and the intercept the baseline
//! less the sum of `b m / s`. Concurrency: pure. Turned down: predicting from these (where a mean
//! is large against its deviation the intercept cancels digits away).

use serde::{Deserialize, Serialize};

use super::classifier::Equation;
use super::inference::TermInference;
use super::scaler::Scaler;

/// The log-odds of one class as a sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EquationReport {
    /// The class whose log-odds it is.
    pub class: String,
    /// The log-odds where every feature is 0.
    pub intercept: f64,
    /// What is known about the intercept; only without a penalty, with two classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intercept_inference: Option<TermInference>,
    /// One a feature, in the schema's order.
    pub coefficients: Vec<CoefficientReport>,
}

/// What one feature does to the log-odds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoefficientReport {
    /// Change of the log-odds per unit of the feature; 0 for one that did not vary.
    pub coefficient: f64,
    /// Change of the log-odds per standard deviation of the feature.
    pub standardized: f64,
    /// `exp(coefficient)`: the factor on the odds per unit; absent where it is too large for a
    /// double, and with more than two classes (a score there is no log-odds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odds_ratio: Option<f64>,
    /// The training mean, in the feature's own unit.
    pub mean: f64,
    /// The training standard deviation (ddof 0), in the feature's own unit.
    pub standard_deviation: f64,
    /// What is known about the coefficient; only without a penalty, with two classes, and not for
    /// a feature that did not vary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inference: Option<TermInference>,
}

impl EquationReport {
    pub(super) fn of(class: &str, scaler: &Scaler, equation: &Equation, with_odds: bool) -> Self {
        let mut intercept = equation.baseline;
        let mut coefficients = Vec::with_capacity(equation.standardized.len());
        for (feature, standardized) in equation.standardized.iter().copied().enumerate() {
            let (mean, deviation) = (scaler.means[feature], scaler.deviations[feature]);
            let (mut coefficient, mut shift) = (0.0, 0.0);
            if deviation > 0.0 {
                coefficient = standardized / deviation;
                shift = standardized * (mean / deviation);
            }
            intercept -= shift;
            coefficients.push(CoefficientReport {
                coefficient,
                standardized,
                odds_ratio: Some(coefficient.exp()).filter(|ratio| with_odds && ratio.is_finite()),
                mean,
                standard_deviation: deviation,
                inference: None,
            });
        }
        Self {
            class: class.to_owned(),
            intercept,
            intercept_inference: None,
            coefficients,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_an_equation_agree() {
        let scaler = Scaler {
            means: vec![3.0, 5.0, 1.0],
            deviations: vec![2.0, 0.0, 1e-9],
        };
        let equation = Equation {
            baseline: 0.25,
            standardized: vec![-1.5, 0.0, 2.0],
        };
        let report = EquationReport::of("yes", &scaler, &equation, true);
        assert_eq!(report.coefficients[0].coefficient, -0.75);
        assert_eq!(report.coefficients[0].odds_ratio, Some((-0.75_f64).exp()));
        assert_eq!(report.coefficients[1].coefficient, 0.0);
        assert_eq!(report.coefficients[2].odds_ratio, None);
        assert_eq!(report.intercept, 0.25 + 0.75 * 3.0 - 2.0 / 1e-9);
        assert!(!serde_json::to_string(&report).unwrap().contains("null"));
    }
}
