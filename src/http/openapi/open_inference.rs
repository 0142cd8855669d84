//! What the document says of the Open Inference Protocol: tensors of anything, open to members that
//! the protocol does not know, and problems in the protocol's form.

use super::examples::{classes, prediction};
use crate::http::error_codes::ErrorCode;
use crate::http::open_inference::{INFERENCE_REQUEST, INFERENCE_RESPONSE};
use crate::learning::Schema;
use serde_json::{Value, json};

/// The tag by which generators leave these calls out.
pub(super) const TAG: &str = "open-inference";

/// Whether an operation is one of the protocol's.
pub(super) fn is_of_protocol(operation: &Value) -> bool {
    operation["tags"][0] == TAG
}

/// What may go wrong with an operation of the protocol beside what may with any.
pub(super) fn codes(operation: &str) -> &'static [ErrorCode] {
    use ErrorCode::{Internal, InvalidInstance, InvalidParameter, ModelNotReady, NotFound};
    match operation.strip_prefix("open_inference_") {
        Some("infer" | "infer_version") => {
            &[InvalidInstance, InvalidParameter, NotFound, ModelNotReady]
        }
        Some("model" | "model_version" | "model_ready" | "model_version_ready") => {
            &[NotFound, ModelNotReady]
        }
        Some("ready") => &[Internal, ModelNotReady],
        Some("live") => &[Internal],
        _ => &[],
    }
}

/// Describes the bodies of an inference.
pub(super) fn describe(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    schemas[INFERENCE_REQUEST] = request_schema();
    schemas["InferenceInput"] = input_schema();
    schemas["InferenceWantedOutput"] = json!({
        "type": "object", "description": "An output that is wanted.", "required": ["name"],
        "properties": {
            "name": {"type": "string", "description": "`predict`, `predict_proba` or `log_odds`."},
            "parameters": or_null(anything()),
        },
    });
    schemas[INFERENCE_RESPONSE] = response_schema();
    schemas["InferenceOutput"] = tensor(
        "An output.",
        "Its values, flat; absent where they follow as a binary tensor.",
    );
}

fn anything() -> Value {
    json!({"type": "object", "description": "What the protocol leaves open.",
        "additionalProperties": {}})
}

/// What may be absent from a request may be null too.
fn or_null(mut schema: Value) -> Value {
    schema["nullable"] = true.into();
    schema
}

fn input_schema() -> Value {
    let mut schema = tensor(
        "A tensor of features.",
        "Its values, flat in row-major order or an array a row; absent where they follow as a binary \
            tensor.",
    );
    let members = &mut schema["properties"];
    members["shape"]["items"]["minimum"] = 0.into();
    members["parameters"] = or_null(anything());
    schema
}

fn tensor(what: &str, values: &str) -> Value {
    json!({
        "type": "object", "description": what, "required": ["name", "datatype", "shape"],
        "properties": {
            "name": {"type": "string", "description": "Its name."},
            "datatype": {"type": "string", "description": "The type of its values."},
            "shape": {"type": "array", "description": "Its sizes.",
                "items": {"type": "integer", "format": "int64"}},
            "parameters": anything(),
            "data": {"type": "array", "description": values, "items": {}},
        },
    })
}

fn request_schema() -> Value {
    json!({
        "type": "object",
        "description": "Tensors of features, and which outputs are wanted.",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string", "nullable": true, "description": "Comes back with the answer."},
            "parameters": or_null(anything()),
            "inputs": {"type": "array", "minItems": 1, "description": "One tensor with all features in the order \
                of the metadata, or one a feature.",
                "items": {"$ref": "#/components/schemas/InferenceInput"}},
            "outputs": {"type": "array", "nullable": true,
                "description": "What is wanted; without any, everything.",
                "items": {"$ref": "#/components/schemas/InferenceWantedOutput"}},
        },
    })
}

fn response_schema() -> Value {
    json!({
        "type": "object",
        "description": "The outputs, by the version that is named.",
        "required": ["model_name", "model_version", "outputs"],
        "properties": {
            "model_name": {"type": "string", "description": "The model's name."},
            "model_version": {"type": "string", "description": "The version that answered."},
            "id": {"type": "string", "description": "The request's."},
            "outputs": {"type": "array", "description": "In the order in which they were wanted.",
                "items": {"$ref": "#/components/schemas/InferenceOutput"}},
        },
    })
}

/// The problem with the protocol's `error`.
pub(super) fn problem_schema(problem: &Value) -> Value {
    let mut schema = problem.clone();
    schema["description"] = "What went wrong, with the protocol's `error`.".into();
    schema["properties"]["error"] = json!({"type": "string", "description": "The same in a line."});
    if let Some(required) = schema["required"].as_array_mut() {
        required.push("error".into());
    }
    schema
}

/// Examples for the parameters of a path.
pub(super) fn example_parameters(operation: &mut Value, model: &str) {
    let parameters = operation.get_mut("parameters");
    let parameters = parameters.and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let example: Value = match parameter["name"].as_str() {
            Some("model") => model.into(),
            Some("version") => 1.into(),
            _ => continue,
        };
        parameter["example"] = example;
    }
}

/// One packed row of examples.
pub(super) fn request(schema: &Schema) -> Value {
    let features = schema.features().iter();
    let values: Vec<f64> = features.map(|feature| feature.example_value()).collect();
    json!({
        "id": "7",
        "inputs": [{"name": "instances", "datatype": "FP64", "shape": [1, values.len()],
            "data": values}],
        "outputs": [{"name": "predict"}, {"name": "predict_proba"}],
    })
}

/// The answer to each operation.
pub(super) fn answer(id: &str, model: &str, schema: &Schema) -> Option<Value> {
    let answer = match id.strip_prefix("open_inference_")? {
        "server" => json!({"name": "logitd", "version": env!("CARGO_PKG_VERSION"),
            "extensions": ["binary_tensor_data"]}),
        "live" => json!({"live": true}),
        "ready" => json!({"ready": true}),
        "models" => json!({"models": [model]}),
        "model_ready" | "model_version_ready" => json!({"name": model, "ready": true}),
        "infer" | "infer_version" => inferred(model, schema),
        _ => metadata(model, schema),
    };
    Some(answer)
}

fn metadata(model: &str, schema: &Schema) -> Value {
    let (classes, _) = classes(schema);
    let inputs = schema.features().iter();
    let inputs =
        inputs.map(|feature| json!({"name": feature.name, "datatype": "FP64", "shape": [-1]}));
    json!({
        "name": model, "versions": ["1"], "platform": "logitd_logistic_regression",
        "inputs": inputs.collect::<Value>(),
        "outputs": [
            {"name": "predict", "datatype": "BYTES", "shape": [-1]},
            {"name": "predict_proba", "datatype": "FP64", "shape": [-1, classes.len()],
                "labels": classes},
        ],
    })
}

fn inferred(model: &str, schema: &Schema) -> Value {
    let prediction = prediction(schema);
    let shares = prediction["probabilities"].as_object();
    let shares: Vec<&Value> = shares
        .into_iter()
        .flatten()
        .map(|(_, share)| share)
        .collect();
    json!({
        "model_name": model, "model_version": "1", "id": "7",
        "outputs": [
            {"name": "predict", "datatype": "BYTES", "shape": [1], "data": [prediction["label"]]},
            {"name": "predict_proba", "datatype": "FP64", "shape": [1, shares.len()],
                "data": shares},
        ],
    })
}
