//! The answer to an inference: JSON, with the tensors in it or behind it.
//!
//! A binary tensor follows the JSON, in the order of the outputs: numbers little endian, a text as
//! its length in 32 bits, little endian, and its bytes.

use super::outputs::{Computed, Output};
use crate::http::instance_payload::placeholder;
use crate::serving::ServedModel;
use poem::http::HeaderValue;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use serde::Serialize;

/// How long the JSON before the binary tensors is, in bytes.
pub(super) const JSON_LENGTH: &str = "inference-header-content-length";

/// The name under which the document describes the answer; `openapi::open_inference` fills it in.
pub(in crate::http) const INFERENCE_RESPONSE: &str = "InferenceResponse";

/// An answer in its bytes.
#[derive(Debug)]
pub(super) struct InferAnswer {
    body: Vec<u8>,
    /// The length of the JSON, where something follows it.
    json_length: Option<usize>,
}

#[derive(Serialize)]
struct Body<'a> {
    model_name: &'a str,
    model_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    outputs: Vec<Tensor<'a>>,
}

#[derive(Serialize)]
struct Tensor<'a> {
    name: &'static str,
    datatype: &'static str,
    shape: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<BinarySize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Values<'a>>,
}

#[derive(Serialize)]
struct BinarySize {
    binary_data_size: usize,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Values<'a> {
    Texts(Vec<&'a str>),
    Numbers(&'a [f64]),
}

impl Values<'_> {
    /// Appends the binary tensor; gives its size.
    fn append_to(&self, binary: &mut Vec<u8>) -> BinarySize {
        let before = binary.len();
        match self {
            Self::Numbers(numbers) => {
                binary.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
            }
            Self::Texts(texts) => {
                for text in texts {
                    // A body is far smaller than 4 GiB.
                    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
                    binary.extend(length.to_le_bytes());
                    binary.extend(text.as_bytes());
                }
            }
        }
        BinarySize {
            binary_data_size: binary.len() - before,
        }
    }
}

impl InferAnswer {
    /// Writes the wanted outputs.
    pub(super) fn of(
        model: &ServedModel,
        id: Option<String>,
        wanted: &[(Output, bool)],
        computed: &Computed,
    ) -> Self {
        let mut binary = Vec::new();
        let tensors = wanted.iter().map(|(output, as_binary)| {
            let (shape, values) = tensor(model, *output, computed);
            let parameters = as_binary.then(|| values.append_to(&mut binary));
            Tensor {
                name: output.name(),
                datatype: output.datatype(),
                shape,
                data: parameters.is_none().then_some(values),
                parameters,
            }
        });
        let body = Body {
            model_name: model.name(),
            model_version: model.number().to_string(),
            id,
            outputs: tensors.collect(),
        };
        // Only a map with keys that are no strings cannot be written.
        let mut body = serde_json::to_vec(&body).unwrap_or_default();
        let json_length = wanted.iter().any(|(_, as_binary)| *as_binary);
        let json_length = json_length.then_some(body.len());
        body.append(&mut binary);
        Self { body, json_length }
    }
}

fn tensor<'a>(
    model: &'a ServedModel,
    output: Output,
    computed: &'a Computed,
) -> (Vec<usize>, Values<'a>) {
    let (rows, names) = (computed.labels.len(), model.classifier().classes().names());
    match output {
        Output::Predict => {
            let labels = computed.labels.iter();
            let labels = labels.map(|label| names[*label].as_str());
            (vec![rows], Values::Texts(labels.collect()))
        }
        Output::PredictProba => {
            let shape = vec![rows, names.len()];
            (shape, Values::Numbers(&computed.probabilities))
        }
        Output::LogOdds => (vec![rows], Values::Numbers(&computed.log_odds)),
    }
}

impl IntoResponse for InferAnswer {
    fn into_response(self) -> Response {
        let response = Response::builder();
        let response = match self.json_length {
            None => response.content_type("application/json"),
            Some(length) => response
                .content_type("application/octet-stream")
                .header(JSON_LENGTH, HeaderValue::from(length)),
        };
        response.body(self.body)
    }
}

impl ApiResponse for InferAnswer {
    fn meta() -> MetaResponses {
        let content = MetaMediaType {
            content_type: "application/json",
            schema: MetaSchemaRef::Reference(INFERENCE_RESPONSE.to_owned()),
        };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The outputs",
                status: Some(200),
                status_range: None,
                content: vec![content],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        placeholder(registry, INFERENCE_RESPONSE);
    }
}
