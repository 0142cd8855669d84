//! An example for every call: requests that work as they are, answers of the shape that comes.

use super::document::operations;
use super::features::example_instance;
use super::surface::Surface;
use super::training_examples::{self, RUN};
use super::{card_example, observations, open_inference};
use crate::http::instance_payload::CSV;
use crate::learning::{Feature, Schema};
use serde_json::{Map, Value, json};

/// Adds the examples.
pub(super) fn add(document: &mut Value, model: &str, schema: &Schema, surface: Surface) {
    for (_, _, operation) in operations(document) {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        request(operation, &id, schema, surface);
        if open_inference::is_of_protocol(operation) {
            open_inference::example_parameters(operation, model);
        }
        if id == "predict_csv" {
            let content = &mut operation["responses"]["200"]["content"][CSV];
            content["example"] = csv_answer(schema).into();
            continue;
        }
        if operation["responses"].get("204").is_some() {
            continue;
        }
        let status = if id == "request_training_run" {
            "202"
        } else {
            "200"
        };
        let content = &mut operation["responses"][status]["content"]["application/json"];
        content["example"] = answer(&id, model, schema, surface);
        if schema.classes().is_some_and(|classes| classes.len() > 2) {
            without_positive(&mut content["example"]);
        }
    }
}

/// Among more than two classes none is the positive one.
fn without_positive(example: &mut Value) {
    for shown in ["/items/0", ""] {
        if let Some(Value::Object(members)) = example.pointer_mut(shown) {
            members.shift_remove("positive");
        }
    }
}

fn request(operation: &mut Value, id: &str, schema: &Schema, surface: Surface) {
    let instance = example_instance(schema);
    let body = match id {
        "predict" => Some(instance),
        "predict_batch" => Some(json!({"instances": [instance]})),
        "promote_model" | "roll_back_model" => {
            Some(json!({"reason": "the newer version missed last week's cases", "pin": true}))
        }
        "open_inference_infer" | "open_inference_infer_version" => {
            Some(open_inference::request(schema))
        }
        "pin_model" => Some(json!({"reason": "an audit until Friday"})),
        id => observations::example_request(id, schema, surface.ordered),
    };
    if let Some(body) = body {
        operation["requestBody"]["content"]["application/json"]["example"] = body;
    }
    if id == "predict_csv" {
        let content = &mut operation["requestBody"]["content"]["application/octet-stream"];
        content["example"] = csv_request(schema).into();
    }
    let required: Option<Value> = match id {
        "get_model" | "get_model_card" | "promote_model" => Some(1.into()),
        "explain_error" => Some("invalid_instance".into()),
        "get_training_run" | "list_refused_rows" | "cancel_training_run" => Some(RUN.into()),
        "get_observation" | "put_observation" | "delete_observation" => Some("1".into()),
        "unpin_model" => Some("the audit is over".into()),
        _ => None,
    };
    if let Some(value) = required {
        operation["parameters"][0]["example"] = value;
    }
}

fn answer(id: &str, model: &str, schema: &Schema, surface: Surface) -> Value {
    let reference = json!({"name": model, "version": 1});
    match id {
        "predict" | "predict_from_query" | "predict_from_path" => {
            let mut prediction = prediction(schema);
            prediction["model"] = reference;
            prediction
        }
        "predict_batch" => json!({"model": reference, "predictions": [prediction(schema)]}),
        "get_schema" => schema_answer(reference, schema),
        "list_models" => json!({"items": [version(model, schema)]}),
        "get_model" => version(model, schema),
        "get_model_card" => card_example::card(model, schema),
        "get_champion" => champion(model, schema),
        "list_deployments" => json!({"items": [deployment("promote", true)]}),
        "promote_model" => deployment("promote", true),
        "roll_back_model" => deployment("roll_back", true),
        "pin_model" => deployment("pin", true),
        "unpin_model" => deployment("unpin", false),
        "request_training_run" => training_examples::queued(model, schema),
        "list_training_runs" => training_examples::listed(model, schema),
        "get_training_run" => training_examples::ended(model, schema),
        "cancel_training_run" => training_examples::cancelled(model, schema),
        "list_refused_rows" => training_examples::refused(schema),
        "explain_error" => error_meaning(),
        id => {
            let of_others = || open_inference::answer(id, model, schema);
            let answer =
                observations::example_answer(id, schema, surface.ordered).or_else(of_others);
            answer.unwrap_or_else(|| json!({"status": "ok"}))
        }
    }
}

fn csv_request(schema: &Schema) -> String {
    let features = schema.features().iter();
    let names = features.clone().map(|feature| feature.name.clone());
    let values: Vec<String> = features
        .map(|feature| Value::from(feature.example_value()).to_string())
        .collect();
    as_csv([names.collect(), values])
}

fn csv_answer(schema: &Schema) -> String {
    let prediction = prediction(schema);
    let shares = prediction["probabilities"].as_object();
    let shares = shares.into_iter().flatten();
    let label = prediction["label"].as_str().unwrap_or_default();
    let names = shares
        .clone()
        .map(|(class, _)| format!("probability_{class}"));
    let values = shares.map(|(_, share)| share.to_string());
    let header = ["label".to_owned()].into_iter().chain(names);
    as_csv([
        header.collect(),
        [label.to_owned()].into_iter().chain(values).collect(),
    ])
}

