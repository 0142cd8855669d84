//! What generated clients need and poem-openapi does not write.

use super::document::operations;
use serde_json::{Value, json};

/// Sets of values that may grow: told as such, since a closed enumeration breaks old clients.
const EXTENSIBLE: [(&str, &str, &[&str]); 5] = [
    (
        "PredictionWarning",
        "kind",
        &["outside_training_range", "imputed"],
    ),
    ("HealthReport", "status", &["ok"]),
    ("HealthCheck", "state", &["up", "warning", "down"]),
    ("Feature", "missing", &["reject", "mean"]),
    ("SplitBody", "rule", &["hash"]),
];

/// Applies every rule to the document.
pub(super) fn tidy(document: &mut Value) {
    for (schema, property, values) in EXTENSIBLE {
        document["components"]["schemas"][schema]["properties"][property]["x-extensible-enum"] =
            json!(values);
    }
    document["components"]["schemas"]["ModelVersion"]["properties"]["created_at"]["format"] =
        "date-time".into();
    let version = &mut document["paths"]["/v1/models/{version}"]["get"]["parameters"][0];
    version["schema"] = json!({"type": "integer", "format": "int32", "minimum": 1});
    let limit = &mut document["paths"]["/v1/models"]["get"]["parameters"][0];
    limit["schema"] = json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 20});
    let explain = &mut document["paths"]["/v1/predict"]["post"]["parameters"][0];
    explain["schema"] = json!({"type": "boolean", "default": false});
    for (_, _, operation) in operations(document) {
        name_the_request_id(operation);
    }
    drop_empty_lists(document);
}

/// Every answer carries the request's id.
fn name_the_request_id(operation: &mut Value) {
    for response in operation["responses"].as_object_mut().into_iter().flatten() {
        response.1["headers"]["x-request-id"] = json!({
            "description": "The request's id, for the log.",
            "schema": {"type": "string"},
        });
    }
}

/// An empty `required` is not valid, an empty `parameters` or `headers` says nothing.
fn drop_empty_lists(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, member| {
                !(matches!(name.as_str(), "required" | "parameters") && *member == json!([]))
            });
            members.values_mut().for_each(drop_empty_lists);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_empty_lists),
        _ => {}
    }
}
