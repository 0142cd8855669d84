//! Training runs as examples: one after the other of the same run.

use super::examples::evaluation;
use crate::learning::Schema;
use serde_json::{Value, json};

/// The run of every example.
pub(super) const RUN: &str = "01932f6e-7c3a-7e55-9d3b-0c6f5a9c1b7e";

pub(super) fn queued(model: &str, schema: &Schema) -> Value {
    json!({
        "id": RUN, "model": model, "schema_fingerprint": schema.fingerprint(),
        "trigger": "request", "requested_by": "anonymous", "status": "queued", "attempt": 0,
        "queued_at": "2026-11-22T03:00:00.012Z",
    })
}

fn finished(model: &str, schema: &Schema, status: &str) -> Value {
    let mut run = queued(model, schema);
    run["status"] = status.into();
    run["attempt"] = 1.into();
    run["started_at"] = "2026-11-22T03:00:00.041Z".into();
    run["finished_at"] = "2026-11-22T03:00:04.120Z".into();
    run
}

fn promoted(model: &str, schema: &Schema) -> Value {
    let mut run = finished(model, schema, "promoted");
    run["rows"] = json!({"read": 501, "usable": 500, "refused": 1, "unlabelled": 0});
    run["evaluation"] = evaluation();
    run["gate"] = json!({"decision": "promoted", "reasons": [
        {"code": "first_version", "detail": "no version of this schema serves yet"}]});
    run["version"] = 1.into();
    run
}

pub(super) fn listed(model: &str, schema: &Schema) -> Value {
    json!({"items": [promoted(model, schema)], "next_tick": "2026-11-23T03:00:00.000Z"})
}

pub(super) fn ended(model: &str, schema: &Schema) -> Value {
    let mut run = promoted(model, schema);
    run["covers"] = json!([{"trigger": "schedule", "scheduled_for": "2026-11-22T03:00:00.000Z",
        "recorded_at": "2026-11-22T03:00:00.204Z"}]);
    run
}

pub(super) fn cancelled(model: &str, schema: &Schema) -> Value {
    let mut run = finished(model, schema, "cancelled");
    run["covers"] = json!([]);
    run
}

pub(super) fn refused(schema: &Schema) -> Value {
    let column = schema.features().first().map(|feature| &feature.name);
    json!({"items": [{"key": "17", "column": column, "reason": "is null"}]})
}
