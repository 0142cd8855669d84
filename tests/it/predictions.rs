//! What a prediction says, by every way to ask for it.

use crate::support::app::{TestApp, config, example};
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::rows::load_two_features;
use serde_json::{Value, json};

async fn two_features(database: &TestDatabase) -> TestApp {
    load_two_features(&database.connect().await, 300, 7).await;
    let app = TestApp::start(config(&example("two-features"), &database.url(), &[])).await;
    app.champion().await;
    app
}

on_both!(a_prediction_has_the_promised_form, |database| async {
    let app = TestApp::with_breast_cancer(&database).await;
    let document = app.client.get("/openapi.json").await.json();
    let instance = document["components"]["schemas"]["Instance"]["example"].clone();
    let answer = app.client.post_json("/v1/predict", &instance).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let said = answer.json();
    let members: Vec<&String> = said.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "label",
            "probability",
            "probabilities",
            "log_odds",
            "warnings",
            "model"
        ]
    );
    let classes: Vec<&String> = said["probabilities"].as_object().unwrap().keys().collect();
    assert_eq!(
        classes,
        ["benign", "malignant"],
        "in the order of the classes"
    );
    let (p, odds) = (
        said["probability"].as_f64().unwrap(),
        said["log_odds"].as_f64().unwrap(),
    );
    assert_eq!(said["probabilities"]["malignant"].as_f64().unwrap(), p);
    assert!((p - 1.0 / (1.0 + (-odds).exp())).abs() < 1e-15);
    assert_eq!(said["label"], if p > 0.5 { "malignant" } else { "benign" });
    assert_eq!(
        said["model"],
        json!({"name": "breast-cancer", "version": 1})
    );
    assert_eq!(said["warnings"], json!([]));

    let explained = app
        .client
        .post_json("/v1/predict?explain=true", &instance)
        .await
        .json();
    let parts = explained["contributions"].as_object().unwrap();
    let features: Vec<&String> = parts.keys().collect();
    assert_eq!(
        features,
        instance.as_object().unwrap().keys().collect::<Vec<_>>()
    );
    let sum: f64 = parts.values().map(|part| part.as_f64().unwrap()).sum();
    assert!((sum + explained["baseline"].as_f64().unwrap() - odds).abs() < 1e-9);
});

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_ask_gives_the_same_answer() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = two_features(&database).await;
    let (a, b) = (-1.5e-3, 2.25);
    let posted = app
        .client
        .post_json("/v1/predict", &json!({"feature_2": b, "feature_1": a}))
        .await
        .json();
    for path in [
        "/v1/predict?feature_1=-1.5e-3&feature_2=2.25",
        "/v1/predict?feature_2=2.25&feature_1=-0.0015",
        "/predict/feature_1/-1.5e-3/feature_2/2.25",
        "/predict/feature_1/-1.5E-03/feature%5F2/2%2E25",
    ] {
        let answer = app.client.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.json(), posted, "{path}");
    }
    let instances =
        json!({"instances": [{"feature_1": a, "feature_2": b}, {"feature_1": 1, "feature_2": 0}]});
    let batch = app
        .client
        .post_json("/v1/predict/batch", &instances)
        .await
        .json();
    assert_eq!(batch["model"], posted["model"]);
    let mut first = batch["predictions"][0].clone();
    first["model"] = posted["model"].clone();
    assert_eq!(first, posted);
    let second = app
        .client
        .get("/v1/predict?feature_1=1&feature_2=0")
        .await
        .json();
    assert_eq!(batch["predictions"][1]["log_odds"], second["log_odds"]);
    let explained = app
        .client
        .get("/v1/predict?feature_1=1&feature_2=0&explain=true")
        .await
        .json();
    assert!(explained["contributions"]["feature_1"].is_f64());
}

