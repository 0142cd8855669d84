//! Two hundred hostile strings, wherever a value reaches the database: refused, or kept as they are.

mod files;
mod names;
mod strings;
mod tables;
mod who;

use crate::support::app::{TestApp, config};
use crate::support::client::Client;
use crate::support::database::on_both;
use crate::support::tables::{ColumnKind, create_table, insert_rows, read_all};
use logitd::lifecycle::Stop;
use sea_orm::DatabaseConnection;
use sea_orm::sea_query::Value;
use serde_json::json;
use std::collections::BTreeSet;
use strings::{WITH_NUL, strings};

const CONFIG: &str = r#"
[dataset]
table = "told"
key = "key"
target = "label"
order = "at"
[[dataset.features]]
name = "a"
"#;

/// A table that nobody names to the service; gives what is in it.
async fn bystander(db: &DatabaseConnection) -> Vec<Vec<Option<String>>> {
    let columns = [("id", ColumnKind::IntegerKey), ("a", ColumnKind::Text)];
    create_table(db, "data", &columns).await;
    let row = |id: i32, text: &str| vec![Value::from(id), Value::from(text)];
    let rows = vec![row(1, "kept"), row(2, "too")];
    insert_rows(db, "data", &["id", "a"], rows).await;
    read_all(db, "data", &["id", "a"]).await
}

/// As a part of a path, or a value of a query.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Two hundred rows of two labels.
async fn told(db: &DatabaseConnection) {
    let columns = [
        ("key", ColumnKind::TextKey),
        ("a", ColumnKind::Double),
        ("label", ColumnKind::Text),
        ("at", ColumnKind::Text),
    ];
    create_table(db, "told", &columns).await;
    let rows = (0..200_i32).map(|i| {
        let step = (i * 7) % 20;
        let label = if step + i % 3 > 10 { "yes" } else { "no" };
        let texts = [format!("row {i}"), format!("{i:03}")].map(Value::from);
        let [key, at] = texts;
        vec![key, Value::from(f64::from(step) / 10.0), label.into(), at]
    });
    let names = columns.map(|(name, _)| name);
    insert_rows(db, "told", &names, rows.collect()).await;
}

/// Keys, labels and orders, together and one by one.
async fn observations_come_back(client: &Client, all: &[String]) {
    let one =
        |text: &String| json!({"key": text, "features": {"a": 1.5}, "label": text, "order": text});
    let many: Vec<_> = all.iter().map(one).collect();
    let body = json!({ "observations": many });
    let written = client.post_json("/v1/observations", &body).await;
    assert_eq!(written.status, 200, "{}", written.text());
    for text in all {
        let path = format!("/v1/observations/{}", escaped(text));
        let found = client.get(&path).await;
        assert_eq!(found.status, 200, "{text:?}: {}", found.text());
        assert_eq!(found.json(), one(text));
        let mut again = one(text);
        again.as_object_mut().unwrap().remove("key");
        let json = [("content-type", "application/json")];
        let put = client.request("PUT", &path, &json, again.to_string()).await;
        assert_eq!((put.status, put.json()), (200, one(text)), "{}", put.text());
    }
}

/// Each cursor is the key of a row; gives the keys in the order of the pages.
async fn list_one_by_one(client: &Client) -> Vec<String> {
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client
            .get(&format!("/v1/observations?limit=1{cursor}"))
            .await;
        assert_eq!(page.status, 200, "{cursor}: {}", page.text());
        let page = page.json();
        listed.push(page["items"][0]["key"].as_str().unwrap().to_owned());
        let Some(next) = page["next_cursor"].as_str() else {
            return listed;
        };
        cursor = format!("&cursor={}", escaped(next));
    }
}

/// One in ten; the others stay.
async fn are_deleted(client: &Client, all: &[String]) {
    for text in all.iter().step_by(10) {
        let path = format!("/v1/observations/{}", escaped(text));
        let deleted = client.request("DELETE", &path, &[], "").await;
        assert_eq!(deleted.status, 204, "{text:?}");
        client.get(&path).await.problem("not_found");
    }
}

