//! What a request and a connection may cost.

use crate::support::app::{TestApp, two_features};
use crate::support::database::{Engine, TestDatabase};
use tokio::io::AsyncReadExt;

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
    let limits = [
        ("LOGITD_HTTP__MAX_IN_FLIGHT", "1"),
        ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "60000"),
        ("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "60000"),
    ];
    let app = service(&database, &limits).await;
    let half = "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 100\r\nexpect: 100-continue\r\n\r\n";
    let mut held = app.client.open(half.as_bytes()).await;
    // hyper asks for the body when the handler begins to read it: from here it is in flight.
    let mut begun = [0_u8; 25];
    held.read_exact(&mut begun).await.unwrap();
    assert!(begun.starts_with(b"HTTP/1.1 100 Continue"));
    for path in ["/v1/schema", "/v1/models", "/nope"] {
        app.client.get(path).await.problem("overloaded");
    }
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
