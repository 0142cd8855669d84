//! Which operation can fail how: one table, from which every problem response is documented.

use super::document::operations;
use super::problem_examples::example;
use super::surface::Surface;
use super::{open_inference, security};
use crate::http::error_codes::ErrorCode;
use crate::learning::Schema;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use ErrorCode::{
    Conflict, Internal, InvalidCsv, InvalidInstance, InvalidJson, InvalidParameter,
    MethodNotAllowed, ModelNotReady, NotFound, Overloaded, PayloadTooLarge, RequestTimeout,
    StoreUnavailable, Timeout, TrainingInProgress, UnsupportedMediaType,
};

/// What may go wrong with any call that is not a probe; the method, with a probe too.
const ANY: [ErrorCode; 4] = [MethodNotAllowed, Internal, Overloaded, Timeout];

/// What is answered whatever the load.
const PROBES: [&str; 5] = [
    "livez",
    "readyz",
    "startupz",
    "open_inference_live",
    "open_inference_ready",
];

/// What may go wrong with any body.
const BODY: [ErrorCode; 3] = [RequestTimeout, PayloadTooLarge, UnsupportedMediaType];

/// What else may go wrong with this operation.
fn own_codes(operation: &str) -> &'static [ErrorCode] {
    match operation {
        "predict" => &[InvalidInstance, InvalidParameter, ModelNotReady],
        "predict_batch" => &[InvalidInstance, ModelNotReady],
        "predict_csv" => &[InvalidCsv, ModelNotReady],
        "predict_from_query" => &[InvalidParameter, ModelNotReady],
        "predict_from_path" => &[InvalidParameter, NotFound, ModelNotReady],
        "list_models" | "list_deployments" => &[InvalidParameter, StoreUnavailable],
        "get_model" | "get_model_card" => &[InvalidParameter, NotFound, StoreUnavailable],
        "get_champion" => &[ModelNotReady],
        "promote_model" => &[InvalidParameter, NotFound, Conflict, StoreUnavailable],
        "roll_back_model" | "pin_model" | "unpin_model" => {
            &[InvalidParameter, Conflict, StoreUnavailable]
        }
        "request_training_run" => &[TrainingInProgress, StoreUnavailable],
        "list_training_runs" => &[InvalidParameter, StoreUnavailable],
        "get_training_run" | "list_refused_rows" => &[NotFound, StoreUnavailable],
        "cancel_training_run" => &[NotFound, Conflict, StoreUnavailable],
        "write_observations" => &[InvalidInstance, StoreUnavailable],
        "list_observations" => &[InvalidParameter, StoreUnavailable],
        "get_observation" | "delete_observation" => &[InvalidParameter, NotFound, StoreUnavailable],
        "put_observation" => &[
            InvalidInstance,
            InvalidParameter,
            Conflict,
            StoreUnavailable,
        ],
        "explain_error" => &[NotFound],
        "readyz" | "startupz" => &[Internal, ModelNotReady],
        "livez" => &[Internal],
        _ => open_inference::codes(operation),
    }
}

fn codes(id: &str, operation: &Value) -> Vec<ErrorCode> {
    let probe = PROBES.contains(&id);
    let any: &[ErrorCode] = if probe { &ANY[..1] } else { &ANY };
    let content = operation.pointer("/requestBody/content");
    let body: &[ErrorCode] = if content.is_some() { &BODY } else { &[] };
    let json = content.is_some_and(|content| content.get("application/json").is_some());
    let json = json.then_some(InvalidJson);
    let own = own_codes(id).iter().chain(body).chain(any).copied();
    json.into_iter().chain(own).collect()
}

/// Documents every problem of every operation, and the codes in the schema of a problem.
pub(super) fn add(document: &mut Value, schema: &Schema, surface: Surface) {
    for (path, method, operation) in operations(document) {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
        let access = security::access(&method, &path, operation);
        let of_keys = surface.keys.then(|| security::codes(access));
        let of_keys = of_keys.into_iter().flatten().copied();
        for code in codes(&id, operation).into_iter().chain(of_keys) {
            by_status.entry(code.facts().status).or_default().push(code);
        }
        for (status, codes) in by_status {
            let response = response(&codes, operation, schema);
            operation["responses"][status.to_string()] = response;
        }
    }
    let problem = problem_schema();
    document["components"]["schemas"]["OpenInferenceProblem"] =
        open_inference::problem_schema(&problem);
    document["components"]["schemas"]["Problem"] = problem;
    document["components"]["schemas"]["ProblemFault"] = fault_schema();
}

