//! Every example of the document works: requests are sent as they stand, and what comes back, like
//! what stands as an example, is what the schemas say.
//!
//! On SQLite only: the document does not depend on the engine.

use crate::documents::cases::{
    HOSTILE_NAMES, Operation, cases, hostile_names, members, operations, orders,
};
use crate::documents::fits::faults;
use crate::support::app::{PATIENCE, TestApp, breast_cancer, two_features};
use crate::support::client::Answer;
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::rows::{load_breast_cancer, load_csv, load_two_features};
use crate::support::tables::{ColumnKind, create_table, insert_rows};
use crate::support::training::train_champion;
use crate::support::versions::{add_version, promote_elsewhere};
use logitd::config::Config;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::sea_query;
use serde_json::Value;

/// Sends the request that the document shows.
async fn send(app: &TestApp, operation: &Operation<'_>) -> Answer {
    let mut path = operation.path.to_owned();
    let mut query = Vec::new();
    for parameter in operation.parameters() {
        let default = parameter["schema"].get("default");
        let Some(value) = parameter.get("example").or(default) else {
            continue;
        };
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let (name, value) = match parameter["name"].as_str().unwrap() {
            // No run has the example's id: one that is there stands in.
            "id" => ("id", a_run(app).await),
            name => (name, encoded(&value)),
        };
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), &value);
        } else {
            query.push(format!("{}={value}", encoded(name)));
        }
    }
    let path = format!("{path}?{}", query.join("&"));
    let method = operation.method.to_uppercase();
    let body = &operation.value["requestBody"]["content"];
    match members(body).next() {
        Some((media, content)) => {
            let headers = [("content-type", media)];
            let example = &content["example"];
            let body = example
                .as_str()
                .map_or_else(|| example.to_string(), str::to_owned);
            app.client.request(&method, &path, &headers, body).await
        }
        None => app.client.request(&method, &path, &[], "").await,
    }
}

