//! Observations in the document: there where the configuration lets clients write them, and else
//! not a word of them.
//!
//! Whether the key is an integer or a text, the table decides and not the configuration: so both are
//! described, and the examples take an integer, which either column keeps. What orders the rows is
//! there where a column of its own does; the examples take a time, which a column of texts keeps too.

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
const ORDER: &str = "ObservationOrder";

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
pub(super) fn describe(document: &mut Value, schema: &Schema, ordered: bool) {
    let mut observation = json!({
        "type": "object",
        "description": "One labelled row to write.",
        "properties": {
            "key": reference(KEY),
            "features": reference(INSTANCE),
            "label": reference(LABEL),
        },
        "required": required(&["key", "features", "label"], ordered),
        "additionalProperties": false,
        "example": example_new(schema, ordered),
    });
    if ordered {
        observation["properties"]["order"] = reference(ORDER);
    }
    let mut value = observation.clone();
    value["description"] =
        "What is kept under the key of the address; it may repeat the key.".into();
    value["required"] = required(&["features", "label"], ordered);
    value["example"] = example_value(schema, ordered);
    let schemas = &mut document["components"]["schemas"];
    schemas[NEW_OBSERVATION] = observation;
    schemas[OBSERVATION_BATCH] = batch();
    schemas[NEW_OBSERVATIONS] = json!({
        "description": "One labelled row, or many.",
        "oneOf": [reference(NEW_OBSERVATION), reference(OBSERVATION_BATCH)],
    });
    schemas[OBSERVATION_VALUE] = value;
    describe_parts(schemas);
    describe_order(schemas, ordered);
}

fn batch() -> Value {
    json!({
        "type": "object",
        "description": "Many labelled rows to write, all or nothing.",
        "properties": {MANY: {
            "type": "array",
            "description": "The rows; each has a key of its own.",
            "items": reference(NEW_OBSERVATION),
        }},
        "required": [MANY],
        "additionalProperties": false,
    })
}

fn describe_parts(schemas: &mut Value) {
    schemas["Observation"]["properties"]["key"] = reference(KEY);
    schemas[KEY] = json!({
        "description": "What names an observation: an integer or a text, as the key's column takes.",
        "oneOf": [{"type": "integer", "format": "int64"}, {"type": "string", "minLength": 1}],
    });
    schemas[LABEL] = json!({
        "description": "The class of an observation. An integer or a boolean is taken for its name.",
        "oneOf": [{"type": "string"}, {"type": "integer", "format": "int64"}, {"type": "boolean"}],
    });
}

/// Not a word of it where no column of its own orders the rows.
fn describe_order(schemas: &mut Value, ordered: bool) {
    let answered = &mut schemas["Observation"]["properties"];
    if !ordered {
        if let Some(answered) = answered.as_object_mut() {
            answered.shift_remove("order");
        }
        return;
    }
    answered["order"] = reference(ORDER);
    schemas[ORDER] = json!({
        "description": "What says which rows are newer, as the column takes it: a time or a date as \
            RFC 3339, a number or a text.",
        "oneOf": [{"type": "number", "format": "double"}, {"type": "string"}],
    });
}

fn required(members: &[&str], ordered: bool) -> Value {
    let order = ordered.then_some("order");
    members.iter().copied().chain(order).collect()
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn label(schema: &Schema) -> String {
    let (mut classes, positive) = classes(schema);
    classes.swap_remove(positive)
}

fn example_value(schema: &Schema, ordered: bool) -> Value {
    let mut value = json!({"features": example_instance(schema), "label": label(schema)});
    if ordered {
        value["order"] = "2026-11-22T03:00:04.120Z".into();
    }
    value
}

fn example_new(schema: &Schema, ordered: bool) -> Value {
    let mut new = json!({"key": 1});
    if let (Some(new), Value::Object(value)) = (new.as_object_mut(), example_value(schema, ordered))
    {
        new.extend(value);
    }
    new
}

/// A request of this operation that works; none for one without a body.
pub(super) fn example_request(id: &str, schema: &Schema, ordered: bool) -> Option<Value> {
    match id {
        "write_observations" => Some(json!({MANY: [example_new(schema, ordered)]})),
        "put_observation" => Some(example_value(schema, ordered)),
        _ => None,
    }
}

/// What this operation answers; none for one that is not theirs.
pub(super) fn example_answer(id: &str, schema: &Schema, ordered: bool) -> Option<Value> {
    let stored = || example_new(schema, ordered);
    match id {
        "write_observations" => Some(json!({"written": 1})),
        "list_observations" => Some(json!({"items": [stored()]})),
        "get_observation" | "put_observation" => Some(stored()),
        _ => None,
    }
}
