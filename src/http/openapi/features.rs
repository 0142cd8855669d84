//! What follows from the configured features: the bodies, the query and the path of a prediction.

use crate::http::instance_payload::{INSTANCE, INSTANCE_BATCH};
use crate::learning::{Feature, Missing, Schema};
use serde_json::{Map, Value, json};

/// A feature as a schema: a finite number with its bounds. `place` is `body`, `query` or `path`.
fn number(feature: &Feature, place: &str) -> Value {
    let mut number = json!({"type": "number", "format": "double"});
    let set = |number: &mut Value, name: &str, value: Option<Value>| {
        if let Some(value) = value {
            number[name] = value;
        }
    };
    set(&mut number, "minimum", feature.minimum.map(Value::from));
    set(&mut number, "maximum", feature.maximum.map(Value::from));
    set(
        &mut number,
        "description",
        description(feature, place).map(Value::from),
    );
    set(&mut number, "x-unit", feature.unit.clone().map(Value::from));
    number["example"] = feature.example_value().into();
    number
}

/// Descriptions are CommonMark, what was configured is plain text: nothing in it becomes markup or
/// an image.
fn as_markdown(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        let opens = next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?');
        match letter {
            '<' if opens => markdown.push_str("&lt;"),
            '!' if next == '[' => markdown.push_str("&#33;"),
            letter => markdown.push(letter),
        }
    }
    markdown
}

fn description(feature: &Feature, place: &str) -> Option<String> {
    let unit = feature.unit.as_ref().map(|unit| format!("Unit: {unit}"));
    let mean = match (feature.missing, place) {
        (Missing::Reject, _) | (_, "path") => None,
        (Missing::Mean, "query") => Some("May be absent"),
        (Missing::Mean, _) => Some("May be absent or null"),
    };
    let mean = mean.map(|may| format!("{may}: the training mean stands in, with a warning"));
    let parts: Vec<String> = [feature.description.clone(), unit, mean]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| as_markdown(&parts.join(". ")))
}

/// An instance that works: every feature's example.
pub(super) fn example_instance(schema: &Schema) -> Value {
    let features = schema.features().iter();
    features
        .map(|feature| (feature.name.clone(), feature.example_value().into()))
        .collect::<Map<_, _>>()
        .into()
}

/// `Instance` and `InstanceBatch`, exactly as the parser takes them.
pub(super) fn describe_instances(document: &mut Value, schema: &Schema) {
    let required = schema
        .features()
        .iter()
        .filter(|feature| feature.missing == Missing::Reject);
    let required: Vec<&str> = required.map(|feature| feature.name.as_str()).collect();
    let properties = schema.features().iter().map(|feature| {
        let mut number = number(feature, "body");
        if feature.missing == Missing::Mean {
            number["nullable"] = true.into();
        }
        (feature.name.clone(), number)
    });
    let mut instance = json!({
        "type": "object",
        "description": "One row to predict: exactly the configured features, each a finite number.",
        "properties": properties.collect::<Map<_, _>>(),
        "additionalProperties": false,
        "example": example_instance(schema),
    });
    if !required.is_empty() {
        instance["required"] = json!(required);
    }
    let batch = json!({
        "type": "object",
        "description": "Many rows to predict, all or nothing.",
        "properties": {"instances": {
            "type": "array",
            "description": "The rows; the predictions come in the same order.",
            "items": {"$ref": "#/components/schemas/Instance"},
        }},
        "required": ["instances"],
        "additionalProperties": false,
        "example": {"instances": [example_instance(schema)]},
    });
    document["components"]["schemas"][INSTANCE] = instance;
    document["components"]["schemas"][INSTANCE_BATCH] = batch;
}

/// A yes or no in the query.
pub(super) fn flag() -> Value {
    json!({"type": "boolean", "default": false})
}

fn parameter(feature: &Feature, place: &str) -> Value {
    let mut schema = number(feature, place);
    let description = schema
        .as_object_mut()
        .and_then(|schema| schema.remove("description"));
    let mut parameter = json!({
        "name": feature.name,
        "in": place,
        "required": place == "path" || feature.missing == Missing::Reject,
        "schema": schema,
        "example": feature.example_value(),
    });
    if let Some(description) = description {
        parameter["description"] = description;
    }
    parameter
}

/// `GET /v1/predict?...`: a parameter a feature, and `explain`.
pub(super) fn describe_query(document: &mut Value, schema: &Schema) {
    let features = schema
        .features()
        .iter()
        .map(|feature| parameter(feature, "query"));
    let explain = json!({
        "name": "explain",
        "in": "query",
        "required": false,
        "description": "Add what each feature contributes to the log-odds.",
        "schema": flag(),
    });
    document["paths"]["/v1/predict"]["get"]["parameters"] = features.chain([explain]).collect();
}

/// `GET /predict/{name}/{value}/...`: it exists only when every name can stand in a path.
pub(super) fn describe_path(document: &mut Value, schema: &Schema) {
    let segments = schema.features().iter();
    let path: String = segments
        .map(|feature| format!("/{0}/{{{0}}}", feature.name))
        .collect();
    let responses = document["paths"]["/v1/predict"]["get"]["responses"].clone();
    let parameters = schema
        .features()
        .iter()
        .map(|feature| parameter(feature, "path"));
    document["paths"][format!("/predict{path}")] = json!({"get": {
        "tags": ["prediction"],
        "summary": "Predict from a path",
        "description": "The same prediction once more: every feature's name and value are segments \
            of the path, in the configured order.",
        "operationId": "predict_from_path",
        "parameters": parameters.collect::<Value>(),
        "responses": responses,
    }});
}
