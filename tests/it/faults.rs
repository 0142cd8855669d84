//! What the database may do, and what becomes of the service then: it predicts, and says of the rest
//! what is the matter; when the database is well again, so is all of it, and nothing is restarted.

mod disk;
mod network;
mod newer;
mod restarts;
mod server;

use crate::support::app::{PATIENCE, TestApp, config};
use crate::support::eventually::eventually;
use crate::support::growing::{self, CONFIG};
use logitd::config::Config;
use logitd::health::{CheckName, CheckState};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};

const PREDICT: &str = "/v1/predict?a=1&b=-1";
const OBSERVE: &str = "/v1/observations";

/// Predicts, takes observations, and gives up soon.
fn hasty(url: &str, overrides: &[(&str, &str)]) -> Config {
    let mut all = vec![
        ("LOGITD_OBSERVATIONS__ENABLED", "true"),
        ("LOGITD_DATABASE__ACQUIRE_TIMEOUT_MS", "500"),
        ("LOGITD_DATABASE__STATEMENT_TIMEOUT_MS", "1000"),
    ];
    all.extend(overrides);
    config(CONFIG, url, &all)
}

/// Three hundred rows to learn from.
async fn load(db: &DatabaseConnection) {
    growing::create(db).await;
    growing::add(db, &growing::rows(0..300)).await;
}

fn observation(key: i64) -> Value {
    json!({"key": key, "features": {"a": 0.5, "b": -0.5}, "label": "yes"})
}

/// How the check `store` stands.
fn store(app: &TestApp) -> CheckState {
    let checks = app.health.checks();
    let found = checks
        .into_iter()
        .find(|(name, _)| *name == CheckName::Store);
    found.unwrap().1
}

async fn store_is(app: &TestApp, what: &str, expected: impl Fn(&CheckState) -> bool) {
    eventually(PATIENCE, what, async || expected(&store(app)).then_some(())).await;
}

/// What never depends on the database.
async fn predicts(app: &TestApp) {
    for path in [
        PREDICT,
        "/readyz",
        "/livez",
        "/v1/schema",
        "/v1/models/champion",
    ] {
        let answer = app.client.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

/// All of it works: reading, writing, and training to the end.
async fn is_well_again(app: &TestApp, key: i64) {
    store_is(app, "the store is told as up", |state| {
        *state == CheckState::Up
    })
    .await;
    eventually(PATIENCE, "the versions are listed", async || {
        (app.client.get("/v1/models").await.status == 200).then_some(())
    })
    .await;
    eventually(PATIENCE, "observations are taken", async || {
        let answer = app.client.post_json(OBSERVE, &observation(key)).await;
        (answer.status == 200).then_some(())
    })
    .await;
    let newest = eventually(PATIENCE, "a run is asked for", async || {
        let answer = app.client.post_json("/v1/training-runs", &json!({})).await;
        (answer.status == 202).then(|| answer.header("location").unwrap().to_owned())
    })
    .await;
    eventually(PATIENCE, "the run ends", async || {
        let run = app.client.get(&newest).await;
        (run.status == 200 && run.json()["finished_at"].is_string()).then_some(())
    })
    .await;
    predicts(app).await;
}
