//! Every way to fail has the one form, the right code, and a place in the document.

use crate::support::app::{TestApp, two_features};
use crate::support::client::Answer;
use crate::support::database::{Engine, TestDatabase};
use crate::support::rows::load_two_features;
use logitd::http::openapi::document;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is sent, and what must come back.
struct Case {
    method: &'static str,
    path: String,
    content_type: &'static str,
    body: Vec<u8>,
    code: &'static str,
    /// Part of what must be told, in `detail` or in a fault.
    told: &'static str,
}

fn case(method: &'static str, path: &str, code: &'static str, told: &'static str) -> Case {
    let (path, content_type, body) = (path.to_owned(), "", Vec::new());
    Case {
        method,
        path,
        content_type,
        body,
        code,
        told,
    }
}

fn get(path: &str, code: &'static str, told: &'static str) -> Case {
    case("GET", path, code, told)
}

fn post(path: &str, body: &str, code: &'static str, told: &'static str) -> Case {
    Case {
        content_type: "application/json",
        body: body.into(),
        ..case("POST", path, code, told)
    }
}

fn as_type(content_type: &'static str, case: Case) -> Case {
    Case {
        content_type,
        ..case
    }
}

/// Bodies of one instance.
fn instances() -> Vec<Case> {
    let one = |body: &str, code, told| post("/v1/predict", body, code, told);
    let invalid = "invalid_instance";
    vec![
        one("", "invalid_json", "EOF"),
        one("{", "invalid_json", "EOF"),
        one("nope", "invalid_json", "expected"),
        one(
            r#"{"feature_1":NaN,"feature_2":1}"#,
            "invalid_json",
            "expected value",
        ),
        one(
            r#"{"feature_1":1,"feature_2":1}}"#,
            "invalid_json",
            "trailing",
        ),
        one(r#"{"feature_1":1 "feature_2":1}"#, "invalid_json", "column"),
        one(
            r#"{"feature_1":01,"feature_2":1}"#,
            "invalid_json",
            "number",
        ),
        one("[]", invalid, "an array"),
        one("7", invalid, "found 7"),
        one("null", invalid, "found null"),
        one("\"text\"", invalid, "found \"text\""),
        one("{}", invalid, "is missing"),
        one(r#"{"feature_1":1}"#, invalid, "/feature_2 is missing"),
        one(
            r#"{"feature_1":"1","feature_2":1}"#,
            invalid,
            "expected a finite number, found \"1\"",
        ),
        one(r#"{"feature_1":null,"feature_2":1}"#, invalid, "found null"),
        one(r#"{"feature_1":true,"feature_2":1}"#, invalid, "found true"),
        one(
            r#"{"feature_1":[1],"feature_2":1}"#,
            invalid,
            "found an array",
        ),
        one(
            r#"{"feature_1":{},"feature_2":1}"#,
            invalid,
            "found an object",
        ),
        one(
            r#"{"feature_1":1e400,"feature_2":1}"#,
            invalid,
            "too large for a double",
        ),
        one(
            r#"{"feature_1":-1e400,"feature_2":1}"#,
            invalid,
            "too large for a double",
        ),
        one(r#"{"feature_1":11,"feature_2":1}"#, invalid, "at most 10"),
        one(
            r#"{"feature_1":-11,"feature_2":1}"#,
            invalid,
            "at least -10",
        ),
        one(
            r#"{"feature_1":1,"feature_2":1,"feature_3":1}"#,
            invalid,
            "/feature_3 is not a feature",
        ),
        one(
            r#"{"feature_1":1,"feature_2":1,"feature_1":2}"#,
            invalid,
            "is given twice",
        ),
        one(
            r#"{"Feature_1":1,"feature_2":1}"#,
            invalid,
            "did you mean \"feature_1\"",
        ),
        as_type(
            "text/plain",
            one("{}", "unsupported_media_type", "application/json"),
        ),
        as_type("", one("{}", "unsupported_media_type", "application/json")),
        as_type(
            "application/jsonx",
            one("{}", "unsupported_media_type", "application/json"),
        ),
        post(
            "/v1/predict?explain=1",
            "{}",
            "invalid_instance",
            "is missing",
        ),
        post(
            "/v1/predict?explain=1",
            r#"{"feature_1":1,"feature_2":1}"#,
            "invalid_parameter",
            "explain expected true or false",
        ),
        Case {
            body: vec![b'{', 0xff],
            ..one("", "invalid_json", "not UTF-8 at byte 1")
        },
        one(
            &format!("{{\"feature_1\":{},\"feature_2\":1}}", "[".repeat(2000)),
            "invalid_json",
            "",
        ),
        one(&"x".repeat(3000), "payload_too_large", "exceeds 2500 bytes"),
    ]
}

/// Bodies of many.
fn batches() -> Vec<Case> {
    let batch = |body: &str, code, told| post("/v1/predict/batch", body, code, told);
    let invalid = "invalid_instance";
    vec![
        batch("", "invalid_json", "EOF"),
        batch("{}", invalid, "/instances is missing"),
        batch("[]", invalid, "expected an object"),
        batch(r#"{"instances":{}}"#, invalid, "expected an array"),
        batch(
            r#"{"instances":[7]}"#,
            invalid,
            "/instances/0 expected an object",
        ),
        batch(
            r#"{"instances":[],"x":1}"#,
            invalid,
            "/x is not expected here",
        ),
        batch(
            r#"{"instances":[{"feature_1":1}]}"#,
            invalid,
            "/instances/0/feature_2 is missing",
        ),
        batch(
            r#"{"instances":[{},{},{},{}]}"#,
            "payload_too_large",
            "3 instances at most",
        ),
        batch(r#"{"instances":[{}"#, "invalid_json", "EOF"),
    ]
}

/// Paths, queries and methods.
fn addresses() -> Vec<Case> {
    vec![
        get("/nope", "not_found", "/nope"),
        get("/v1/models/1/nope", "not_found", ""),
        get("/v1/predict/", "not_found", ""),
        get("/..%2f..%2fetc/passwd", "not_found", ""),
        get("/v1/models/99", "not_found", "no version 99"),
        get(
            "/v1/models/zero",
            "invalid_parameter",
            "version expected a version's number",
        ),
        get("/v1/models/%00", "invalid_parameter", "version"),
        get(
            "/v1/models?limit=0",
            "invalid_parameter",
            "limit expected a number from 1 to 100",
        ),
        get(
            "/v1/models?limit=1e1&cursor=x",
            "invalid_parameter",
            "cursor is not a cursor",
        ),
        get("/errors/nope", "not_found", "there are: invalid_json"),
        get("/v1/predict", "invalid_parameter", "feature_1 is missing"),
        get(
            "/v1/predict?feature_1=NaN&feature_2=1",
            "invalid_parameter",
            "found NaN",
        ),
        get(
            "/v1/predict?feature_1=1e400&feature_2=1",
            "invalid_parameter",
            "too large",
        ),
        get(
            "/v1/predict?feature_1=11&feature_2=1",
            "invalid_parameter",
            "at most 10",
        ),
        get(
            "/v1/predict?feature_1=1&feature_2=1&feature_1=1",
            "invalid_parameter",
            "given twice",
        ),
        get(
            "/v1/predict?feature_1=1&feature_2=1&x=1",
            "invalid_parameter",
            "x is not a feature",
        ),
        get(
            "/v1/predict?feature_1=%ff&feature_2=1",
            "invalid_parameter",
            "is not UTF-8",
        ),
        get(
            "/predict/feature_1/x/feature_2/1",
            "invalid_parameter",
            "feature_1 expected",
        ),
        get(
            "/predict/feature_2/1/feature_1/1",
            "not_found",
            "in the configured order",
        ),
        get(
            "/predict/feature_1/1",
            "not_found",
            "in the configured order",
        ),
        case("DELETE", "/v1/predict", "method_not_allowed", ""),
        case("PUT", "/v1/models/1", "method_not_allowed", ""),
        case("POST", "/docs", "method_not_allowed", ""),
        case("POST", "/livez", "method_not_allowed", ""),
        case("PATCH", "/nope", "not_found", ""),
    ]
}

/// The faults and the detail in one line each, as a person would read them.
fn told(problem: &Value) -> String {
    let faults = problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|fault| {
            let place = fault["pointer"]
                .as_str()
                .or(fault["parameter"].as_str())
                .unwrap_or_default();
            format!("{place} {}", fault["detail"].as_str().unwrap())
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
    let schema = config.dataset.learning_schema.clone();
    let document = document("two-features", &schema).unwrap().value;
    let app = TestApp::start(config).await;
    app.champion().await;
    let cases: Vec<Case> = [instances(), batches(), addresses()]
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

/// A service over these settings, without waiting for a model.
async fn service(database: &TestDatabase, overrides: &[(&str, &str)]) -> (TestApp, Value) {
    let config = two_features(&database.url(), overrides);
    let document = document("two-features", &config.dataset.learning_schema)
        .unwrap()
        .value;
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
async fn a_body_that_does_not_come_is_a_request_timeout() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let (app, _) = service(&database, &[("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "100")]).await;
    let half = "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 100\r\nconnection: close\r\n\r\n{\"feature_1\":";
    let answer = String::from_utf8(app.client.raw(half.as_bytes()).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_too_long_is_a_timeout() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let (app, _) = service(&database, &[("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "100")]).await;
    let half = "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 100\r\nconnection: close\r\n\r\n{\"feature_1\":";
    let answer = String::from_utf8(app.client.raw(half.as_bytes()).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    assert!(answer.contains("\"code\":\"timeout\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn past_max_in_flight_requests_are_refused_at_once_and_probes_are_not() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let (app, document) = service(&database, &[("LOGITD_HTTP__MAX_IN_FLIGHT", "1")]).await;
    let half = "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{";
    let held = app.client.open(half.as_bytes()).await;
    let refused = crate::support::eventually::eventually(
        crate::support::app::PATIENCE,
        "the held request is in flight",
        async || Some(app.client.get("/v1/schema").await).filter(|answer| answer.status != 200),
    );
    refused.await.problem("overloaded");
    check(
        &app,
        &document,
        &get("/v1/schema", "overloaded", "in flight"),
    )
    .await;
    assert_eq!(app.client.get("/livez").await.status, 200);
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_database_that_is_not_there_is_store_unavailable() {
    let config = two_features(
        "postgres://nobody:secret@127.0.0.1:1/nothing",
        &[("LOGITD_DATABASE__ACQUIRE_TIMEOUT_MS", "300")],
    );
    let document = document("two-features", &config.dataset.learning_schema)
        .unwrap()
        .value;
    let app = TestApp::start(config).await;
    for path in ["/v1/models", "/v1/models/1"] {
        check(&app, &document, &get(path, "store_unavailable", "database")).await;
    }
    let verbose = app.client.get("/readyz?verbose").await;
    assert!(!verbose.text().contains("secret"), "{}", verbose.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_head_is_closed_at_its_deadline() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let (app, _) = service(&database, &[("LOGITD_HTTP__HEADER_READ_TIMEOUT_MS", "200")]).await;
    for half in ["", "G", "PRI * HT", "GET /livez HTTP/1.1\r\nhost: x\r\n"] {
        // `raw` fails the test if the connection stays open.
        let answer = app.client.raw(half.as_bytes()).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{half:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn past_max_connections_the_longest_idle_one_is_closed() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let (app, _) = service(&database, &[("LOGITD_HTTP__MAX_CONNECTIONS", "2")]).await;
    let request = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
    let _idle = (
        app.client.open(request).await,
        app.client.open(request).await,
    );
    for _ in 0..5 {
        assert_eq!(app.client.get("/livez").await.status, 200);
    }
}
