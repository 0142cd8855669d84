//! A real Prometheus scrapes the service: what the dashboard asks has answers, and what the alerts
//! go by is there.

use super::alerts::{rules, text};
use super::dashboard::{Asked, annotations, queries};
use super::folder;
use crate::support::app::{PATIENCE, TestApp, config};
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::growing::{self, CONFIG, rows};
use crate::support::prometheus::Prometheus;
use crate::support::shed::shed_one;
use crate::support::tables::drop_table;
use logitd::lifecycle::Stop;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const QUERY: &str = "/v1/predict?a=1&b=-1";

/// The words of PromQL in the rules.
const WORDS: [&str; 8] = [
    "absent",
    "by",
    "histogram_quantile",
    "increase",
    "max",
    "min",
    "rate",
    "sum",
];

/// A service with a champion, a schedule, a request that was shed and a newest run that failed.
async fn lived(database: &TestDatabase) -> TestApp {
    let db = database.connect().await;
    growing::create(&db).await;
    growing::add(&db, &rows(0..400)).await;
    let overrides = [
        ("LOGITD_TELEMETRY__METRICS_LISTEN", "127.0.0.1:0"),
        ("LOGITD_TRAINING__SCHEDULE", "0 3 * * *"),
        ("LOGITD_HTTP__MAX_IN_FLIGHT", "1"),
        ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "60000"),
        ("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "60000"),
    ];
    let app = TestApp::start(config(CONFIG, &database.url(), &overrides)).await;
    app.champion().await;
    shed_one(&app.client, QUERY).await;
    drop_table(&db, "growing").await;
    let asked = app.client.post_json("/v1/training-runs", &json!({})).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    app
}

fn is_number(series: &Value) -> bool {
    let value = series["value"][1].as_str().unwrap();
    value.parse::<f64>().unwrap().is_finite()
}

/// Asks until there is a number; the service is asked meanwhile, so that rates are of something.
async fn has_data(prometheus: &Prometheus, app: &TestApp, asked: &Asked) {
    let what = format!("data for {}: {}", asked.whose, asked.query);
    eventually(PATIENCE, &what, async || {
        app.client.get(QUERY).await;
        let series = prometheus.query(&asked.query).await;
        let series = series.unwrap_or_else(|error| panic!("{}: {error}", asked.whose));
        series.iter().any(is_number).then_some(())
    })
    .await;
}

/// What an alert compares with its threshold.
fn left_side(rule: &serde_yaml::Value) -> Option<Asked> {
    let expression = text(&rule["expr"]);
    let (left, _) = [" == ", " >= ", " > "]
        .iter()
        .find_map(|sign| expression.rsplit_once(sign))?;
    Some(Asked {
        whose: text(&rule["alert"]).to_owned(),
        query: left.to_owned(),
    })
}

/// The names of metrics and labels in an expression.
fn named(expression: &str) -> BTreeSet<String> {
    let outside = expression
        .split('"')
        .step_by(2)
        .collect::<Vec<_>>()
        .join(" ");
    let words = outside.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter(|word| !WORDS.contains(word))
        .map(str::to_owned)
        .collect()
}

async fn known(prometheus: &Prometheus) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for call in ["labels", "label/__name__/values"] {
        let listed = prometheus.api(call).await;
        let listed = listed["data"].as_array().unwrap().iter();
        known.extend(listed.map(|name| name.as_str().unwrap().to_owned()));
    }
    known
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_of_the_dashboard_has_data_and_every_alert_something_to_go_by() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = lived(&database).await;
    let target = app.metrics.as_ref().unwrap().address();
    let prometheus = Prometheus::scraping(target, &folder().join("alerts.yaml")).await;

    for asked in queries() {
        has_data(&prometheus, &app, &asked).await;
    }
    for query in annotations() {
        prometheus.query(&query).await.unwrap();
    }
    let known = known(&prometheus).await;
    for rule in rules() {
        let expression = text(&rule["expr"]);
        prometheus.query(expression).await.unwrap();
        let unknown: Vec<_> = named(expression).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", text(&rule["alert"]));
        if let Some(asked) = left_side(&rule) {
            has_data(&prometheus, &app, &asked).await;
        }
    }

    // The same by its own evaluation, and one of them has begun to fire.
    let rules = eventually(PATIENCE, "the failed run is noticed", async || {
        let answer = prometheus.api("rules").await;
        let rules = answer["data"]["groups"][0]["rules"].as_array()?.clone();
        let failing = rules
            .iter()
            .find(|rule| rule["name"] == "LogitdRunsFailing")?;
        (failing["state"] == "pending").then_some(rules)
    })
    .await;
    for rule in &rules {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
    assert!(app.stop(Stop::Now).await);
}
