//! What a request and a connection may cost.

mod floods;
mod headers;
mod heads;
mod http2;
mod other_origins;
mod overload;
mod unread;

use crate::support::app::{PATIENCE, TestApp, two_features};
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::held::hold_table;
use crate::support::rows::load_two_features;
use logitd::lifecycle::Stop;
use tokio::io::AsyncReadExt;

/// A request whose body stops in the middle, with these headers besides.
fn half_a_body(headers: &str) -> String {
    format!(
        "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n{headers}\r\n{{\"feature_1\":"
    )
}

/// A service over these settings, without waiting for a model.
async fn service(database: &TestDatabase, overrides: &[(&str, &str)]) -> TestApp {
    TestApp::start(two_features(&database.url(), overrides)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_a_request_timeout() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "100")]).await;
    let answer = app.client.raw(half_a_body("").as_bytes()).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_is_told_so_however_short_the_time_for_an_answer() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "100")]).await;
    let answer = app.client.raw(half_a_body("").as_bytes()).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_take_more_of_the_places_than_small_ones() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let limits = [
        ("LOGITD_HTTP__MAX_IN_FLIGHT", "8"),
        ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "60000"),
        ("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "60000"),
    ];
    let app = service(&database, &limits).await;
    let migrated = async || (app.client.get("/v1/models").await.status == 200).then_some(());
    eventually(PATIENCE, "the tables are there", migrated).await;
    let large = "POST /v1/predict/batch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                 content-length: 300000\r\nexpect: 100-continue\r\n\r\n";
    let mut held = app.client.open(large.as_bytes()).await;
    let mut begun = [0_u8; 25];
    held.read_exact(&mut begun).await.unwrap();
    let refused = app.client.raw(large.as_bytes()).await;
    assert!(refused.starts_with(b"HTTP/1.1 503"));
    assert_eq!(app.client.get("/v1/models").await.status, 200);
    drop(held);
    let again = async || {
        let answer = app
            .client
            .post("/v1/predict/batch", "application/json", vec![b' '; 300_000]);
        (answer.await.status == 400).then_some(())
    };
    eventually(PATIENCE, "there is room again", again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_too_long_is_a_timeout() {
    let database = TestDatabase::new(Engine::Postgres).await;
    let app = service(&database, &[("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "100")]).await;
    let migrated = async || (app.client.get("/v1/models").await.status == 200).then_some(());
    eventually(PATIENCE, "the tables are there", migrated).await;
    let db = database.connect().await;
    let held = hold_table(&db, "logitd_model_version").await;
    app.client.get("/v1/models").await.problem("timeout");
    held.rollback().await.unwrap();
    eventually(PATIENCE, "the table is read again", migrated).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_a_length_has_the_same_limit() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[("LOGITD_HTTP__MAX_BODY_BYTES", "1000")]).await;
    for path in [
        "/v1/predict",
        "/v1/predict/batch",
        "/v1/predict/csv",
        "/v1/models/rollback",
        "/v2/models/two-features/infer",
    ] {
        let media = if path.ends_with("csv") {
            "text/csv"
        } else {
            "application/json"
        };
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {media}\r\n\
             transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        );
        let chunk = format!("1f4\r\n{}\r\n", " ".repeat(500));
        let whole = format!("{head}{}0\r\n\r\n", chunk.repeat(3));
        let answer = String::from_utf8(app.client.raw(whole.as_bytes()).await).unwrap();
        assert!(answer.starts_with("HTTP/1.1 413"), "{path}: {answer}");
        assert!(
            answer.contains("\"code\":\"payload_too_large\""),
            "{answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_depth_nor_length_of_what_is_sent_costs_more_than_its_bytes() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let app = service(&database, &[]).await;
    app.champion().await;
    let deep = "[".repeat(1_000_000);
    let objects = "{\"a\":".repeat(500_000);
    for text in [&deep, &objects] {
        for path in [
            "/v1/predict",
            "/v1/predict/batch",
            "/v1/models/rollback",
            "/v2/models/two-features/infer",
        ] {
            let answer = app
                .client
                .post(path, "application/json", text.clone())
                .await;
            // Where an object is wanted, a list is told before its depth is met.
            let code = match path.starts_with("/v2") && text.starts_with('[') {
                true => "invalid_instance",
                false => "invalid_json",
            };
            answer.problem_at(path, code);
        }
        let inside = format!("{{\"instances\":[{{\"feature_1\":{text}");
        let answer = app
            .client
            .post("/v1/predict/batch", "application/json", inside);
        answer.await.problem("invalid_json");
    }
    let digits = "9".repeat(2_000_000);
    let long = |number: &str| format!("{{\"feature_1\":{number},\"feature_2\":1}}");
    let answer = app
        .client
        .post("/v1/predict", "application/json", long(&digits));
    let problem = answer.await.problem("invalid_instance");
    assert_eq!(
        problem["errors"][0]["detail"],
        "expected a finite number, found a number too large for a double"
    );
    // As long, and a number like another.
    let answer = app.client.post(
        "/v1/predict",
        "application/json",
        long(&format!("0.{digits}")),
    );
    assert_eq!(answer.await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn past_max_connections_metrics_and_probes_are_answered_on_their_own_address() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let limits = [
        ("LOGITD_HTTP__MAX_CONNECTIONS", "2"),
        ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "60000"),
        ("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "60000"),
        ("LOGITD_TELEMETRY__METRICS_LISTEN", "127.0.0.1:0"),
    ];
    let app = service(&database, &limits).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut one = app
            .client
            .open(half_a_body("expect: 100-continue\r\n").as_bytes())
            .await;
        let mut begun = [0_u8; 25];
        one.read_exact(&mut begun).await.unwrap();
        held.push(one);
    }
    // Nobody idles who could leave: a third waits, and stands in nobody's way.
    let third = app
        .client
        .open(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    let metrics = app.metrics.as_ref().unwrap();
    for path in ["/metrics", "/livez"] {
        assert_eq!(metrics.get(path).await.status, 200, "{path}");
    }
    held.pop();
    let mut answer = [0_u8; 15];
    let mut third = third;
    third.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_stops_though_every_connection_is_taken_and_one_more_waits() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let limits = [
        ("LOGITD_HTTP__MAX_CONNECTIONS", "1"),
        ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "2000"),
    ];
    let app = service(&database, &limits).await;
    let mut held = app
        .client
        .open(half_a_body("expect: 100-continue\r\n").as_bytes())
        .await;
    let mut begun = [0_u8; 25];
    held.read_exact(&mut begun).await.unwrap();
    let _waiting = app
        .client
        .open(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    let closed = app.client.clone();
    assert!(app.stop(Stop::Now).await);
    let after = tokio::net::TcpStream::connect(closed.address()).await;
    assert!(after.is_err(), "the port is closed");
}
