//! A prediction as it goes over the wire.

use super::answer::{Named, NamedNumbers, PerScore};
use crate::learning::{Contributions, Schema};
use crate::serving::{InstancePrediction, Predictor, ServedModel, WarningKind};
use poem_openapi::Object;
use serde::Serialize;

/// The model version that answered.
#[derive(Debug, Clone, Object, Serialize)]
pub(super) struct ModelReference {
    /// The model's name.
    pub(super) name: String,
    /// The version's number.
    pub(super) version: i32,
}

impl ModelReference {
    pub(super) fn of(model: &ServedModel) -> Self {
        Self {
            name: model.name().to_owned(),
            version: model.number(),
        }
    }
}

/// Something to know about a prediction.
#[derive(Debug, Clone, Object, Serialize)]
pub(super) struct PredictionWarning {
    /// The feature it is about.
    feature: String,
    /// What about it; `outside_training_range` and `imputed` so far.
    kind: String,
    /// The smallest value that the model was trained on.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<f64>,
    /// The largest value that the model was trained on.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<f64>,
    /// The training mean that stood in.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
}

/// The prediction of one instance of a batch.
#[derive(Debug, Clone, Object, Serialize)]
pub(super) struct InstanceAnswer {
    /// The class with the largest probability; ties go to the earlier class.
    label: String,
    /// The probability of the positive class; with two classes only.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    /// The probability of each class; they add up to 1.
    probabilities: NamedNumbers,
    /// The log-odds of the positive class; with two classes only.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    log_odds: Option<f64>,
    /// What each feature adds against the training mean, with `explain=true`: with two classes to
    /// the log-odds, with more to the score of each class.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    contributions: Option<PerScore<NamedNumbers>>,
    /// The log-odds at the training mean, with `explain=true`; with more classes the score of each.
    /// With the contributions it adds up to `log_odds`, or to the scores, whose softmax are the
    /// probabilities.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<PerScore<f64>>,
    /// What to know about this prediction; empty for most.
    warnings: Vec<PredictionWarning>,
    /// The label's place among the classes, for the count.
    #[oai(skip)]
    #[serde(skip)]
    pub(super) place: usize,
}

/// The prediction of one instance.
#[derive(Debug, Clone, Object, Serialize)]
pub(super) struct Prediction {
    #[oai(flatten)]
    #[serde(flatten)]
    pub(super) answer: InstanceAnswer,
    /// The model version that answered.
    model: ModelReference,
}

/// The predictions of a batch.
#[derive(Debug, Clone, Object, Serialize)]
pub(super) struct PredictionBatch {
    /// The model version that answered all of them.
    pub(super) model: ModelReference,
    /// In the order of the instances.
    pub(super) predictions: Vec<InstanceAnswer>,
}

/// Answers one instance with everything the wire shows.
pub(super) fn predict(
    schema: &Schema,
    model: &ServedModel,
    instance: &[f64],
    explain: bool,
) -> Prediction {
    let mut answer = answer(schema, model, instance);
    if explain {
        let scores = Predictor::explain(model, instance);
        answer.baseline = Some(per_score(&scores, |score| score.baseline));
        answer.contributions = Some(per_score(&scores, |score| {
            let names = schema.features().iter().map(|feature| feature.name.clone());
            Named(names.zip(score.per_feature.iter().copied()).collect())
        }));
    }
    Prediction {
        answer,
        model: ModelReference::of(model),
    }
}

/// Answers one instance of a batch.
pub(super) fn answer(schema: &Schema, model: &ServedModel, instance: &[f64]) -> InstanceAnswer {
    let InstancePrediction {
        prediction,
        warnings,
    } = Predictor::predict(model, instance);
    let classes = model.classifier().classes();
    let names = classes.names();
    let two = names.len() == 2;
    let positive = prediction
        .probabilities
        .get(classes.positive_index())
        .copied();
    let warned = warnings
        .into_iter()
        .map(|warning| warning_body(&schema.features()[warning.feature].name, warning.kind));
    InstanceAnswer {
        label: names[prediction.label].clone(),
        probability: positive.filter(|_| two),
        log_odds: prediction.log_odds,
        probabilities: Named(
            names
                .iter()
                .cloned()
                .zip(prediction.probabilities)
                .collect(),
        ),
        contributions: None,
        baseline: None,
        warnings: warned.collect(),
        place: prediction.label,
    }
}

/// Two classes have one score, the log-odds; more have one each.
fn per_score<T>(scores: &[Contributions], value: impl Fn(&Contributions) -> T) -> PerScore<T> {
    match scores {
        [one] => PerScore::One(value(one)),
        _ => {
            let named = scores
                .iter()
                .map(|score| (score.class.clone(), value(score)));
            PerScore::PerClass(Named(named.collect()))
        }
    }
}

fn warning_body(feature: &str, kind: WarningKind) -> PredictionWarning {
    let feature = feature.to_owned();
    match kind {
        WarningKind::OutsideTrainingRange { minimum, maximum } => PredictionWarning {
            feature,
            kind: "outside_training_range".into(),
            minimum: Some(minimum),
            maximum: Some(maximum),
            mean: None,
        },
        WarningKind::Imputed { mean } => PredictionWarning {
            feature,
            kind: "imputed".into(),
            minimum: None,
            maximum: None,
            mean: Some(mean),
        },
    }
}
