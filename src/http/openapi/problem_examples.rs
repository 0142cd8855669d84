//! A problem of each code as it comes: with the faults that this operation's request can have.

use super::open_inference::is_of_protocol;
use super::training_examples::RUN;
use crate::http::error::counted;
use crate::http::error_codes::ErrorCode;
use crate::learning::Schema;
use serde_json::{Value, json};

/// A problem of this code from this operation.
pub(super) fn example(code: ErrorCode, operation: &Value, schema: &Schema) -> Value {
    let facts = code.facts();
    let mut problem = json!({
        "type": format!("/errors/{}", facts.code),
        "title": facts.title,
        "status": facts.status,
        "code": facts.code,
        "detail": match code {
            ErrorCode::InvalidJson => "the body ended before it was whole",
            _ => facts.cause,
        },
    });
    let (one, many) = match code {
        ErrorCode::InvalidInstance if is_of_observations(operation) => {
            ("value of the observations", "values of the observations")
        }
        ErrorCode::InvalidInstance => ("value of the instance", "values of the instance"),
        ErrorCode::InvalidCsv => ("place in the CSV", "places in the CSV"),
        _ => ("parameter", "parameters"),
    };
    if let Some(fault) = fault(code, operation, schema) {
        problem["detail"] = counted(1, one, many).into();
        problem["errors"] = json!([fault]);
    }
    if code == ErrorCode::TrainingInProgress {
        problem["detail"] = format!("the run {RUN} is running").into();
        problem["link"] = format!("/v1/training-runs/{RUN}").into();
    }
    if is_of_protocol(operation) {
        problem["error"] = problem["detail"].clone();
    }
    problem["request_id"] = "01932f6e-7c3a-7e55-9d3b-0c6f5a9c1b7e".into();
    problem["trace_id"] = "4bf92f3577b34da6a3ce929d0e0e4736".into();
    problem
}

fn is_of_observations(operation: &Value) -> bool {
    operation["tags"][0] == "observations"
}

fn fault(code: ErrorCode, operation: &Value, schema: &Schema) -> Option<Value> {
    match code {
        ErrorCode::InvalidInstance => {
            if is_of_protocol(operation) {
                let detail =
                    "expected [n, 2], all features in the order of the metadata, found [1, 3]";
                return Some(json!({"pointer": "/inputs/0/shape", "detail": detail}));
            }
            let name = &schema.features().first()?.name;
            let name = name.replace('~', "~0").replace('/', "~1");
            let pointer = match operation["operationId"].as_str() {
                Some("predict_batch") => format!("/instances/0/{name}"),
                Some("write_observations") => format!("/observations/0/features/{name}"),
                Some("put_observation") => format!("/features/{name}"),
                _ => format!("/{name}"),
            };
            Some(json!({"pointer": pointer, "detail": "is missing"}))
        }
        ErrorCode::InvalidCsv => {
            let column = &schema.features().first()?.name;
            Some(json!({"line": 2, "column": column, "detail": "is missing"}))
        }
        ErrorCode::InvalidParameter => {
            let parameter = operation["parameters"].get(0)?;
            let detail = match parameter["schema"]["type"].as_str() {
                _ if parameter["name"] == "key" => {
                    "expected an integer, as the column takes, found \"a\""
                }
                Some("boolean") => "expected true or false, found \"maybe\"",
                Some("integer") => "expected a number from 1, found \"0\"",
                _ => "expected a finite number, found \"large\"",
            };
            Some(json!({"parameter": parameter["name"], "detail": detail}))
        }
        _ => None,
    }
}
