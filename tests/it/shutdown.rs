//! How it stops: not ready, drain, requests in flight, the end.

use crate::support::app::{PATIENCE, TestApp, example, two_features};
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::process::{Launch, Process};
use crate::support::rows::load_two_features;
use logitd::lifecycle::Stop;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const QUERY: &str = "/v1/predict?feature_1=1&feature_2=-1";

#[tokio::test(flavor = "multi_thread")]
async fn while_draining_it_answers_and_is_not_ready() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let drain = [("LOGITD_HTTP__DRAIN_SECONDS", "2")];
    let app = TestApp::start(two_features(&database.url(), &drain)).await;
    app.champion().await;
    assert_eq!(app.client.get(QUERY).await.header("connection"), None);
    let (client, health) = (app.client.clone(), app.health.clone());
    let stopping = tokio::spawn(app.stop(Stop::Drain));
    let draining = async || health.is_draining().then_some(());
    eventually(PATIENCE, "it drains", draining).await;
    let answer = client.get(QUERY).await;
    assert_eq!(
        (answer.status, answer.header("connection")),
        (200, Some("close"))
    );
    let problem = client.get("/readyz").await.problem("model_not_ready");
    assert_eq!(problem["detail"], "the service is about to stop");
    assert_eq!(client.get("/livez").await.status, 200);
    assert!(stopping.await.unwrap(), "everything ended in time");
    assert!(
        client
            .try_request("GET", "/livez", &[], "".into())
            .await
            .is_err(),
        "the port is closed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_is_answered() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let app = TestApp::start(two_features(&database.url(), &[])).await;
    app.champion().await;
    let body = br#"{"feature_1":1,"feature_2":-1}"#;
    let head = format!(
        "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    let mut held = app.client.open(head.as_bytes()).await;
    // hyper asks for the body when the handler begins to read it: from here it is in flight.
    let mut begun = [0_u8; 25];
    held.read_exact(&mut begun).await.unwrap();
    assert!(begun.starts_with(b"HTTP/1.1 100 Continue"));
    let (client, health) = (app.client.clone(), app.health.clone());
    let stopping = tokio::spawn(app.stop(Stop::Now));
    let draining = async || health.is_draining().then_some(());
    eventually(PATIENCE, "it stops", draining).await;
    let closed = async || {
        client
            .try_request("GET", "/livez", &[], "".into())
            .await
            .err()
    };
    eventually(PATIENCE, "the port is closed", closed).await;
    held.write_all(body).await.unwrap();
    let mut answer = String::new();
    held.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(stopping.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_in_time_is_cut_off() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let short = [("LOGITD_HTTP__SHUTDOWN_SECONDS", "1")];
    let app = TestApp::start(two_features(&database.url(), &short)).await;
    let half = "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 100\r\nexpect: 100-continue\r\n\r\n";
    let mut held = app.client.open(half.as_bytes()).await;
    held.read_exact(&mut [0_u8; 25]).await.unwrap();
    assert!(!app.stop(Stop::Now).await, "a request was still in flight");
}

/// The real program in a directory of its own, over the two-features example.
async fn program(directory: &TempDir, settings: &[(&str, &str)]) -> Process {
    let database = directory.path().join("logitd.db");
    let db = sea_orm::Database::connect(format!("sqlite://{}?mode=rwc", database.display()));
    let db = db.await.unwrap();
    load_two_features(&db, 300, 7).await;
    db.close().await.unwrap();
    std::fs::write(
        directory.path().join("logitd.toml"),
        example("two-features"),
    )
    .unwrap();
    let mut launch = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(["serve"])
        .directory(directory.path())
        .env("LOGITD_HTTP__LISTEN", "127.0.0.1:0");
    for (name, value) in settings {
        launch = launch.env(name, *value);
    }
    launch.start()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_the_program_with_0_and_a_second_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut service = program(&directory, &[("LOGITD_HTTP__DRAIN_SECONDS", "0")]).await;
    service.line_containing("\"serving\"", PATIENCE).await;
    service.terminate();
    assert_eq!(
        service.wait_exit(PATIENCE).await.code(),
        Some(0),
        "{}",
        service.stderr()
    );

    let directory = tempfile::tempdir().unwrap();
    let mut service = program(&directory, &[("LOGITD_HTTP__DRAIN_SECONDS", "3600")]).await;
    service.line_containing("\"serving\"", PATIENCE).await;
    service.terminate();
    service.line_containing("draining", PATIENCE).await;
    service.terminate();
    assert_eq!(service.wait_exit(PATIENCE).await.code(), Some(130));

    let directory = tempfile::tempdir().unwrap();
    let mut service = program(&directory, &[("LOGITD_HTTP__DRAIN_SECONDS", "3600")]).await;
    service.line_containing("\"serving\"", PATIENCE).await;
    service.interrupt();
    assert_eq!(
        service.wait_exit(PATIENCE).await.code(),
        Some(0),
        "an interrupt skips the drain"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn off_loopback_the_start_is_refused_unless_it_is_meant() {
    let directory = tempfile::tempdir().unwrap();
    let open = [("LOGITD_HTTP__LISTEN", "0.0.0.0:0")];
    let mut refused = program(&directory, &open).await;
    assert_eq!(refused.wait_exit(PATIENCE).await.code(), Some(1));
    let said = refused.stderr();
    assert!(said.contains("insecure"), "{said}");
}
