//! A rollout that changes the features: the old services go on, the new ones train first and take
//! traffic after.

use crate::support::app::{PATIENCE, TestApp, two_features};
use crate::support::client::Client;
use crate::support::database::on_both;
use crate::support::eventually::eventually;
use crate::support::rows::load_two_features;
use logitd::config::Config;
use serde_json::Value;

const RUNS: &str = "/v1/training-runs";

fn narrow(url: &str, worker: &str) -> Config {
    let settings = [
        ("LOGITD_DATASET__FEATURES", "[{name = \"feature_1\"}]"),
        ("LOGITD_TRAINING__WORKER", worker),
    ];
    two_features(url, &settings)
}

async fn is_ready(client: &Client) -> bool {
    client.get("/readyz").await.status == 200
}

/// The newest run of each of the two schemas, by the fingerprint.
async fn newest(client: &Client, fingerprint: &Value) -> Option<Value> {
    let listed = client.get(RUNS).await.json();
    let mut runs = listed["items"].as_array()?.iter();
    runs.find(|run| run["schema_fingerprint"] == *fingerprint)
        .cloned()
}

async fn until_ended(client: &Client, fingerprint: &Value) -> Value {
    eventually(PATIENCE, "the run ends", async || {
        let run = newest(client, fingerprint).await?;
        run["finished_at"].is_string().then_some(run)
    })
    .await
}

on_both!(
    old_services_serve_on_and_never_claim_the_run_of_the_new_features,
    |database| async {
        load_two_features(&database.connect().await, 300, 7).await;
        let url = database.url();
        let old = TestApp::start(two_features(&url, &[])).await;
        let champion = old.champion().await;
        let old_schema = old.client.get("/v1/schema").await.json()["fingerprint"].clone();

        // The new one only queues: whoever would claim the run now is an old one.
        let new = TestApp::start(narrow(&url, "false")).await;
        let asked = eventually(PATIENCE, "the new one asks for its run", async || {
            let listed = new.client.get(RUNS).await;
            let listed = (listed.status == 200).then(|| listed.json())?;
            let run = listed["items"][0].clone();
            (run["schema_fingerprint"] != old_schema).then_some(run)
        });
        let asked = asked.await;
        assert_eq!(
            (&asked["trigger"], &asked["status"]),
            (&"start".into(), &"queued".into())
        );
        // The old one works off three runs of its own meanwhile, each after looking at the queue.
        for _ in 0..3 {
            let answer = old.client.request("POST", RUNS, &[], "").await;
            assert_eq!(answer.status, 202, "a queue of its own: {}", answer.text());
            let ended = until_ended(&old.client, &old_schema).await;
            assert!(ended["error"].is_null(), "{ended}");
        }
        let link = format!("{RUNS}/{}", asked["id"].as_str().unwrap());
        let waiting = new.client.get(&link).await.json();
        assert_eq!(
            (&waiting["status"], &waiting["attempt"]),
            (&"queued".into(), &0.into())
        );
        assert!(!is_ready(&new.client).await, "nothing to serve yet");
        new.client
            .get("/v1/predict?feature_1=1")
            .await
            .problem("model_not_ready");

        // One that may train: it claims the run, and both new ones become ready.
        let trains = TestApp::start(narrow(&url, "true")).await;
        for app in [&new, &trains] {
            let ready = async || is_ready(&app.client).await.then_some(());
            eventually(PATIENCE, "the new ones are ready", ready).await;
            let answer = app.client.get("/v1/predict?feature_1=1").await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        let made = new.client.get(&link).await.json();
        assert_eq!(
            (&made["status"], &made["attempt"]),
            (&"promoted".into(), &1.into())
        );
        // The old one serves its own champion, and answers for its own features.
        let answer = old.client.get("/v1/predict?feature_1=1&feature_2=-1").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(is_ready(&old.client).await);
        let serving = old.client.get("/v1/models/champion").await.json();
        assert_eq!(serving["schema_fingerprint"], old_schema);
        assert_ne!(serving["version"], made["version"]);
        assert!(serving["version"].as_i64().unwrap() >= i64::from(champion.number()));
    }
);