/// The newest run, which has ended; one that is cancelled can be cancelled again.
async fn a_run(app: &TestApp) -> String {
    let newest = async || {
        let runs = app.client.get("/v1/training-runs?limit=1").await.json();
        let ended = runs["items"][0]["finished_at"].is_string();
        ended.then(|| runs["items"][0]["id"].as_str().unwrap().to_owned())
    };
    eventually(PATIENCE, "the newest run ends", newest).await
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A service with a version to roll back to.
async fn with_history(config: impl Fn() -> Config) -> TestApp {
    train_champion(&config()).await;
    let second = add_version(&config()).await;
    promote_elsewhere(&config(), second, false).await;
    TestApp::start(config()).await
}

/// Sends every example of the served document; the ids of the operations.
async fn every_example_works(app: &TestApp) -> Vec<String> {
    app.champion().await;
    let document = app.client.get("/openapi.json").await.json();
    let mut sent = Vec::new();
    for operation in operations(&document) {
        if operation.id == "cancel_training_run" {
            leave_a_cancelled_run(app).await;
        }
        let answer = send(app, &operation).await;
        let mut responses = operation.responses();
        let success = responses.find(|(status, _)| status.starts_with('2'));
        let (status, success) = success.unwrap();
        let said = (operation.id, answer.status.to_string());
        assert_eq!(said, (operation.id, status.to_owned()), "{}", answer.text());
        if status == "204" {
            assert!(answer.body.is_empty(), "{}", operation.id);
            sent.push(operation.id.to_owned());
            continue;
        }
        let content = &success["content"];
        let media = answer.header("content-type").unwrap();
        let schema = &content[media]["schema"];
        assert!(schema.is_object(), "{}: {media} is not told", operation.id);
        let said = match media {
            "text/csv" => answer.text().into(),
            _ => answer.json(),
        };
        let found = faults(&document, schema, &said);
        assert!(found.is_empty(), "{}: {found:#?}", operation.id);
        let told = members(&success["headers"]).map(|(name, _)| name);
        for name in told.chain(["x-request-id", "cache-control"]) {
            let name = name.to_lowercase();
            assert!(answer.header(&name).is_some(), "{}: {name}", operation.id);
        }
        sent.push(operation.id.to_owned());
    }
    sent
}

/// Asks for runs until one is taken back before it has ended.
async fn leave_a_cancelled_run(app: &TestApp) {
    eventually(PATIENCE, "a run is cancelled in time", async || {
        let asked = app
            .client
            .request("POST", "/v1/training-runs", &[], "")
            .await;
        let link = asked.header("location").unwrap().to_owned();
        let cancelled = app.client.request("DELETE", &link, &[], "").await;
        (cancelled.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn every_request_works_as_it_stands() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_breast_cancer(&database.connect().await).await;
    let observations = [("LOGITD_OBSERVATIONS__ENABLED", "true")];
    let app = with_history(|| breast_cancer(&database.url(), &observations)).await;
    let sent = every_example_works(&app).await;
    for id in [
        "predict",
        "predict_from_query",
        "predict_from_path",
        "predict_batch",
        "predict_csv",
        "get_model",
        "promote_model",
        "roll_back_model",
        "pin_model",
        "unpin_model",
        "write_observations",
        "list_observations",
        "get_observation",
        "put_observation",
        "delete_observation",
    ] {
        assert!(
            sent.iter().any(|sent| sent == id),
            "{id} is not among {sent:?}"
        );
    }
}

#[tokio::test]
async fn every_request_works_with_two_features_and_no_configured_classes() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let app = with_history(|| two_features(&database.url(), &[])).await;
    assert!(
        every_example_works(&app)
            .await
            .contains(&"predict_from_path".to_owned())
    );
}

#[tokio::test]
async fn every_request_works_with_three_classes_and_a_key() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/clients/configurations/orders.csv"
    );
    load_csv(&database.connect().await, file, "orders", "outcome").await;
    let mut app = with_history(|| orders(&database.url())).await;
    app.client = app.client.with_key("orders");
    let sent = every_example_works(&app).await;
    for id in ["request_training_run", "write_observations", "livez"] {
        assert!(sent.iter().any(|sent| sent == id), "{id}: {sent:?}");
    }
}

#[tokio::test]
async fn every_request_works_with_names_that_no_one_would_choose() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let db = database.connect().await;
    let features = HOSTILE_NAMES.map(|name| (name, ColumnKind::Double));
    let columns = [&features[..], &[("class", ColumnKind::Text)]].concat();
    create_table(&db, "data", &columns).await;
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let rows = (0..200_u32).map(|row| {
        let class = if row % 3 == 0 { "</script>" } else { "no" };
        // Remainders by different numbers: no column is a sum of others.
        let values = (2..)
            .take(HOSTILE_NAMES.len())
            .map(|n| f64::from(row * row % (n + 5)));
        let values = values.map(sea_query::Value::from);
        values.chain([sea_query::Value::from(class)]).collect()
    });
    insert_rows(&db, "data", &names, rows.collect()).await;
    let app = with_history(|| hostile_names(&database.url())).await;
    let sent = every_example_works(&app).await;
    assert!(!sent.contains(&"predict_from_path".to_owned()));
    assert!(sent.len() > 10);
}

#[test]
fn every_example_is_what_its_schema_says() {
    for case in cases() {
        let document = &case.document.value;
        let check = |place: &str, schema: &Value, example: &Value| {
            let found = faults(document, schema, example);
            assert!(found.is_empty(), "{}: {place}: {found:#?}", case.name);
        };
        for operation in operations(document) {
            let id = operation.id;
            for parameter in operation.parameters() {
                if let Some(example) = parameter.get("example") {
                    check(id, &parameter["schema"], example);
                }
            }
            let request = members(&operation.value["requestBody"]["content"]);
            for (_, content) in request {
                check(id, &content["schema"], &content["example"]);
            }
            for (status, response) in operation.responses() {
                let content = &response["content"]["application/json"];
                if status.starts_with('2') && content.is_object() {
                    check(id, &content["schema"], &content["example"]);
                }
            }
        }
        for (name, schema) in members(&document["components"]["schemas"]) {
            if let Some(example) = schema.get("example") {
                check(name, schema, example);
            }
        }
    }
}

#[test]
fn every_example_of_a_problem_is_a_problem_of_its_status() {
    for case in cases() {
        let document = &case.document.value;
        for operation in operations(document) {
            for (status, response) in operation.responses().filter(|(s, _)| !s.starts_with('2')) {
                for (media, content) in members(&response["content"]) {
                    let place = format!("{}: {} {status} {media}", case.name, operation.id);
                    assert!(members(&content["examples"]).count() > 0, "{place}");
                    for (code, example) in members(&content["examples"]) {
                        let problem = &example["value"];
                        let found = faults(document, &content["schema"], problem);
                        assert!(found.is_empty(), "{place}: {found:#?}");
                        assert_eq!(problem["code"], code, "{place}");
                        assert_eq!(problem["status"].to_string(), status, "{place}");
                    }
                }
            }
        }
    }
}
