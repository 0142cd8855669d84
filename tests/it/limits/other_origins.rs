//! What a browser is told on behalf of pages of other origins.

use super::service;
use crate::support::client::Answer;
use crate::support::database::{Engine, TestDatabase};

const ORIGIN: &str = "https://app.example";

fn allowed(answer: &Answer) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_origin_may_call_unless_configured() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[]).await;
    let asks = [
        ("origin", ORIGIN),
        ("access-control-request-method", "POST"),
    ];
    let answer = app
        .client
        .request("GET", "/v1/schema", &asks[..1], "")
        .await;
    assert_eq!(answer.status, 200, "only the browser decides by it");
    let preflight = app
        .client
        .request("OPTIONS", "/v1/predict", &asks, "")
        .await;
    preflight.problem("method_not_allowed");
    for answer in [answer, preflight] {
        let names = answer.headers.keys().map(http::HeaderName::as_str);
        assert!(
            names
                .into_iter()
                .all(|name| !name.starts_with("access-control"))
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_origin_may_and_no_other_and_refusals_can_be_read_too() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let key = format!(
        "[{{name = 'ci', role = 'predict', sha256 = '{}'}}]",
        "0".repeat(64)
    );
    let origins = format!("['{ORIGIN}', 'http://localhost:3000']");
    let settings = [
        ("LOGITD_HTTP__CORS_ORIGINS", origins.as_str()),
        ("LOGITD_AUTH__KEYS", key.as_str()),
    ];
    let app = service(&database, &settings).await;
    let asks = |origin| {
        [
            ("origin", origin),
            ("access-control-request-method", "POST"),
        ]
    };

    let preflight = app
        .client
        .request("OPTIONS", "/v1/predict", &asks(ORIGIN), "")
        .await;
    assert_eq!(preflight.status, 204, "asked without a key, as browsers do");
    assert_eq!(allowed(&preflight), Some(ORIGIN));
    let methods = preflight.header("access-control-allow-methods");
    assert_eq!(methods, Some("GET, HEAD, POST"));
    let headers = preflight.header("access-control-allow-headers").unwrap();
    assert!(headers.contains("authorization") && headers.contains("x-api-key"));
    assert_eq!(preflight.header("access-control-allow-credentials"), None);

    let refused = app
        .client
        .request("GET", "/v1/schema", &asks(ORIGIN)[..1], "")
        .await;
    refused.problem("unauthorized");
    assert_eq!(allowed(&refused), Some(ORIGIN));
    assert_eq!(refused.header("vary"), Some("Origin"));

    let evil = asks("https://evil.example");
    let other = app
        .client
        .request("OPTIONS", "/v1/predict", &evil, "")
        .await;
    other.problem("method_not_allowed");
    assert_eq!(allowed(&other), None);
    assert_eq!(other.header("vary"), Some("Origin"));
}
