//! Replicas while what serves changes: every answer is its version's, and a champion that one
//! cannot load leaves the old one serving.

use crate::support::app::{PATIENCE, TestApp, example, two_features, workshop};
use crate::support::client::Client;
use crate::support::database::on_both;
use crate::support::eventually::eventually;
use crate::support::process::{Launch, Process};
use crate::support::rows::load_two_features;
use crate::support::tables::count_rows;
use crate::support::training::train_champion;
use crate::support::versions::{add_version, promote_elsewhere, spoil};
use logitd::config::Config;
use logitd::store::{DeploymentAction, NewDeployment};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const STILL: [(&str, &str); 2] = [
    ("LOGITD_TRAINING__WORKER", "false"),
    ("LOGITD_TRAINING__ON_START", "never"),
];

/// What the test itself computes a version's answers from: its stored numbers.
#[derive(Debug)]
struct Equation {
    baseline: f64,
    weights: Vec<f64>,
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Equation {
    fn of(trained: &Value) -> Self {
        let classifier = &trained["served"]["classifier"];
        let numbers = |list: &Value| {
            let list = list.as_array().unwrap().iter();
            list.map(|number| number.as_f64().unwrap()).collect()
        };
        let equation = &classifier["equations"][0];
        Self {
            baseline: equation["baseline"].as_f64().unwrap(),
            weights: numbers(&equation["standardized"]),
            means: numbers(&classifier["scaler"]["means"]),
            deviations: numbers(&classifier["scaler"]["deviations"]),
        }
    }

    /// Log-odds and probability of the positive class.
    fn answer(&self, instance: &[f64]) -> (f64, f64) {
        let mut log_odds = self.baseline;
        for (at, value) in instance.iter().enumerate() {
            log_odds += self.weights[at] * ((value - self.means[at]) / self.deviations[at]);
        }
        let small = (-log_odds.abs()).exp();
        let larger = if log_odds >= 0.0 { 1.0 } else { small };
        (log_odds, larger / (1.0 + small))
    }
}

/// Panics unless an answer is to the last bit what its version says; gives that version.
fn judge(equations: &BTreeMap<i64, Equation>, said: &Value, model: &Value, at: &[f64]) -> i64 {
    let version = model["version"].as_i64().unwrap();
    let (log_odds, probability) = equations[&version].answer(at);
    let bits = |number: &Value| number.as_f64().unwrap().to_bits();
    assert_eq!(bits(&said["log_odds"]), log_odds.to_bits(), "{said}");
    assert_eq!(bits(&said["probability"]), probability.to_bits(), "{said}");
    version
}

/// Asks until told to stop, single and batch in turn; gives the versions seen and the answers.
async fn load(
    client: Client,
    equations: Arc<BTreeMap<i64, Equation>>,
    stop: Arc<AtomicBool>,
) -> (BTreeSet<i64>, u64) {
    let (mut seen, mut answers) = (BTreeSet::new(), 0_u64);
    while !stop.load(Ordering::Relaxed) {
        let x = (answers % 17) as f64 / 4.0 - 2.0;
        let rows = [[x, 0.3 - x], [-x, 1.7], [0.1, x * x]];
        let object = |row: &[f64; 2]| json!({"feature_1": row[0], "feature_2": row[1]});
        if answers.is_multiple_of(2) {
            let answer = client.post_json("/v1/predict", &object(&rows[0])).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let said = answer.json();
            seen.insert(judge(&equations, &said, &said["model"], &rows[0]));
        } else {
            let body = json!({"instances": rows.iter().map(object).collect::<Value>()});
            let answer = client.post_json("/v1/predict/batch", &body).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let said = answer.json();
            for (row, prediction) in rows.iter().zip(said["predictions"].as_array().unwrap()) {
                seen.insert(judge(&equations, prediction, &said["model"], row));
            }
        }
        answers += 1;
    }
    (seen, answers)
}

async fn equations(config: &Config) -> BTreeMap<i64, Equation> {
    let workshop = workshop(config).await;
    let versions = workshop.registry.list_versions(None, 100).await.unwrap();
    let equation = |trained| Equation::of(&serde_json::to_value(trained).unwrap());
    let versions = versions.iter().map(|listed| {
        let number = i64::from(listed.version);
        (
            number,
            equation(&listed.read.as_ref().unwrap().content.trained),
        )
    });
    versions.collect()
}

/// Promotes and rolls back a hundred times, now here, now there; each must serve where it was
/// answered. What a roll back leads to the test knows by a stack of its own.
async fn promote_and_roll_back(apps: &[TestApp; 2]) {
    let mut stack = vec![1_usize];
    for n in 0..100 {
        let client = &apps[n % 2].client;
        let back = n % 3 == 2 && stack.len() > 1;
        let path = if back {
            stack.pop();
            "/v1/models/rollback".to_owned()
        } else {
            let version = 1 + (n * 7 + n / 5) % 4;
            if stack.last() != Some(&version) {
                stack.push(version);
            }
            format!("/v1/models/{version}/promote")
        };
        let answer = client
            .post_json(&path, &json!({"reason": "a hundred"}))
            .await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.json()["version"], *stack.last().unwrap(), "{path}");
        let champion = client.get("/v1/models/champion").await.json();
        assert_eq!(champion["version"], *stack.last().unwrap(), "{path}");
    }
}

