//! What a request and a connection may cost.

use crate::support::app::{PATIENCE, TestApp, two_features};
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;

/// A service over these settings, without waiting for a model.
async fn service(database: &TestDatabase, overrides: &[(&str, &str)]) -> TestApp {
    TestApp::start(two_features(&database.url(), overrides)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_a_request_timeout() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "100")]).await;
    let half = "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 100\r\nconnection: close\r\n\r\n{\"feature_1\":";
    let answer = String::from_utf8(app.client.raw(half.as_bytes()).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_too_long_is_a_timeout() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "100")]).await;
    let half = "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 100\r\nconnection: close\r\n\r\n{\"feature_1\":";
    let answer = String::from_utf8(app.client.raw(half.as_bytes()).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    assert!(answer.contains("\"code\":\"timeout\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn past_max_in_flight_requests_are_refused_at_once_and_probes_are_not() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[("LOGITD_HTTP__MAX_IN_FLIGHT", "1")]).await;
    let half = "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{";
    let held = app.client.open(half.as_bytes()).await;
    let refused = eventually(PATIENCE, "the held request is in flight", async || {
        Some(app.client.get("/v1/schema").await).filter(|answer| answer.status != 200)
    });
    refused.await.problem("overloaded");
    assert_eq!(app.client.get("/livez").await.status, 200);
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_head_is_closed_at_its_deadline() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[("LOGITD_HTTP__HEADER_READ_TIMEOUT_MS", "200")]).await;
    for half in ["", "G", "PRI * HT", "GET /livez HTTP/1.1\r\nhost: x\r\n"] {
        // `raw` fails the test if the connection stays open.
        let answer = app.client.raw(half.as_bytes()).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{half:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn past_max_connections_the_longest_idle_one_is_closed() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[("LOGITD_HTTP__MAX_CONNECTIONS", "2")]).await;
    let request = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
    let _idle = (
        app.client.open(request).await,
        app.client.open(request).await,
    );
    for _ in 0..5 {
        assert_eq!(app.client.get("/livez").await.status, 200);
    }
}
