//! The call that shows what an instance must look like.

use super::answer::JsonAnswer;
use super::model_version_body::positive;
use super::openapi::ApiTag;
use super::prediction_body::ModelReference;
use super::state::ApiState;
use crate::learning::{Feature, FeatureProfile, Missing};
use crate::serving::ServedModel;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

/// What an instance must look like, and what the training data looked like.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "Schema")]
struct SchemaBody {
    /// The model that answers; absent until one is loaded.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<ModelReference>,
    /// The column that is predicted.
    target: String,
    /// Every class, in order; absent until they are configured or learned.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    classes: Option<Vec<String>>,
    /// The class whose probability is `probability`; with two classes only.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    positive: Option<String>,
    /// The features, in order.
    features: Vec<FeatureBody>,
    /// Of target, features and how missing values are taken.
    fingerprint: String,
}

/// One feature.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Feature")]
pub(super) struct FeatureBody {
    /// Its name.
    name: String,
    /// What it is.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Its unit.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    /// The smallest value taken.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<f64>,
    /// The largest value taken.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<f64>,
    /// A value to try.
    example: f64,
    /// What becomes of an instance without it: `reject`, or `mean` (the training mean stands in).
    missing: String,
    /// What the rows of the served fit looked like; absent until a model is loaded.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<TrainingRange>,
}

/// What the rows of the served fit looked like.
#[derive(Debug, Clone, Object, Serialize)]
struct TrainingRange {
    /// Rows with a value.
    count: u64,
    /// Rows without.
    missing: u64,
    /// Their mean.
    mean: f64,
    /// Their standard deviation (ddof 0).
    standard_deviation: f64,
    /// The smallest value; a prediction below it carries a warning.
    minimum: f64,
    /// The largest value; a prediction above it carries a warning.
    maximum: f64,
    /// The quantiles 0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99 and 1.
    quantiles: Vec<QuantileBody>,
    /// Rows over twenty bins of equal width; absent where no row has a value.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    histogram: Option<HistogramBody>,
}

/// A value, and the share of the rows that are not above it.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Quantile")]
struct QuantileBody {
    /// The share.
    probability: f64,
    /// The value.
    value: f64,
}

/// Rows over bins of equal width.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Histogram")]
struct HistogramBody {
    /// One more than bins.
    edges: Vec<f64>,
    /// Rows, a bin.
    rows: Vec<u64>,
}

pub(super) struct SchemaApi;

#[OpenApi(tag = "ApiTag::Models")]
impl SchemaApi {
    /// Show the schema
    ///
    /// The features in order with their bounds and units, the classes, and what the training data
    /// looked like. It is answered without the database.
    #[oai(path = "/v1/schema", method = "get", operation_id = "get_schema")]
    async fn get_schema(&self, state: Data<&ApiState>) -> JsonAnswer<SchemaBody> {
        let schema = &state.schema;
        let model = state.predictor.model();
        let learned = model.as_ref().map(|model| model.classifier().classes());
        let configured = || schema.classes().map(<[String]>::to_vec);
        let profile = |index: usize| {
            model
                .as_deref()
                .and_then(|model: &ServedModel| model.feature_profiles().get(index))
        };
        let features = schema.features().iter().enumerate();
        JsonAnswer(SchemaBody {
            model: model.as_deref().map(ModelReference::of),
            target: schema.target().to_owned(),
            classes: learned
                .map(|classes| classes.names().to_vec())
                .or_else(configured),
            positive: match learned {
                Some(classes) => positive(classes),
                None => schema.positive().map(str::to_owned),
            },
            features: features
                .map(|(index, feature)| FeatureBody::of(feature, profile(index)))
                .collect(),
            fingerprint: schema.fingerprint(),
        })
    }
}

impl FeatureBody {
    /// As configured, and what the rows of a fit looked like.
    pub(super) fn of(feature: &Feature, profile: Option<&FeatureProfile>) -> Self {
        Self {
            name: feature.name.clone(),
            description: feature.description.clone(),
            unit: feature.unit.clone(),
            minimum: feature.minimum,
            maximum: feature.maximum,
            example: feature.example_value(),
            missing: match feature.missing {
                Missing::Reject => "reject".into(),
                Missing::Mean => "mean".into(),
            },
            training: profile.map(range),
        }
    }
}

fn range(profile: &FeatureProfile) -> TrainingRange {
    let quantiles = profile.quantiles.iter().map(|quantile| QuantileBody {
        probability: quantile.probability,
        value: quantile.value,
    });
    TrainingRange {
        count: profile.count,
        missing: profile.missing,
        mean: profile.mean,
        standard_deviation: profile.standard_deviation,
        minimum: profile.minimum,
        maximum: profile.maximum,
        quantiles: quantiles.collect(),
        histogram: profile.histogram.as_ref().map(|histogram| HistogramBody {
            edges: histogram.edges.clone(),
            rows: histogram.rows.clone(),
        }),
    }
}