on_both!(
    a_hundred_changes_under_load_and_every_answer_is_its_versions,
    |database| async {
        load_two_features(&database.connect().await, 200, 1).await;
        let config = two_features(&database.url(), &STILL);
        train_champion(&config).await;
        for _ in 1..4 {
            add_version(&config).await;
        }
        let equations = Arc::new(equations(&config).await);
        assert_eq!(equations.len(), 4);
        let start = async || TestApp::start(two_features(&database.url(), &STILL)).await;
        let apps = [start().await, start().await];
        for app in &apps {
            app.champion().await;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let clients = (0..6).map(|n| {
            let client = apps[n % 2].client.clone();
            tokio::spawn(load(client, Arc::clone(&equations), Arc::clone(&stop)))
        });
        let clients: Vec<_> = clients.collect();
        promote_and_roll_back(&apps).await;
        stop.store(true, Ordering::Relaxed);
        let (mut seen, mut answers) = (BTreeSet::new(), 0);
        for client in clients {
            let (versions, count) = client.await.unwrap();
            seen.extend(versions);
            answers += count;
        }
        assert_eq!(seen, BTreeSet::from([1, 2, 3, 4]));
        assert!(answers > 100, "{answers} answers are no load");
        let db = database.connect().await;
        assert_eq!(count_rows(&db, "logitd_deployment").await, 101);
        // Both come to serve what was decided last.
        let newest = apps[0].client.get("/v1/deployments?limit=1").await.json();
        for app in &apps {
            eventually(PATIENCE, "the replica follows", async || {
                let said = app.client.get("/readyz?verbose").await.json();
                (said["serving"]["serves"] == newest["items"][0]["version"]).then_some(())
            })
            .await;
        }
    }
);

/// A service of the built program, so that its log can be read.
fn launch(directory: &tempfile::TempDir, url: &str) -> Process {
    let file = directory.path().join("logitd.toml");
    std::fs::write(&file, example("two-features")).unwrap();
    Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(["serve"])
        .directory(directory.path())
        .env("LOGITD_DATABASE__URL", url)
        .env("LOGITD_HTTP__LISTEN", "127.0.0.1:0")
        .env("LOGITD_HTTP__DRAIN_SECONDS", "0")
        .env("LOGITD_SERVING__FOLLOW_INTERVAL_SECONDS", "1")
        .env("LOGITD_TRAINING__WORKER", "false")
        .env("LOGITD_TRAINING__ON_START", "never")
        .start()
}

/// The part of the verbose readiness that is about the model, once `holds`.
async fn readiness(client: &Client, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    eventually(PATIENCE, what, async || {
        let answer = client.get("/readyz?verbose").await;
        let said = (answer.status == 200).then(|| answer.json())?;
        holds(&said).then_some(said)
    })
    .await
}

fn model_check(readiness: &Value) -> &Value {
    let checks = readiness["checks"].as_array().unwrap();
    checks
        .iter()
        .find(|check| check["name"] == "model")
        .unwrap()
}

on_both!(
    a_champion_that_cannot_be_loaded_leaves_the_old_one_serving,
    |database| async {
        load_two_features(&database.connect().await, 200, 1).await;
        let config = two_features(&database.url(), &STILL);
        train_champion(&config).await;
        add_version(&config).await;
        let directory = tempfile::tempdir().unwrap();
        let mut service = launch(&directory, &database.url());
        let client = Client::new(service.address().await);
        readiness(&client, "it serves", |said| said["serving"]["serves"] == 1).await;

        let db = database.connect().await;
        spoil(&db, 2).await;
        // This process refuses what it cannot serve; one that can read it promotes it.
        let refused = client.post_json("/v1/models/2/promote", &json!({})).await;
        refused.problem("conflict");
        assert_eq!(count_rows(&db, "logitd_deployment").await, 1);
        let workshop = workshop(&config).await;
        let promoted = NewDeployment {
            version: 2,
            action: DeploymentAction::Promote,
            pinned: false,
            deployed_at: chrono::DateTime::UNIX_EPOCH,
            deployed_by: "a later logitd".into(),
            reason: String::new(),
            replaces: Some(1),
        };
        let (model, schema) = (workshop.registry.model(), workshop.schema.fingerprint());
        let deployed = workshop.database.deploy(model, &schema, promoted).await;
        deployed.unwrap();

        let tried_again = |said: &Value| said["serving"]["failed_loads"].as_u64() >= Some(3);
        let said = readiness(&client, "it tries again", tried_again).await;
        assert_eq!(said["serving"]["serves"], 1);
        assert_eq!(said["serving"]["should_serve"], 2);
        let page = client.get("/metrics").await;
        let mut counted = page.text().lines();
        let failed = counted.find(|line| line.starts_with("serving_failed_loads_total{"));
        let failed: f64 = failed.unwrap().rsplit(' ').next().unwrap().parse().unwrap();
        assert!(failed >= 3.0, "{failed}");
        let check = model_check(&said);
        assert_eq!(check["state"], "warning", "{said}");
        let detail = check["detail"].as_str().unwrap();
        for told in [
            "version 2",
            "logitd_model_version",
            "version 1 goes on serving",
        ] {
            assert!(detail.contains(told), "{told}: {detail}");
        }
        let champion = client.get("/v1/models/champion").await.json();
        assert_eq!(champion["version"], 1);
        assert_eq!(champion["champion"], false);
        assert_eq!(champion["serving"], said["serving"]);
        let predicted = client.get("/v1/predict?feature_1=1&feature_2=1").await;
        assert_eq!(predicted.json()["model"]["version"], 1);

        promote_elsewhere(&config, 1, false).await;
        let mended = |said: &Value| model_check(said)["state"] == "up";
        let said = readiness(&client, "it is mended", mended).await;
        assert_eq!(said["serving"]["should_serve"], 1);
        let log = service.stderr();
        let told = log.lines().filter(|line| line.contains("goes on serving"));
        assert_eq!(told.count(), 1, "{log}");
    }
);
