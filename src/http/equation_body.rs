//! What was learned, as sums: coefficients with what is known about them.

use crate::learning::{
    CoefficientReport, Contrast, ContrastTerm, EquationReport, Schema, TermInference,
};
use poem_openapi::Object;
use serde::Serialize;

/// The score of a class as a sum: with two classes the log-odds of the positive one.
#[derive(Debug, Clone, Object, Serialize)]
pub(super) struct Equation {
    /// The class.
    class: String,
    /// What is added whatever the features.
    intercept: Intercept,
    /// A feature each, in the schema's order.
    coefficients: Vec<Coefficient>,
}

/// What is added whatever the features.
#[derive(Debug, Clone, Object, Serialize)]
struct Intercept {
    /// In the features' own units.
    coefficient: f64,
    #[oai(flatten)]
    #[serde(flatten)]
    inference: InferenceBody,
}

/// What one unit of a feature adds to the score.
#[derive(Debug, Clone, Object, Serialize)]
struct Coefficient {
    /// The feature.
    feature: String,
    /// A unit of the feature.
    coefficient: f64,
    /// A standard deviation of the feature.
    standardized: f64,
    #[oai(flatten)]
    #[serde(flatten)]
    inference: InferenceBody,
    /// exp of the coefficient, with two classes; absent where it is too large for a double.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    odds_ratio: Option<f64>,
    /// The training mean.
    mean: f64,
    /// The training standard deviation (ddof 0).
    standard_deviation: f64,
}

/// How sure a coefficient is; only without a penalty, since under one it would not be valid.
#[derive(Debug, Clone, Default, Object, Serialize)]
struct InferenceBody {
    /// From the Hessian of the fit without a penalty.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    standard_error: Option<f64>,
    /// The coefficient over its standard error (Wald).
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    z: Option<f64>,
    /// The probability of a z further from 0, if the coefficient were 0.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    p_value: Option<f64>,
    /// The two ends of the 95% interval.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence_interval: Option<Vec<f64>>,
}

/// The log-odds of a class against the first one, with more than two classes.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Contrast")]
pub(super) struct ContrastBody {
    /// The class.
    class: String,
    /// The class that it is held against.
    against: String,
    /// The log-odds where every feature is 0.
    intercept: Intercept,
    /// A feature each, in the schema's order.
    coefficients: Vec<ContrastCoefficient>,
}

/// What one unit of a feature adds to the log-odds of a contrast.
#[derive(Debug, Clone, Object, Serialize)]
struct ContrastCoefficient {
    /// The feature.
    feature: String,
    /// A unit of the feature.
    coefficient: f64,
    #[oai(flatten)]
    #[serde(flatten)]
    inference: InferenceBody,
    /// exp of the coefficient; absent where it is too large for a double.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    odds_ratio: Option<f64>,
}

impl InferenceBody {
    fn of(known: Option<&TermInference>) -> Self {
        known.map_or_else(Self::default, |known| Self {
            standard_error: Some(known.standard_error),
            z: Some(known.z),
            p_value: Some(known.p_value),
            confidence_interval: Some(known.confidence_interval.to_vec()),
        })
    }
}

impl Equation {
    pub(super) fn of(schema: &Schema, shown: &EquationReport) -> Self {
        let features = schema.features().iter().zip(&shown.coefficients);
        let coefficient = |name: &str, shown: &CoefficientReport| Coefficient {
            feature: name.to_owned(),
            coefficient: shown.coefficient,
            standardized: shown.standardized,
            inference: InferenceBody::of(shown.inference.as_ref()),
            odds_ratio: shown.odds_ratio,
            mean: shown.mean,
            standard_deviation: shown.standard_deviation,
        };
        Self {
            class: shown.class.clone(),
            intercept: Intercept {
                coefficient: shown.intercept,
                inference: InferenceBody::of(shown.intercept_inference.as_ref()),
            },
            coefficients: features
                .map(|(feature, shown)| coefficient(&feature.name, shown))
                .collect(),
        }
    }
}

impl ContrastBody {
    pub(super) fn of(schema: &Schema, shown: &Contrast) -> Self {
        let features = schema.features().iter().zip(&shown.coefficients);
        let coefficient = |name: &str, shown: &ContrastTerm| ContrastCoefficient {
            feature: name.to_owned(),
            coefficient: shown.coefficient,
            inference: InferenceBody::of(shown.inference.as_ref()),
            odds_ratio: shown.odds_ratio,
        };
        Self {
            class: shown.class.clone(),
            against: shown.against.clone(),
            intercept: Intercept {
                coefficient: shown.intercept.coefficient,
                inference: InferenceBody::of(shown.intercept.inference.as_ref()),
            },
            coefficients: features
                .map(|(feature, shown)| coefficient(&feature.name, shown))
                .collect(),
        }
    }
}