fn as_csv(lines: [Vec<String>; 2]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        // Writing to memory does not fail, and both lines have the same number of cells.
        let _ = writer.write_record(line);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// The classes as configured, else two that stand for them; the positive one's place.
pub(super) fn classes(schema: &Schema) -> (Vec<String>, usize) {
    let stand_ins = || vec!["0".to_owned(), "1".to_owned()];
    let mut classes = schema.classes().map_or_else(stand_ins, <[String]>::to_vec);
    let last = classes.len() - 1;
    let Some(positive) = schema.positive() else {
        return (classes, last);
    };
    let place = classes.iter().position(|class| class == positive);
    let place = place.unwrap_or_else(|| {
        classes[last] = positive.to_owned();
        last
    });
    (classes, place)
}

pub(super) fn prediction(schema: &Schema) -> Value {
    let (classes, positive) = classes(schema);
    let rest = 0.2 / (classes.len() - 1) as f64;
    let share = |place: usize| if place == positive { 0.8 } else { rest };
    let probabilities: Map<String, Value> = classes
        .iter()
        .enumerate()
        .map(|(place, class)| (class.clone(), share(place).into()))
        .collect();
    if classes.len() != 2 {
        return json!({
            "label": classes[positive],
            "probabilities": probabilities,
            "warnings": [],
        });
    }
    json!({
        "label": classes[positive],
        "probability": 0.8,
        "probabilities": probabilities,
        "log_odds": 1.386_294_361_119_890_6,
        "warnings": [],
    })
}

fn schema_answer(reference: Value, schema: &Schema) -> Value {
    let (classes, positive) = classes(schema);
    json!({
        "model": reference,
        "target": schema.target(),
        "classes": classes,
        "positive": classes[positive],
        "features": schema.features().iter().map(feature).collect::<Value>(),
        "fingerprint": schema.fingerprint(),
    })
}

/// As configured, without what training adds.
pub(super) fn feature(feature: &Feature) -> Value {
    let mut shown = json!({"name": feature.name});
    let facts: [(&str, Option<Value>); 4] = [
        ("description", feature.description.clone().map(Value::from)),
        ("unit", feature.unit.clone().map(Value::from)),
        ("minimum", feature.minimum.map(Value::from)),
        ("maximum", feature.maximum.map(Value::from)),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            shown[name] = fact;
        }
    }
    shown["example"] = feature.example_value().into();
    shown["missing"] = json!(feature.missing);
    shown
}

pub(super) fn version(model: &str, schema: &Schema) -> Value {
    let (classes, positive) = classes(schema);
    let coefficients = schema.features().iter().map(|feature| {
        json!({"feature": feature.name, "coefficient": 0.5, "standardized": 1.25,
            "odds_ratio": 1.648_721_270_700_128_2, "mean": 3.0, "standard_deviation": 2.5})
    });
    json!({
        "name": model, "version": 1, "created_at": "2026-11-22T03:00:04.120Z",
        "training_run": RUN, "champion": true, "card": "/v1/models/1/card",
        "classes": classes, "positive": classes[positive],
        "rows": {"fitted": 500, "gate_training": 400, "held_out": 100, "refused": 0, "unlabelled": 0},
        "penalty": 1.0, "seed": 42, "converged": true, "iterations": 3, "gradient_norm": 1.2e-10,
        "log_likelihood": -120.5, "null_log_likelihood": -340.2,
        "evaluation": evaluation(),
        "equations": [{"class": classes[positive], "intercept": {"coefficient": -1.5},
            "coefficients": coefficients.collect::<Value>()}],
        "warnings": [{"code": "penalised_no_inference", "detail": "standard errors are not given: under \
            a penalty they would not be valid", "columns": []}],
        "steps": ["start by linfa-logistic on 500 rows", "3 Newton steps"],
        "split": {"rule": "hash", "table": "data", "fraction": 0.2, "sampled": false},
        "data_fingerprint": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "schema_fingerprint": schema.fingerprint(), "code_version": env!("CARGO_PKG_VERSION"),
    })
}

fn champion(model: &str, schema: &Schema) -> Value {
    let mut champion = version(model, schema);
    champion["deployment"] = deployment("promote", true);
    champion["serving"] =
        json!({"serves": 1, "should_serve": 1, "pinned": true, "failed_loads": 0});
    champion
}

pub(super) fn deployment(action: &str, pinned: bool) -> Value {
    json!({"sequence": 7, "version": 1, "action": action, "pinned": pinned,
        "deployed_at": "2026-11-24T09:12:30.500Z", "deployed_by": "ann",
        "reason": "the newer version missed last week's cases"})
}

pub(super) fn evaluation() -> Value {
    json!({"rows": 100, "log_loss": 0.25, "base_rate_log_loss": 0.68, "brier_score": 0.07,
        "accuracy": 0.91, "roc_auc": 0.96, "calibration_error": 0.03,
        "confusion": [[48, 4], [5, 43]]})
}

fn error_meaning() -> Value {
    let facts = crate::http::error_codes::ErrorCode::InvalidInstance.facts();
    json!({"code": facts.code, "status": facts.status, "title": facts.title, "cause": facts.cause,
        "remedy": facts.remedy, "retry": facts.retry})
}
