//! Observations in the document: there where the configuration lets clients write them, and else
//! not a word of them.
//!
//! Whether the key is an integer or a text, the table decides and not the configuration: so both are
//! described, and the examples take an integer, which either column keeps.

use super::examples::classes;
use super::features::example_instance;
use crate::http::instance_payload::INSTANCE;
use crate::http::observation::MANY;
use crate::http::observation_payload::{
    NEW_OBSERVATION, NEW_OBSERVATIONS, OBSERVATION_BATCH, OBSERVATION_VALUE,
};
use crate::learning::Schema;
use serde_json::{Value, json};

const PATH: &str = "/v1/observations";
const TAG: &str = "observations";

/// What may be one of several has a name, so that what was read has the type of what is written.
const KEY: &str = "ObservationKey";
const LABEL: &str = "ObservationLabel";

/// Whether the path leads to a call of observations.
pub(in crate::http) fn is_theirs(path: &str) -> bool {
    path.strip_prefix(PATH)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Takes every word of them out again.
pub(super) fn leave_out(document: &mut Value) {
    if let Some(paths) = document["paths"].as_object_mut() {
        paths.retain(|path, _| !is_theirs(path));
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| !name.trim_start_matches("New").starts_with("Observation"));
    }
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.retain(|tag| tag["name"] != TAG);
    }
}

/// The bodies, exactly as the parser takes them.
pub(super) fn describe(document: &mut Value, schema: &Schema) {
    let observation = json!({
        "type": "object",
        "description": "One labelled row to write.",
        "properties": {
            "key": reference(KEY),
            "features": reference(INSTANCE),
            "label": reference(LABEL),
        },
        "required": ["key", "features", "label"],
        "additionalProperties": false,
        "example": example_new(schema),
    });
    let mut value = observation.clone();
    value["description"] =
        "What is kept under the key of the address; it may repeat the key.".into();
    value["required"] = json!(["features", "label"]);
    value["example"] = example_value(schema);
    let batch = json!({
        "type": "object",
        "description": "Many labelled rows to write, all or nothing.",
        "properties": {MANY: {
            "type": "array",
            "description": "The rows; each has a key of its own.",
            "items": reference(NEW_OBSERVATION),
        }},
        "required": [MANY],
        "additionalProperties": false,
    });
    let schemas = &mut document["components"]["schemas"];
    schemas[NEW_OBSERVATION] = observation;
    schemas[OBSERVATION_BATCH] = batch;
    schemas[NEW_OBSERVATIONS] = json!({
        "description": "One labelled row, or many.",
        "oneOf": [reference(NEW_OBSERVATION), reference(OBSERVATION_BATCH)],
    });
    schemas[OBSERVATION_VALUE] = value;
    describe_parts(schemas);
}

fn describe_parts(schemas: &mut Value) {
    schemas["Observation"]["properties"]["key"] = reference(KEY);
    schemas[KEY] = json!({
        "description": "What names an observation: an integer or a text, as the key's column takes.",
        "oneOf": [{"type": "integer", "format": "int64"}, {"type": "string"}],
    });
    schemas[LABEL] = json!({
        "description": "The class of an observation. An integer or a boolean is taken for its name.",
        "oneOf": [{"type": "string"}, {"type": "integer", "format": "int64"}, {"type": "boolean"}],
    });
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn label(schema: &Schema) -> String {
    let (mut classes, positive) = classes(schema);
    classes.swap_remove(positive)
}

fn example_value(schema: &Schema) -> Value {
    json!({"features": example_instance(schema), "label": label(schema)})
}

fn example_new(schema: &Schema) -> Value {
    json!({"key": 1, "features": example_instance(schema), "label": label(schema)})
}

/// A request of this operation that works; none for one without a body.
pub(super) fn example_request(id: &str, schema: &Schema) -> Option<Value> {
    match id {
        "write_observations" => Some(json!({MANY: [example_new(schema)]})),
        "put_observation" => Some(example_value(schema)),
        _ => None,
    }
}

/// What this operation answers; none for one that is not theirs.
pub(super) fn example_answer(id: &str, schema: &Schema) -> Option<Value> {
    match id {
        "write_observations" => Some(json!({"written": 1})),
        "list_observations" => Some(json!({"items": [example_new(schema)]})),
        "get_observation" | "put_observation" => Some(example_new(schema)),
        _ => None,
    }
}
