//! The document follows from the configuration, says everything about every call, and stands as it
//! was accepted.

pub(crate) mod cases;
pub(crate) mod fits;
pub(crate) mod schemas;

use crate::support::accepted::accepted;
use crate::support::app::{TestApp, two_features};
use crate::support::database::{Engine, TestDatabase};
use cases::{Operation, cases, members, operations};
use logitd::app::document;
use logitd::learning::{Feature, Missing};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn the_document_of_breast_cancer_is_the_accepted_one() {
    let [breast_cancer, ..] = cases();
    accepted("openapi/v1.json", &breast_cancer.document.json);
}

#[test]
fn the_page_of_errors_is_the_accepted_one() {
    accepted("docs/errors.md", &logitd::http::errors_markdown());
}

#[tokio::test]
async fn the_served_document_is_that_of_the_configuration() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let config = two_features(&database.url(), &[]);
    let expected = document(&config).unwrap();
    let app = TestApp::start(config).await;
    let served = app.client.get("/openapi.json").await;
    assert_eq!(served.header("content-type"), Some("application/json"));
    assert_eq!(served.text(), expected.json);
    let served = app.client.get("/openapi.yaml").await;
    assert_eq!(served.header("content-type"), Some("application/yaml"));
    assert_eq!(served.text(), expected.yaml);
}

#[test]
fn json_and_yaml_say_the_same() {
    for case in cases() {
        let document = case.document;
        let json: Value = serde_json::from_str(&document.json).unwrap();
        let yaml: Value = serde_yaml::from_str(&document.yaml).unwrap();
        assert_eq!(json, document.value, "{}", case.name);
        assert_eq!(yaml, document.value, "{}", case.name);
    }
}

#[test]
fn every_operation_is_told_in_full() {
    let handlers = handlers();
    for case in cases() {
        let tags = &case.document.value["tags"];
        let tags: Vec<&Value> = tags
            .as_array()
            .unwrap()
            .iter()
            .map(|t| &t["name"])
            .collect();
        let mut expected = vec![
            "prediction",
            "models",
            "training",
            "deployments",
            "observations",
            "open-inference",
            "health",
            "errors",
        ];
        expected.retain(|tag| case.config.observations.enabled || *tag != "observations");
        assert_eq!(tags, expected);
        for operation in operations(&case.document.value) {
            let place = format!("{}: {} {}", case.name, operation.method, operation.path);
            let handler = format!("fn {}(", operation.id);
            assert!(handlers.contains(&handler), "{place}: no {handler}");
            for member in ["summary", "description"] {
                let words = operation.value[member].as_str().unwrap_or_default();
                assert!(words.len() > 10, "{place}: {member} {words:?}");
            }
            let own = operation.value["tags"].as_array().unwrap();
            assert!(
                !own.is_empty() && own.iter().all(|tag| tags.contains(&tag)),
                "{place}"
            );
            told_by_example(&operation, &place);
        }
    }
}

fn told_by_example(operation: &Operation<'_>, place: &str) {
    let is_told = |media: &str, content: &Value| match media {
        "application/json" => content["example"].is_object(),
        _ => content["example"].is_string(),
    };
    for (media, content) in members(&operation.value["requestBody"]["content"]) {
        assert!(is_told(media, content), "{place}: the request");
    }
    let mut responses = operation.responses();
    let success = responses.find(|(status, _)| status.starts_with('2'));
    let (status, success) = success.unwrap();
    let answer = members(&success["content"]).next();
    let told = answer.map_or(status == "204", |(media, answer)| is_told(media, answer));
    assert!(told, "{place}: the answer");
    for parameter in operation.parameters() {
        // Nobody invents a cursor: it comes from the page before.
        let told = parameter.get("example").is_some()
            || parameter["schema"].get("default").is_some()
            || parameter["name"] == "cursor";
        assert!(told, "{place}: {parameter}");
    }
}

/// Where the calls are handled, as text.
fn handlers() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http");
    let rooms = ["", "/open_inference", "/card"];
    let folders = rooms.map(|room| format!("{folder}{room}"));
    let files = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let files = files.map(|file| file.unwrap().path());
    let files = files.filter(|file| file.is_file());
    files
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect()
}

#[test]
fn every_parameter_but_a_feature_without_words_is_described() {
    for case in cases() {
        let features = case.config.dataset.learning_schema.features();
        let without_words = |name: &str| {
            let feature = features.iter().find(|feature| feature.name == name);
            feature.is_some_and(|feature| feature.description.is_none() && feature.unit.is_none())
        };
        for operation in operations(&case.document.value) {
            for parameter in operation.parameters() {
                let described = parameter["description"].is_string();
                let name = parameter["name"].as_str().unwrap();
                assert!(
                    described || without_words(name),
                    "{}: {parameter}",
                    case.name
                );
            }
        }
    }
}

#[test]
fn every_code_of_the_error_table_is_a_code_of_a_problem() {
    let page = logitd::http::errors_markdown();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let table: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    assert!(table.contains(&"invalid_instance") && table.contains(&"timeout"));
    for case in cases() {
        let schemas = &case.document.value["components"]["schemas"];
        let codes = &schemas["Problem"]["properties"]["code"]["x-extensible-enum"];
        assert_eq!(*codes, json!(table), "{}", case.name);
    }
}

