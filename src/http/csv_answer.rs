//! Predictions as a CSV: the key if there was one, the label, a probability a class.

use super::instance_csv::CsvInstances;
use crate::serving::{InstancePrediction, Predictor, ServedModel};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};

const CONTENT_TYPE: &str = "text/csv";
/// What a line has no room for goes into the head of the answer.
const MODEL_VERSION: &str = "x-model-version";
const ROWS_WITH_WARNINGS: &str = "x-rows-with-warnings";

/// A 200 as `text/csv`.
#[derive(Debug)]
pub(super) struct CsvAnswer {
    body: Vec<u8>,
    version: i32,
    rows_with_warnings: usize,
    /// Places among the classes, a row.
    pub(super) labels: Vec<usize>,
}

impl CsvAnswer {
    /// Predicts every row; the cells are separated as those of the request.
    pub(super) fn predict(model: &ServedModel, instances: &CsvInstances, features: usize) -> Self {
        let classes = model.classifier().classes().names();
        let mut writer = csv::WriterBuilder::new()
            .delimiter(instances.delimiter)
            .from_writer(Vec::new());
        let (key, keys) = match &instances.key {
            Some((name, keys)) => (Some(name.as_str()), keys.as_slice()),
            None => (None, &[][..]),
        };
        let columns = classes.iter().map(|class| format!("probability_{class}"));
        let header = key.map(str::to_owned).into_iter();
        // Writing to memory does not fail, and every line has as many cells as the header.
        let _ = writer.write_record(header.chain(["label".to_owned()]).chain(columns));
        let (mut rows_with_warnings, mut labels) = (0, Vec::new());
        for (place, row) in instances.rows.values.chunks_exact(features).enumerate() {
            let InstancePrediction {
                prediction,
                warnings,
            } = Predictor::predict(model, row);
            labels.push(prediction.label);
            rows_with_warnings += usize::from(!warnings.is_empty());
            let shares = prediction.probabilities.iter().map(|share| shown(*share));
            let cells = keys.get(place).cloned().into_iter();
            let cells = cells.chain([classes[prediction.label].clone()]);
            let _ = writer.write_record(cells.chain(shares));
        }
        Self {
            body: writer.into_inner().unwrap_or_default(),
            version: model.number(),
            rows_with_warnings,
            labels,
        }
    }
}

/// As in a JSON answer.
fn shown(share: f64) -> String {
    serde_json::Value::from(share).to_string()
}

impl IntoResponse for CsvAnswer {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(CONTENT_TYPE)
            .header(MODEL_VERSION, self.version)
            .header(ROWS_WITH_WARNINGS, self.rows_with_warnings)
            .body(self.body)
    }
}

fn header(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("integer"))),
    }
}

impl ApiResponse for CsvAnswer {
    fn meta() -> MetaResponses {
        let counted = "How many rows have a value outside what the model was trained on, or one that the \
                       training mean stood in for.";
        MetaResponses {
            responses: vec![MetaResponse {
                description: "A line for the header, then one a row in the order of the request: the \
                              key if it was sent, the label, the probability of each class",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: CONTENT_TYPE,
                    schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
                }],
                headers: vec![
                    header(MODEL_VERSION, "The model version that answered every row."),
                    header(ROWS_WITH_WARNINGS, counted),
                ],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}