fn response(codes: &[ErrorCode], operation: &Value, schema: &Schema) -> Value {
    let titles: Vec<String> = codes
        .iter()
        .map(|code| format!("{}: `{}`", code.facts().title, code.facts().code))
        .collect();
    let examples: Map<String, Value> = codes
        .iter()
        .map(|code| {
            (
                code.facts().code.to_owned(),
                json!({"value": example(*code, operation, schema)}),
            )
        })
        .collect();
    json!({
        "description": titles.join("; "),
        "content": content(examples, operation),
        "headers": headers(codes),
    })
}

/// What a problem of one of these codes carries beside its body.
fn headers(codes: &[ErrorCode]) -> Value {
    let mut headers = json!({});
    if codes
        .iter()
        .any(|code| code.retry_after_seconds().is_some())
    {
        headers["Retry-After"] = json!({
            "description": "Seconds to wait before the next attempt.",
            "schema": {"type": "integer"},
        });
    }
    if codes.contains(&ErrorCode::Unauthorized) {
        headers["WWW-Authenticate"] = json!({
            "description": "How to send a key.",
            "schema": {"type": "string"},
        });
    }
    if codes.contains(&MethodNotAllowed) {
        headers["Allow"] = json!({
            "description": "The methods that this address takes.",
            "schema": {"type": "string"},
        });
    }
    if codes.contains(&TrainingInProgress) {
        headers["Location"] = json!({
            "description": "The run that is queued or running.",
            "schema": {"type": "string"},
        });
    }
    headers
}

/// The same schema under both media types: on the wire it is always `application/problem+json`;
/// some generators find a typed body only under `application/json`. The protocol has a form of its
/// own.
fn content(examples: Map<String, Value>, operation: &Value) -> Value {
    let of_protocol = open_inference::is_of_protocol(operation);
    let name = if of_protocol {
        "OpenInferenceProblem"
    } else {
        "Problem"
    };
    let reference = format!("#/components/schemas/{name}");
    let content = json!({"schema": {"$ref": reference}, "examples": examples});
    if of_protocol {
        return json!({"application/json": content});
    }
    json!({"application/problem+json": content, "application/json": content})
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong, the same form for every failure (RFC 9457).",
        "required": ["type", "title", "status", "code", "detail", "request_id"],
        "properties": {
            "type": {"type": "string", "description": "A link to what the code means."},
            "title": {"type": "string", "description": "A few words for people, the same for every \
                problem of this code."},
            "status": {"type": "integer", "format": "int32", "description": "The HTTP status."},
            "code": {"type": "string", "description": "The failure's stable name, for programs."},
            "detail": {"type": "string", "description": "What happened this time, for people."},
            "errors": {"type": "array", "description": "Every fault of the request, the first \
                hundred.", "items": {"$ref": "#/components/schemas/ProblemFault"}},
            "link": {"type": "string", "description": "Where what stands in the way is, where \
                something does; also the header `Location`."},
            "request_id": {"type": "string", "description": "Also the header `x-request-id`; \
                stands in the service's log."},
            "trace_id": {"type": "string", "description": "The trace that the request belongs to, the \
                caller's where it sent one."},
        },
    })
}

fn fault_schema() -> Value {
    json!({
        "type": "object",
        "description": "One fault of a request.",
        "required": ["detail"],
        "properties": {
            "pointer": {"type": "string", "description": "Where in the body, as a JSON pointer."},
            "parameter": {"type": "string", "description": "Which parameter of the path or the query."},
            "line": {"type": "integer", "format": "int64", "description": "Which line of the CSV, the \
                header's being 1."},
            "column": {"type": "string", "description": "Which column of the CSV, by its name."},
            "detail": {"type": "string", "description": "What is wrong with it."},
        },
    })
}
