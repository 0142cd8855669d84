//! Every way to fail has the one form, the right code, and a place in the document.

mod cases;

use crate::support::app::{TestApp, two_features};
use crate::support::client::Answer;
use crate::support::database::{Engine, TestDatabase};
use crate::support::rows::load_two_features;
use cases::{Case, addresses, batches, get, instances, post, tables};
use logitd::app::document;
use serde_json::Value;
use std::collections::BTreeSet;

/// The faults and the detail in one line each, as a person would read them.
fn told(problem: &Value) -> String {
    let faults = problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|fault| {
            let place = ["pointer", "parameter", "column"].iter();
            let place = place.filter_map(|name| fault[*name].as_str()).next();
            let line = fault["line"].as_u64().map(|line| format!("line {line} "));
            let (line, place) = (line.unwrap_or_default(), place.unwrap_or_default());
            format!("{line}{place} {}", fault["detail"].as_str().unwrap())
        });
    let detail = problem["detail"].as_str().unwrap().to_owned();
    faults.chain([detail]).collect::<Vec<_>>().join("\n")
}

/// Whether the document says that this call may end so; a path it does not know may not be there.
fn check_documented(document: &Value, case: &Case, status: u16) {
    let codes = &document["components"]["schemas"]["Problem"]["properties"]["code"];
    let codes = codes["x-extensible-enum"].as_array().unwrap();
    assert!(
        codes.iter().any(|code| code == case.code),
        "{} is not documented",
        case.code
    );
    let asked: Vec<&str> = case.path.split('?').next().unwrap().split('/').collect();
    let matching = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(path, _)| {
            let template: Vec<&str> = path.split('/').collect();
            template.len() == asked.len()
                && template
                    .iter()
                    .zip(&asked)
                    .all(|(part, asked)| part.starts_with('{') || part == asked)
        });
    // The literal path before the template: `champion` before `{version}`.
    let Some((path, methods)) = matching.min_by_key(|(path, _)| path.matches('{').count()) else {
        return;
    };
    let operation = &methods[case.method.to_lowercase()];
    if operation.is_object() {
        let documented = &operation["responses"][status.to_string()];
        assert!(
            documented.is_object(),
            "{} {path} does not document {status}",
            case.method
        );
    }
}

async fn check(app: &TestApp, document: &Value, case: &Case) {
    let headers = [("content-type", case.content_type)];
    let headers = if case.content_type.is_empty() {
        &[][..]
    } else {
        &headers[..]
    };
    let body = case.body.clone();
    let answer: Answer = app
        .client
        .request(case.method, &case.path, headers, body)
        .await;
    let shown = String::from_utf8_lossy(&case.body)
        .chars()
        .take(80)
        .collect::<String>();
    let named = format!("{} {} {shown} -> {}", case.method, case.path, answer.text());
    let problem = answer.problem(case.code);
    assert!(
        told(&problem).contains(case.told),
        "{named}\nwanted: {}",
        case.told
    );
    check_documented(document, case, answer.status);
    let allow = answer.header("allow").is_some();
    assert_eq!(allow, case.code == "method_not_allowed", "{named}");
    let retry = answer.header("retry-after").is_some();
    assert_eq!(retry, answer.status == 503, "{named}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_fail_has_the_one_form() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let limits = [
        ("LOGITD_HTTP__MAX_BODY_BYTES", "2500"),
        ("LOGITD_HTTP__MAX_INSTANCES", "3"),
    ];
    let config = two_features(&database.url(), &limits);
    let document = document(&config).unwrap().value;
    let app = TestApp::start(config).await;
    app.champion().await;
    let cases: Vec<Case> = [instances(), batches(), tables(), addresses()]
        .into_iter()
        .flatten()
        .collect();
    assert!(cases.len() >= 60, "{}", cases.len());
    let mut codes = BTreeSet::new();
    for case in &cases {
        check(&app, &document, case).await;
        codes.insert(case.code);
    }
    let expected = [
        "invalid_csv",
        "invalid_instance",
        "invalid_json",
        "invalid_parameter",
        "method_not_allowed",
        "not_found",
        "payload_too_large",
        "unsupported_media_type",
    ];
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), expected);
}

/// A client that takes one form of an error only would else be told nothing at all.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_refused_for_what_they_accept() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let config = two_features(&database.url(), &[]);
    let document = document(&config).unwrap().value;
    let app = TestApp::start(config).await;
    app.champion().await;
    let told = document["paths"].to_string();
    assert!(!told.contains("\"406\""));
    let fits = r#"{"feature_1":0.5,"feature_2":-1.25}"#;
    for accept in [
        "image/png",
        "application/json",
        "application/problem+json;q=0",
        "?",
    ] {
        let headers = [("content-type", "application/json"), ("accept", accept)];
        let ask = |body: &'static str| app.client.request("POST", "/v1/predict", &headers, body);
        let answer = ask(fits).await;
        assert_eq!(answer.status, 200, "{accept}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/json"));
        ask("{}").await.problem("invalid_instance");
    }
}

/// A service over these settings, without waiting for a model.
async fn service(database: &TestDatabase, overrides: &[(&str, &str)]) -> (TestApp, Value) {
    let config = two_features(&database.url(), overrides);
    let document = document(&config).unwrap().value;
    (TestApp::start(config).await, document)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_predictions_say_when_to_come_back() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let (app, document) = service(&database, &[]).await;
    let good = r#"{"feature_1":1,"feature_2":1}"#;
    let cases = [
        post("/v1/predict", good, "model_not_ready", "no trained model"),
        post(
            "/v1/predict/batch",
            r#"{"instances":[]}"#,
            "model_not_ready",
            "no trained model",
        ),
        get(
            "/v1/predict?feature_1=1&feature_2=1",
            "model_not_ready",
            "no trained model",
        ),
        get(
            "/predict/feature_1/1/feature_2/1",
            "model_not_ready",
            "no trained model",
        ),
        get("/v1/models/champion", "model_not_ready", "no trained model"),
        get("/readyz", "model_not_ready", "no trained model"),
        get("/readyz?verbose", "model_not_ready", "model is down"),
        post("/v1/predict", "{}", "invalid_instance", "is missing"),
    ];
    for case in &cases {
        check(&app, &document, case).await;
    }
    assert_eq!(app.client.get("/livez").await.status, 200);
    assert_eq!(app.client.get("/v1/schema").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_database_that_is_not_there_is_store_unavailable() {
    let config = two_features(
        "postgres://nobody:secret@127.0.0.1:1/nothing",
        &[("LOGITD_DATABASE__ACQUIRE_TIMEOUT_MS", "300")],
    );
    let document = document(&config).unwrap().value;
    let app = TestApp::start(config).await;
    for path in ["/v1/models", "/v1/models/1"] {
        check(&app, &document, &get(path, "store_unavailable", "database")).await;
    }
    let verbose = app.client.get("/readyz?verbose").await;
    assert!(!verbose.text().contains("secret"), "{}", verbose.text());
}
