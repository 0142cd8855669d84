//! What goes on without the database, and what comes back with it.

use crate::support::app::{PATIENCE, TestApp, breast_cancer, two_features, workshop};
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::eventually::eventually;
use crate::support::postgres::Cluster;
use crate::support::rows::{load_breast_cancer, load_two_features};
use crate::support::tables::drop_table;
use crate::support::training::train_champion;
use logitd::health::{CheckName, CheckState};
use logitd::lifecycle::Stop;
use std::sync::Arc;

const QUERY: &str = "/v1/predict?feature_1=1&feature_2=-1";
const QUICK: [(&str, &str); 1] = [("LOGITD_DATABASE__ACQUIRE_TIMEOUT_MS", "300")];

fn store(app: &TestApp) -> CheckState {
    let checks = app.health.checks();
    checks
        .into_iter()
        .find(|(name, _)| *name == CheckName::Store)
        .unwrap()
        .1
}

#[tokio::test(flavor = "multi_thread")]
async fn predictions_go_on_without_the_database_and_the_rest_says_so() {
    let cluster = Arc::new(Cluster::private());
    let database = TestDatabase::within(&cluster);
    load_two_features(&database.connect().await, 300, 7).await;
    let app = TestApp::start(two_features(&database.url(), &QUICK)).await;
    app.champion().await;
    let before = app.client.get(QUERY).await.json();

    cluster.stop();
    assert_eq!(app.client.get(QUERY).await.json(), before);
    for path in [
        "/readyz",
        "/livez",
        "/startupz",
        "/v1/schema",
        "/v1/models/champion",
    ] {
        assert_eq!(app.client.get(path).await.status, 200, "{path}");
    }
    for path in ["/v1/models", "/v1/models/1"] {
        let answer = app.client.get(path).await;
        assert!(answer.header("retry-after").is_some());
        answer.problem("store_unavailable");
    }
    let down = async || matches!(store(&app), CheckState::Down(_)).then_some(());
    eventually(PATIENCE, "the store is told as down", down).await;
    assert_eq!(app.client.get("/readyz?verbose").await.status, 200);

    cluster.start();
    let up = async || (store(&app) == CheckState::Up).then_some(());
    eventually(PATIENCE, "the store is told as up", up).await;
    assert_eq!(app.client.get("/v1/models/1").await.status, 200);
    assert_eq!(app.client.get(QUERY).await.json(), before);
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn started_without_a_database_it_becomes_ready_when_the_database_comes() {
    let cluster = Arc::new(Cluster::private());
    let database = TestDatabase::within(&cluster);
    load_two_features(&database.connect().await, 300, 7).await;
    cluster.stop();
    let app = TestApp::start(two_features(&database.url(), &QUICK)).await;
    let started = async || (app.client.get("/startupz").await.status == 200).then_some(());
    eventually(PATIENCE, "the first attempt has ended", started).await;
    assert_eq!(app.client.get("/livez").await.status, 200);
    app.client.get("/readyz").await.problem("model_not_ready");
    app.client.get(QUERY).await.problem("model_not_ready");

    cluster.start();
    app.champion().await;
    assert_eq!(app.client.get("/readyz").await.status, 200);
    assert_eq!(app.client.get(QUERY).await.status, 200);
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_a_stored_champion_trains_nothing_and_needs_no_table() {
    for engine in Engine::BOTH {
        let database = TestDatabase::new(engine).await;
        let db = database.connect().await;
        load_breast_cancer(&db).await;
        train_champion(&breast_cancer(&database.url(), &[])).await;
        drop_table(&db, "breast_cancer").await;
        let app = TestApp::start(breast_cancer(&database.url(), &[])).await;
        assert_eq!(app.champion().await.number(), 1);
        let told = async || {
            let answer = app.client.get("/readyz?verbose").await;
            assert_eq!(answer.status, 200);
            answer
                .text()
                .contains("breast_cancer")
                .then(|| answer.json())
        };
        let report = eventually(PATIENCE, "the missing table is told", told).await;
        let checks = report["checks"].as_array().unwrap();
        let dataset = checks
            .iter()
            .find(|check| check["name"] == "dataset")
            .unwrap();
        assert_eq!(dataset["state"], "warning");
        let runs = crate::support::tables::count_rows(&db, "logitd_training_run").await;
        assert_eq!(runs, 1, "only the run that made the champion");
        assert!(app.stop(Stop::Now).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_comes_later_is_trained_on_then() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = TestApp::start(two_features(&database.url(), &[])).await;
    let failed = async || {
        let checks = app.health.checks();
        let training = checks
            .into_iter()
            .find(|(name, _)| *name == CheckName::Training)
            .unwrap();
        matches!(training.1, CheckState::Warning(_)).then_some(())
    };
    eventually(PATIENCE, "the first run has failed", failed).await;
    load_two_features(&database.connect().await, 300, 7).await;
    assert_eq!(app.champion().await.number(), 1);
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_that_cannot_be_opened_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("later");
    let url = format!("sqlite://{}", place.join("test.db").display());
    let app = TestApp::start(two_features(&url, &QUICK)).await;
    let down = async || matches!(store(&app), CheckState::Down(_)).then_some(());
    eventually(PATIENCE, "the store is told as down", down).await;
    assert_eq!(app.client.get("/livez").await.status, 200);
    std::fs::create_dir(&place).unwrap();
    let up = async || (store(&app) == CheckState::Up).then_some(());
    eventually(PATIENCE, "the store is told as up", up).await;
    assert!(app.stop(Stop::Now).await);
}

on_both!(
    a_registry_that_names_nobody_any_more_leaves_the_old_model_serving,
    |database| async {
        load_two_features(&database.connect().await, 300, 7).await;
        let config = two_features(&database.url(), &[]);
        let app = TestApp::start(config.clone()).await;
        app.champion().await;
        let workshop = workshop(&config).await;
        let steps = workshop.database.migration_status().await.unwrap().len();
        let steps = u32::try_from(steps).unwrap();
        workshop.database.migrate_down(steps).await.unwrap();
        workshop.database.migrate_up().await.unwrap();
        let told = async || {
            let answer = app.client.get("/readyz?verbose").await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer
                .text()
                .contains("names no champion any more")
                .then_some(())
        };
        eventually(PATIENCE, "the empty registry is told", told).await;
        assert_eq!(app.client.get(QUERY).await.status, 200);
        assert!(app.stop(Stop::Now).await);
    }
);