/// What is a number, a version, an id or a place in a list is no such text.
async fn is_refused_elsewhere(client: &Client, text: &str) {
    let instance = client.post_json("/v1/predict", &json!({ "a": text })).await;
    instance.problem("invalid_instance");
    let body = json!({"key": "k", "features": {"a": text}, "label": "no", "order": "x"});
    let observation = client.post_json("/v1/observations", &body).await;
    observation.problem("invalid_instance");
    let asked = client.get("/v1/observations/k").await;
    asked.problem("not_found");
    let text = escaped(text);
    // The first of them may be a number after all.
    for (path, number) in [
        (format!("/v1/predict?a={text}"), text == escaped("-1")),
        (format!("/predict/a/{text}"), text == escaped("-1")),
        (format!("/v1/models/{text}"), false),
        (format!("/v1/models?cursor={text}"), false),
        (format!("/v1/models?limit={text}"), false),
        (format!("/v1/training-runs/{text}"), false),
        (format!("/v1/training-runs/{text}/refused"), false),
        (format!("/v1/training-runs?cursor={text}"), false),
        (format!("/v1/deployments?cursor={text}"), false),
        (format!("/v1/observations?limit={text}"), false),
        (format!("/v1/observations?cursor={text}"), false),
    ] {
        let answer = client.get(&path).await;
        match answer.status {
            200 => assert!(number, "{path}: {}", answer.text()),
            400 | 404 => assert!(!number, "{path}: {}", answer.text()),
            _ => panic!("{path}: {}", answer.text()),
        }
    }
    for (method, path) in [
        ("DELETE", format!("/v1/training-runs/{text}")),
        ("POST", format!("/v1/models/{text}/promote")),
    ] {
        let answer = client.request(method, &path, &[], "").await;
        assert!(
            [400, 404].contains(&answer.status),
            "{path}: {}",
            answer.text()
        );
    }
}

/// The character that PostgreSQL has no text with, wherever text is taken.
async fn nul_is_refused(client: &Client, text: &str) {
    for member in ["key", "label", "order"] {
        let mut body = json!({"key": "k", "features": {"a": 1}, "label": "no", "order": "x"});
        body[member] = json!(text);
        let answer = client.post_json("/v1/observations", &body).await;
        answer.problem("invalid_instance");
    }
    let path = format!("/v1/observations/{}", escaped(text));
    for method in ["GET", "DELETE"] {
        let answer = client.request(method, &path, &[], "").await;
        answer.problem("invalid_parameter");
    }
    let cursor = format!("/v1/observations?cursor=ot{}", escaped(text));
    client.get(&cursor).await.problem("invalid_parameter");
    is_refused_elsewhere(client, text).await;
}

on_both!(
    a_string_is_refused_or_comes_back_as_it_was_and_nothing_else_changes,
    |database| async {
        let db = database.connect().await;
        let before = bystander(&db).await;
        told(&db).await;
        let observed = [("LOGITD_OBSERVATIONS__ENABLED", "true")];
        let app = TestApp::start(config(CONFIG, &database.url(), &observed)).await;
        app.champion().await;
        let (client, all) = (&app.client, strings());
        observations_come_back(client, &all).await;
        for text in &all {
            is_refused_elsewhere(client, text).await;
        }
        for text in WITH_NUL {
            nul_is_refused(client, text).await;
        }
        let listed = list_one_by_one(client).await;
        let distinct: BTreeSet<&String> = listed.iter().collect();
        assert_eq!((listed.len(), distinct.len()), (400, 400));
        assert!(all.iter().all(|text| distinct.contains(text)));
        are_deleted(client, &all).await;
        let rows = read_all(&db, "told", &["key", "label", "at"]).await;
        assert_eq!(rows.len(), 380);
        assert_eq!(read_all(&db, "data", &["id", "a"]).await, before);
        assert!(app.stop(Stop::Now).await);
    }
);