#[test]
fn an_instance_is_exactly_the_configured_features() {
    for case in cases() {
        let features = case.config.dataset.learning_schema.features();
        let instance = &case.document.value["components"]["schemas"]["Instance"];
        assert_eq!(instance["type"], "object");
        assert_eq!(instance["additionalProperties"], false);
        let required = features.iter().filter(|f| f.missing == Missing::Reject);
        let required: Vec<&str> = required.map(|f| f.name.as_str()).collect();
        let told = instance.get("required").cloned();
        assert_eq!(
            told,
            (!required.is_empty()).then(|| json!(required)),
            "{}",
            case.name
        );
        let told: Vec<&str> = members(&instance["properties"])
            .map(|(name, _)| name)
            .collect();
        let names: Vec<&str> = features.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(told, names, "{}", case.name);
        let example: Vec<&str> = members(&instance["example"])
            .map(|(name, _)| name)
            .collect();
        assert_eq!(example, names, "{}", case.name);
        for feature in features {
            is_told(feature, &instance["properties"][&feature.name]);
        }
    }
}

fn is_told(feature: &Feature, told: &Value) {
    assert_eq!(told["type"], "number", "{told}");
    assert_eq!(told["format"], "double", "{told}");
    assert_eq!(told["minimum"], json!(feature.minimum), "{told}");
    assert_eq!(told["maximum"], json!(feature.maximum), "{told}");
    assert_eq!(told["x-unit"], json!(feature.unit), "{told}");
    assert_eq!(told["example"], json!(feature.example_value()), "{told}");
    let words = told["description"].as_str().unwrap_or_default();
    let configured = feature.description.as_deref().unwrap_or_default();
    // Plain text in the configuration, CommonMark here.
    let configured = configured
        .replace("</", "&lt;/")
        .replace("<!", "&lt;!")
        .replace("<h", "&lt;h");
    assert!(words.starts_with(&configured), "{told}");
    let nullable = (feature.missing == Missing::Mean).then_some(true);
    assert_eq!(
        told.get("nullable"),
        nullable.map(Value::from).as_ref(),
        "{told}"
    );
    assert_eq!(
        words.contains("mean stands in"),
        nullable.is_some(),
        "{told}"
    );
}

#[test]
fn the_path_form_is_there_where_names_allow() {
    let paths = |case: &cases::Case| {
        let operations = operations(&case.document.value);
        let form = operations.iter().find(|o| o.id == "predict_from_path");
        form.map(|operation| operation.path.to_owned())
    };
    let [
        breast_cancer,
        two_features,
        hostile_names,
        missing_values,
        ..,
    ] = cases();
    let features = breast_cancer.config.dataset.learning_schema.features();
    let segments = features.iter().map(|f| format!("/{0}/{{{0}}}", f.name));
    let whole = format!("/predict{}", segments.collect::<String>());
    assert_eq!(paths(&breast_cancer), Some(whole));
    let two = "/predict/feature_1/{feature_1}/feature_2/{feature_2}";
    assert_eq!(paths(&two_features).as_deref(), Some(two));
    assert_eq!(
        paths(&missing_values).as_deref(),
        Some("/predict/a/{a}/b/{b}")
    );
    assert_eq!(paths(&hostile_names), None);
}

#[test]
fn documents_are_sound_whatever_the_names() {
    for case in cases() {
        let document = &case.document.value;
        assert_eq!(document["openapi"], "3.0.0");
        assert!(!has_null(document), "{}: a member is null", case.name);
        for (name, _) in members(&document["components"]["schemas"]) {
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric());
            assert!(plain, "{}: {name}", case.name);
        }
        for (place, schema) in schemas::all(document) {
            let named: BTreeSet<&str> = members(&schema["properties"])
                .map(|(name, _)| name)
                .collect();
            let required = schema["required"].as_array().into_iter().flatten();
            let required: Vec<&str> = required.filter_map(Value::as_str).collect();
            let all_there = required.iter().all(|name| named.contains(name));
            assert!(all_there, "{}: {place}: {required:?}", case.name);
            if let Some(reference) = schema["$ref"].as_str() {
                schemas::resolve(document, reference);
                assert_eq!(
                    schema.as_object().unwrap().len(),
                    1,
                    "{}: {place}",
                    case.name
                );
            }
        }
        for operation in operations(document) {
            parameters_are_sound(&operation);
            for (status, response) in operation.responses() {
                assert!(
                    response["description"].is_string(),
                    "{} {status}",
                    operation.id
                );
            }
        }
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().any(has_null),
        Value::Array(items) => items.iter().any(has_null),
        value => value.is_null(),
    }
}

fn parameters_are_sound(operation: &Operation<'_>) {
    let mut names = BTreeSet::new();
    let mut path = operation.path.to_owned();
    for parameter in operation.parameters() {
        let (name, place) = (&parameter["name"], &parameter["in"]);
        let (name, place) = (name.as_str().unwrap(), place.as_str().unwrap());
        assert!(
            names.insert((place, name)),
            "{}: {name} twice",
            operation.id
        );
        if place == "path" {
            assert_eq!(parameter["required"], true, "{}: {name}", operation.id);
            let without = path.replacen(&format!("{{{name}}}"), "", 1);
            assert_ne!(without, path, "{}: {name} is not in the path", operation.id);
            path = without;
        }
    }
    assert!(!path.contains('{'), "{}: {path}", operation.id);
}
