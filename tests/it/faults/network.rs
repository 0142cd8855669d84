//! Between the service and PostgreSQL: slow, cut, silent, refused.

use super::{OBSERVE, hasty, is_well_again, load, observation, predicts, store_is};
use crate::support::app::TestApp;
use crate::support::client::Client;
use crate::support::database::{Engine, TestDatabase};
use crate::support::postgres::Cluster;
use crate::support::proxy::{Manner, Proxy};
use logitd::health::CheckState;
use logitd::lifecycle::Stop;
use std::time::Duration;

/// A service behind a proxy that reaches it.
async fn behind_a_proxy(overrides: &[(&str, &str)]) -> (TestApp, Proxy, TestDatabase) {
    let database = TestDatabase::new(Engine::Postgres).await;
    load(&database.connect().await).await;
    let proxy = Proxy::before(Cluster::shared()).await;
    let app = TestApp::start(hasty(&proxy.url(database.name()), overrides)).await;
    app.champion().await;
    (app, proxy, database)
}

/// So many at once, which is more than the pool has connections; gives the codes of their answers.
async fn ask_for_versions(client: &Client, count: usize) -> Vec<String> {
    let asking = (0..count).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            let answer = client.get("/v1/models").await;
            let code = answer.json()["code"].as_str().map(str::to_owned);
            code.unwrap_or_else(|| answer.status.to_string())
        })
    });
    let mut codes = Vec::new();
    for asked in asking.collect::<Vec<_>>() {
        codes.push(asked.await.unwrap());
    }
    codes
}

fn all_are(codes: &[String], allowed: &[&str]) {
    let others: Vec<_> = codes
        .iter()
        .filter(|code| !allowed.contains(&code.as_str()))
        .collect();
    assert!(others.is_empty() && !codes.is_empty(), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_slow_slows_nothing_but_what_asks_it() {
    let limits = [("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "2000")];
    let (app, proxy, _database) = behind_a_proxy(&limits).await;
    // Slow, and within all limits.
    proxy.set(Manner::Delay(Duration::from_millis(20)));
    all_are(&ask_for_versions(&app.client, 5).await, &["200"]);
    // Past the limit of a request: no prediction would be answered either if it waited.
    proxy.set(Manner::Delay(Duration::from_secs(4)));
    let asking = ask_for_versions(&app.client, 20);
    let predicting = async {
        for _ in 0..50 {
            predicts(&app).await;
        }
    };
    let (codes, ()) = tokio::join!(asking, predicting);
    all_are(&codes, &["timeout", "store_unavailable"]);
    store_is(&app, "the store is told as down", |state| {
        matches!(state, CheckState::Down(_))
    })
    .await;
    predicts(&app).await;
    proxy.set(Manner::Pass);
    is_well_again(&app, 1001).await;
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_are_replaced_before_anybody_sees_it() {
    let (app, proxy, _database) = behind_a_proxy(&[]).await;
    for key in 0..20 {
        proxy.cut();
        // The sign of life that each gives before it is used finds the dead ones.
        all_are(&ask_for_versions(&app.client, 1).await, &["200"]);
        let written = app
            .client
            .post_json(OBSERVE, &observation(2000 + key))
            .await;
        assert_eq!(written.status, 200, "{}", written.text());
    }
    is_well_again(&app, 2100).await;
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_loses_everything_without_a_word_is_left_behind() {
    let (app, proxy, _database) = behind_a_proxy(&[]).await;
    // Connections in use and idle ones alike lead nowhere from now on, for good.
    proxy.set(Manner::Vanish);
    let codes = ask_for_versions(&app.client, 20).await;
    all_are(&codes, &["timeout", "store_unavailable"]);
    let written = app.client.post_json(OBSERVE, &observation(3000)).await;
    assert!([503, 504].contains(&written.status), "{}", written.text());
    store_is(&app, "the store is told as down", |state| {
        matches!(state, CheckState::Down(_))
    })
    .await;
    predicts(&app).await;
    proxy.set(Manner::Pass);
    is_well_again(&app, 3001).await;
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_starts_into_silence_answers_and_comes_up_when_it_ends() {
    let database = TestDatabase::new(Engine::Postgres).await;
    load(&database.connect().await).await;
    let proxy = Proxy::before(Cluster::shared()).await;
    proxy.set(Manner::Vanish);
    let app = TestApp::start(hasty(&proxy.url(database.name()), &[])).await;
    assert_eq!(app.client.get("/livez").await.status, 200);
    app.client.get("/readyz").await.problem("model_not_ready");
    store_is(&app, "the store is told as down", |state| {
        matches!(state, CheckState::Down(_))
    })
    .await;
    proxy.set(Manner::Pass);
    app.champion().await;
    is_well_again(&app, 4000).await;
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_is_told_at_once_and_asked_again() {
    let (app, proxy, _database) = behind_a_proxy(&[]).await;
    proxy.set(Manner::Refuse);
    for _ in 0..3 {
        all_are(
            &ask_for_versions(&app.client, 20).await,
            &["store_unavailable"],
        );
        let refused = app.client.post_json(OBSERVE, &observation(5000)).await;
        refused.problem("store_unavailable");
        assert!(refused.header("retry-after").is_some());
        predicts(&app).await;
    }
    store_is(&app, "the store is told as down", |state| {
        matches!(state, CheckState::Down(_))
    })
    .await;
    proxy.set(Manner::Pass);
    is_well_again(&app, 5001).await;
    assert!(app.stop(Stop::Now).await);
}