#[tokio::test(flavor = "multi_thread")]
async fn values_outside_the_training_range_are_answered_with_a_warning() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = two_features(&database).await;
    let schema = app.client.get("/v1/schema").await.json();
    let range = &schema["features"][0]["training"];
    let outside = json!({"feature_1": 9.75, "feature_2": 0.0});
    let said = app.client.post_json("/v1/predict", &outside).await.json();
    let expected = json!([{"feature": "feature_1", "kind": "outside_training_range",
        "minimum": range["minimum"], "maximum": range["maximum"]}]);
    assert_eq!(said["warnings"], expected);
    let inside = json!({"feature_1": range["maximum"], "feature_2": 0.0});
    let said = app.client.post_json("/v1/predict", &inside).await.json();
    assert_eq!(
        said["warnings"],
        json!([]),
        "the ends of the range belong to it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_value_may_be_the_training_mean() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let text =
        example("two-features").replacen("maximum = 10.0", "maximum = 10.0\nmissing = \"mean\"", 1);
    let app = TestApp::start(config(&text, &database.url(), &[])).await;
    app.champion().await;
    let schema = app.client.get("/v1/schema").await.json();
    let mean = schema["features"][0]["training"]["mean"].clone();
    let given = app
        .client
        .post_json("/v1/predict", &json!({"feature_1": mean, "feature_2": 1}))
        .await
        .json();
    let imputed = json!([{"feature": "feature_1", "kind": "imputed", "mean": mean}]);
    let answers = [
        app.client
            .post_json("/v1/predict", &json!({"feature_2": 1}))
            .await,
        app.client
            .post_json("/v1/predict", &json!({"feature_1": null, "feature_2": 1}))
            .await,
        app.client.get("/v1/predict?feature_2=1").await,
    ];
    for answer in answers {
        let said: Value = answer.json();
        assert_eq!(said["warnings"], imputed);
        assert_eq!(said["log_odds"], given["log_odds"]);
    }
    let other = app
        .client
        .post_json("/v1/predict", &json!({"feature_1": 1}))
        .await;
    other.problem("invalid_instance");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_keeps_its_id() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = two_features(&database).await;
    let id = [("x-request-id", "my-own-id.7")];
    let answer = app.client.request("GET", "/v1/schema", &id, "").await;
    assert_eq!(answer.header("x-request-id"), Some("my-own-id.7"));
    let answer = app.client.request("GET", "/nope", &id, "").await;
    assert_eq!(answer.problem("not_found")["request_id"], "my-own-id.7");
    let (first, second) = (
        app.client.get("/livez").await,
        app.client.get("/livez").await,
    );
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_come_in_pages_newest_first() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let served = config(&example("two-features"), &database.url(), &[]);
    crate::support::training::train(&served).await;
    for seed in ["1", "2", "3", "4"] {
        // Without held-out rows nothing but the first is promoted by itself.
        let overrides = [
            ("LOGITD_TRAINING__HELD_OUT_FRACTION", "0"),
            ("LOGITD_TRAINING__SEED", seed),
        ];
        let config = config(&example("two-features"), &database.url(), &overrides);
        crate::support::training::train(&config).await;
    }
    // Only now: a service's own worker would take the runs up.
    let app = TestApp::start(served).await;
    app.champion().await;
    let mut seen = Vec::new();
    let mut path = "/v1/models?limit=2".to_owned();
    loop {
        let page = app.client.get(&path).await.json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["version"].as_i64().unwrap()));
        assert!(
            items
                .iter()
                .all(|item| item["champion"] == json!(item["version"] == 1))
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/v1/models?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    let one = app.client.get("/v1/models/1").await.json();
    let mut champion = app.client.get("/v1/models/champion").await.json();
    for of_champion in ["deployment", "serving"] {
        let member = champion.as_object_mut().unwrap().remove(of_champion);
        assert!(member.is_some(), "{of_champion}");
    }
    assert_eq!(one, champion);
    let rows = &one["rows"];
    assert_eq!(rows["fitted"], 300);
    let sum = rows["gate_training"].as_i64().unwrap() + rows["held_out"].as_i64().unwrap();
    assert_eq!(sum, 300);
    let held_out = one["evaluation"]["rows"].as_i64().unwrap();
    assert_eq!(held_out, rows["held_out"].as_i64().unwrap());
}
