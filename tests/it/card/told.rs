//! What a card tells of a version: what it is, who promoted it and why, what it replaced.

use crate::support::app::{TestApp, two_features};
use crate::support::database::on_both;
use crate::support::rows::load_two_features;
use crate::support::training::train_champion;
use crate::support::versions::{add_version, promote_elsewhere};
use serde_json::Value;

const STILL: [(&str, &str); 2] = [
    ("LOGITD_TRAINING__WORKER", "false"),
    ("LOGITD_TRAINING__ON_START", "never"),
];

async fn card(app: &TestApp, version: i32) -> Value {
    let answer = app.client.get(&format!("/v1/models/{version}/card")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

on_both!(a_card_tells_the_story_of_its_version, |database| async {
    load_two_features(&database.connect().await, 200, 1).await;
    let config = || two_features(&database.url(), &STILL);
    let champion = train_champion(&config()).await;
    let second = add_version(&config()).await;
    let third = add_version(&config()).await;
    promote_elsewhere(&config(), second, true).await;
    let app = TestApp::start(config()).await;
    app.champion().await;

    let first = card(&app, 1).await;
    let content = &champion.version().content;
    let one = app.client.get("/v1/models/1").await.json();
    assert_eq!(first["model"], one);
    assert_eq!(one["card"], "/v1/models/1/card");
    assert_eq!(first["run"]["id"], content.training_run.as_str());
    assert_eq!(first["run"]["trigger"], "command");
    assert_eq!(first["gate"]["reasons"][0]["code"], "first_version");
    assert_eq!(first["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(first["deployments"][0]["deployed_by"], "command");
    assert_eq!(first.get("replaced"), None, "nothing served before it");
    let rows: u64 = (first["class_rows"].as_array().unwrap().iter())
        .map(|class| class["rows"].as_u64().unwrap())
        .sum();
    assert_eq!(rows, content.trained.rows.fitted);
    for part in [&content.training_run, &content.data_fingerprint] {
        assert!(
            first["citation"].as_str().unwrap().contains(part),
            "{first}"
        );
    }
    let feature = &first["features"][0];
    assert_eq!(feature["training"]["count"], rows);

    let promoted = card(&app, second).await;
    assert_eq!(promoted["replaced"]["version"], 1);
    assert_eq!(promoted["replaced"]["evaluation"], one["evaluation"]);
    assert_eq!(promoted["deployments"][0]["reason"], "a test");
    assert_eq!(promoted["deployments"][0]["pinned"], true);
    assert_eq!(promoted["model"]["champion"], true);
    assert_eq!(card(&app, third).await["deployments"], Value::Array(vec![]));
    app.client
        .get("/v1/models/9/card")
        .await
        .problem("not_found");
    let refused = app.client.get("/v1/models/x/card").await;
    refused.problem("invalid_parameter");
});

on_both!(a_roll_back_is_told_and_replaces_nothing, |database| async {
    load_two_features(&database.connect().await, 200, 1).await;
    let config = || two_features(&database.url(), &STILL);
    train_champion(&config()).await;
    let second = add_version(&config()).await;
    promote_elsewhere(&config(), second, false).await;
    let app = TestApp::start(config()).await;
    app.champion().await;
    let rolled = app
        .client
        .post("/v1/models/rollback", "application/json", "{}");
    assert_eq!(rolled.await.status, 200);
    let first = card(&app, 1).await;
    let actions = first["deployments"].as_array().unwrap().iter();
    let actions: Vec<&str> = actions.map(|of| of["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["roll_back", "promote"]);
    // What it replaced is what served when it came, not what the roll back took away.
    assert_eq!(first.get("replaced"), None);
});
