//! What the start of a service asks for, as `[training] on_start` says.

use crate::support::app::{PATIENCE, TestApp, two_features};
use crate::support::client::Client;
use crate::support::database::on_both;
use crate::support::eventually::eventually;
use crate::support::rows::load_two_features;
use crate::support::training::train_champion;
use logitd::config::Config;
use serde_json::{Value, json};

const RUNS: &str = "/v1/training-runs";

fn on_start(url: &str, word: &str) -> Config {
    two_features(url, &[("LOGITD_TRAINING__ON_START", word)])
}

/// The runs of a service, newest first, once nothing is left to do.
async fn ended(client: &Client) -> Vec<Value> {
    eventually(PATIENCE, "every run has ended", async || {
        let listed = client.get(RUNS).await;
        let listed = (listed.status == 200).then(|| listed.json())?;
        let runs = listed["items"].as_array()?.clone();
        let over = runs.iter().all(|run| run["finished_at"].is_string());
        over.then_some(runs)
    })
    .await
}

/// Asks for a run, which ends after whatever the start asked for; every run that there is then.
async fn after_a_request(client: &Client) -> Vec<Value> {
    let link = eventually(PATIENCE, "a run is made", async || {
        let asked = client.request("POST", RUNS, &[], "").await;
        (asked.status == 202).then(|| asked.header("location").unwrap().to_owned())
    });
    let link = link.await;
    let over = async || {
        client.get(&link).await.json()["finished_at"]
            .is_string()
            .then_some(())
    };
    eventually(PATIENCE, "the run ends", over).await;
    let covered = client.get(&link).await.json()["covered"].clone();
    assert!(covered.is_null() || covered == json!([]), "{covered}");
    ended(client).await
}

fn triggers(runs: &[Value]) -> Vec<&str> {
    let triggers = runs.iter().map(|run| run["trigger"].as_str().unwrap());
    triggers.collect()
}

on_both!(
    always_trains_beside_a_champion_at_every_start,
    |database| async {
        load_two_features(&database.connect().await, 300, 7).await;
        train_champion(&on_start(&database.url(), "always")).await;
        for starts in 1..=2 {
            let app = TestApp::start(on_start(&database.url(), "always")).await;
            let runs = eventually(PATIENCE, "the start has its run", async || {
                let runs = ended(&app.client).await;
                (runs.len() > starts).then_some(runs)
            });
            let runs = runs.await;
            assert_eq!(runs.len(), starts + 1);
            assert_eq!(triggers(&runs)[0], "start");
            // The same rows again are no reason for another version.
            assert_eq!(
                runs[0]["gate"]["reasons"][0]["code"], "unchanged",
                "{}",
                runs[0]
            );
            assert!(app.stop(logitd::lifecycle::Stop::Now).await);
        }
    }
);

on_both!(
    if_missing_trains_only_where_nothing_serves,
    |database| async {
        load_two_features(&database.connect().await, 300, 7).await;
        let first = TestApp::start(on_start(&database.url(), "if_missing")).await;
        first.champion().await;
        assert_eq!(triggers(&ended(&first.client).await), ["start"]);
        assert!(first.stop(logitd::lifecycle::Stop::Now).await);
        let second = TestApp::start(on_start(&database.url(), "if_missing")).await;
        second.champion().await;
        let runs = after_a_request(&second.client).await;
        assert_eq!(triggers(&runs), ["request", "start"]);
    }
);

on_both!(never_trains_by_itself, |database| async {
    load_two_features(&database.connect().await, 300, 7).await;
    let app = TestApp::start(on_start(&database.url(), "never")).await;
    let runs = after_a_request(&app.client).await;
    assert_eq!(triggers(&runs), ["request"]);
    assert_eq!(runs[0]["status"], "promoted");
    app.champion().await;
});
