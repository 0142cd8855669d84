//! What the server and its model are, in the protocol's words.

use super::outputs::Output;
use crate::learning::Schema;
use crate::serving::ServedModel;
use poem_openapi::Object;
use serde::Serialize;

/// The process answers.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "OpenInferenceLive")]
pub(super) struct Live {
    /// Always true: a process that is not live does not answer.
    pub(super) live: bool,
}

/// Requests may come.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "OpenInferenceReady")]
pub(super) struct Ready {
    /// Always true: what is not ready answers 503.
    pub(super) ready: bool,
}

/// The model answers.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "OpenInferenceModelReady")]
pub(super) struct ModelReady {
    /// The model's name.
    pub(super) name: String,
    /// Always true: what is not ready answers 503.
    pub(super) ready: bool,
}

/// What answers.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "OpenInferenceServer")]
pub(super) struct ServerMetadata {
    /// `logitd`.
    name: String,
    /// logitd's version.
    version: String,
    /// What it can beyond the protocol: `binary_tensor_data`.
    extensions: Vec<String>,
}

impl ServerMetadata {
    pub(super) fn of_this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            extensions: vec!["binary_tensor_data".into()],
        }
    }
}

/// The models of this service: one.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "OpenInferenceModels")]
pub(super) struct ModelNames {
    /// Their names.
    pub(super) models: Vec<String>,
}

/// What a model takes and gives.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "OpenInferenceModel")]
pub(super) struct ModelMetadata {
    /// The model's name.
    name: String,
    /// The version that serves, alone: no other can be asked.
    versions: Vec<String>,
    /// `logitd_logistic_regression`.
    platform: String,
    /// A tensor a feature, in order; a single tensor `[n, features]` of all of them will do too.
    inputs: Vec<TensorMetadata>,
    /// What can be asked for.
    outputs: Vec<TensorMetadata>,
}

/// A tensor.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "OpenInferenceTensor")]
struct TensorMetadata {
    /// Its name.
    name: String,
    /// The type of its values.
    datatype: String,
    /// Its sizes; -1 is as many as there are rows.
    shape: Vec<i64>,
    /// The classes, in the order of the last dimension, where it is theirs.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<String>>,
}

const ANY: i64 = -1;

impl ModelMetadata {
    pub(super) fn of(schema: &Schema, model: &ServedModel) -> Self {
        let inputs = schema.features().iter().map(|feature| TensorMetadata {
            name: feature.name.clone(),
            datatype: "FP64".into(),
            shape: vec![ANY],
            labels: None,
        });
        let classes = model.classifier().classes();
        let outputs = Output::of(classes).iter().map(|output| {
            let per_class = *output == Output::PredictProba;
            let classes_size = i64::try_from(classes.len()).unwrap_or(ANY);
            TensorMetadata {
                name: output.name().into(),
                datatype: output.datatype().into(),
                shape: match per_class {
                    true => vec![ANY, classes_size],
                    false => vec![ANY],
                },
                labels: per_class.then(|| classes.names().to_vec()),
            }
        });
        Self {
            name: model.name().to_owned(),
            versions: vec![model.number().to_string()],
            platform: "logitd_logistic_regression".into(),
            inputs: inputs.collect(),
            outputs: outputs.collect(),
        }
    }
}
