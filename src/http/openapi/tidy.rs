//! What generated clients need and poem-openapi does not write.

use super::document::operations;
use super::features::flag;
use super::tags;
use crate::http::error_codes;
use serde_json::{Value, json};

/// Sets of values that may grow, by a pointer below the schemas: told as such, since a closed
/// enumeration breaks old clients.
const EXTENSIBLE: [(&str, &[&str]); 16] = [
    (
        "PredictionWarning/properties/kind",
        &["outside_training_range", "imputed"],
    ),
    ("HealthReport/properties/status", &["ok"]),
    (
        "HealthCheck/properties/name",
        &["model", "store", "dataset", "training", "keys"],
    ),
    ("HealthCheck/properties/state", &["up", "warning", "down"]),
    ("Feature/properties/missing", &["reject", "mean"]),
    ("ModelWarning/properties/code", WARNINGS),
    ("CardWarning/properties/code", WARNINGS),
    ("CardRun/properties/trigger", TRIGGERS),
    ("Split/properties/rule", &["hash"]),
    (
        "Deployment/properties/action",
        &["promote", "roll_back", "pin", "unpin"],
    ),
    ("TrainingRun/properties/trigger", TRIGGERS),
    ("CoveredTrigger/properties/trigger", TRIGGERS),
    (
        "TrainingRun/properties/status",
        &[
            "queued",
            "running",
            "promoted",
            "kept",
            "failed",
            "cancelled",
            "skipped",
        ],
    ),
    (
        "TrainingRun/properties/step",
        &[
            "read", "search", "fit", "evaluate", "refit", "profile", "judge", "publish",
        ],
    ),
    (
        "RunError/properties/code",
        &["not_trainable", "store_unavailable", "internal"],
    ),
    ("GateDecision/properties/decision", &["promoted", "kept"]),
];

/// Why a run is made.
const TRIGGERS: &[&str] = &["schedule", "request", "start", "new_rows", "command"];

/// What a version can be warned of.
const WARNINGS: &[&str] = &[
    "not_converged",
    "constant_feature",
    "duplicated_columns",
    "dependent_columns",
    "separated",
    "imbalanced_classes",
    "range_ruled_by_one_row",
    "penalised_no_inference",
    "class_missing_from_held_out",
    "not_better_than_base_rate",
];

/// Every code of a warning.
#[cfg(test)]
pub(in crate::http) fn warning_codes() -> &'static [&'static str] {
    WARNINGS
}

/// Moments.
const TIMES: [&str; 11] = [
    "ModelVersion/properties/created_at",
    "Champion/properties/created_at",
    "Deployment/properties/deployed_at",
    "CardRun/properties/queued_at",
    "CardRun/properties/finished_at",
    "TrainingRun/properties/scheduled_for",
    "TrainingRun/properties/queued_at",
    "TrainingRun/properties/started_at",
    "TrainingRun/properties/finished_at",
    "CoveredTrigger/properties/recorded_at",
    "TrainingRunList/properties/next_tick",
];

/// What names a run, of one type wherever it stands: an answer's is the next call's.
const RUNS: [&str; 3] = [
    "TrainingRun/properties/id",
    "ModelVersion/properties/training_run",
    "Champion/properties/training_run",
];

/// Applies every rule to the document.
pub(super) fn tidy(document: &mut Value) {
    for (place, values) in EXTENSIBLE {
        extensible(document, place, json!(values));
    }
    for order in ["DeploymentOrder", "PinOrder"] {
        document["components"]["schemas"][order]["additionalProperties"] = false.into();
    }
    let codes = error_codes::ALL.map(|code| code.facts().code);
    for place in [
        "Problem/properties/code",
        "OpenInferenceProblem/properties/code",
        "ErrorMeaning/properties/code",
    ] {
        extensible(document, place, json!(codes));
    }
    let times = TIMES.map(|place| (place, "date-time"));
    let runs = RUNS.map(|place| (place, "uuid"));
    for (place, format) in times.into_iter().chain(runs) {
        let schema = document.pointer_mut(&format!("/components/schemas/{place}"));
        if let Some(schema) = schema {
            schema["format"] = format.into();
        }
    }
    for (_, _, operation) in operations(document) {
        name_the_request_id(operation);
    }
    // Where and under what the service is reached it cannot know; where keys are asked for,
    // `security` says so.
    document["servers"] = json!([{"url": "/", "description": "this service"}]);
    document["security"] = json!([]);
    order_tags(document);
    keep_references_plain(document);
    drop_empty_lists(document);
}

fn extensible(document: &mut Value, place: &str, values: Value) {
    let place = format!("/components/schemas/{place}");
    if let Some(schema) = document.pointer_mut(&place) {
        schema["x-extensible-enum"] = values;
    }
}

/// The handlers take their parameters as text, to refuse them in one form; here stands what the
/// text must be.
pub(super) fn type_parameters(document: &mut Value) {
    for (_, _, operation) in operations(document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        // Those are features of any name, typed where they are written.
        if !matches!(id, "predict_from_query" | "predict_from_path") {
            type_text(operation);
        }
    }
}

fn type_text(operation: &mut Value) {
    // Not by index, which would make the member where it is not there.
    let parameters = operation.get_mut("parameters");
    let parameters = parameters.and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let schema = match parameter["name"].as_str().unwrap_or_default() {
            "version" if parameter["in"] == "path" => {
                json!({"type": "integer", "format": "int32"})
            }
            "limit" => {
                json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": 100, "default": 20})
            }
            "id" if parameter["in"] == "path" => json!({"type": "string", "format": "uuid"}),
            "explain" => flag(),
            "verbose" => {
                parameter["allowEmptyValue"] = true.into();
                parameter["example"] = "true".into();
                // No boolean: a probe that is asked oddly must not fail for it.
                json!({"type": "string"})
            }
            _ => continue,
        };
        parameter["schema"] = schema;
    }
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

fn order_tags(document: &mut Value) {
    let place = |tag: &Value| tags::ORDER.iter().position(|name| tag["name"] == *name);
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.sort_by_key(|tag| place(tag).unwrap_or(tags::ORDER.len()));
    }
}

/// poem-openapi puts a description beside a reference as a second part of `allOf`: generators make
/// a type of its own from two parts, and take one for the reference itself.
fn keep_references_plain(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Array(parts)) = members.get_mut("allOf") {
                parts.retain(|part| part.get("$ref").is_some());
            }
            members.values_mut().for_each(keep_references_plain);
        }
        Value::Array(items) => items.iter_mut().for_each(keep_references_plain),
        _ => {}
    }
}

/// An empty `required` is not valid, an empty `parameters` says nothing.
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
