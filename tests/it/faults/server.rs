//! PostgreSQL itself: read-only for a while, or with no connection left for anybody.

use super::{OBSERVE, hasty, is_well_again, load, observation, predicts, store_is};
use crate::support::app::{PATIENCE, TestApp};
use crate::support::database::TestDatabase;
use crate::support::eventually::eventually;
use crate::support::postgres::Cluster;
use crate::support::proxy::{Manner, Proxy};
use logitd::health::CheckState;
use logitd::lifecycle::Stop;
use sea_orm::{ConnectOptions, Database};
use serde_json::json;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_read_only_is_read_and_whatever_writes_says_so() {
    let cluster = Arc::new(Cluster::private());
    let database = TestDatabase::within(&cluster);
    load(&database.connect().await).await;
    let app = TestApp::start(hasty(&database.url(), &[])).await;
    app.champion().await;

    cluster.set("default_transaction_read_only = on");
    cluster.reload();
    // As a standby, or a primary that was demoted.
    eventually(PATIENCE, "nothing can be written", async || {
        let answer = app.client.post_json(OBSERVE, &observation(1000)).await;
        (answer.status == 503).then(|| answer.problem("store_unavailable"))
    })
    .await;
    let refused = app.client.post_json("/v1/training-runs", &json!({})).await;
    refused.problem("store_unavailable");
    let refused = app
        .client
        .request("DELETE", "/v1/observations/1", &[], "")
        .await;
    refused.problem("store_unavailable");
    assert_eq!(app.client.get("/v1/models").await.status, 200);
    assert_eq!(app.client.get("/v1/observations/1").await.status, 200);
    store_is(
        &app,
        "the store is told as read-only",
        |state| matches!(state, CheckState::Warning(told) if told.contains("cannot be written to")),
    )
    .await;
    predicts(&app).await;

    cluster.set("default_transaction_read_only = off");
    cluster.reload();
    is_well_again(&app, 1001).await;
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_connection_left_is_waited_for() {
    let cluster = Arc::new(Cluster::private());
    cluster.stop();
    cluster.set("max_connections = 20");
    cluster.start();
    let database = TestDatabase::within(&cluster);
    load(&database.connect().await).await;
    let proxy = Proxy::before(&cluster).await;
    let app = TestApp::start(hasty(&proxy.url(database.name()), &[])).await;
    app.champion().await;

    // Others take all that there are while ours are away.
    proxy.set(Manner::Refuse);
    let mut taken = Vec::new();
    loop {
        let mut one = ConnectOptions::new(database.url());
        one.max_connections(1).sqlx_logging(false);
        one.acquire_timeout(std::time::Duration::from_millis(700));
        match Database::connect(one).await {
            Ok(connection) => taken.push(connection),
            Err(_) if taken.len() >= 10 => break,
            Err(error) => panic!("{error}"),
        }
    }
    proxy.set(Manner::Pass);
    for _ in 0..2 {
        let answer = app.client.get("/v1/models").await;
        answer.problem("store_unavailable");
        let refused = app.client.post_json(OBSERVE, &observation(1000)).await;
        refused.problem("store_unavailable");
        predicts(&app).await;
    }
    for connection in taken {
        connection.close().await.unwrap();
    }
    is_well_again(&app, 1001).await;
    assert!(app.stop(Stop::Now).await);
}
