//! `/metrics` as it is fetched: by Prometheus' own check, on both addresses, with right numbers.

use super::{PARENT, QUERY, TRACE};
use crate::support::app::{TestApp, two_features};
use crate::support::database::{Engine, TestDatabase};
use crate::support::rows::load_two_features;
use logitd::lifecycle::Stop;
use std::io::Write;
use std::process::{Command, Stdio};

async fn app(overrides: &[(&str, &str)]) -> (TestApp, TestDatabase) {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let app = TestApp::start(two_features(&database.url(), overrides)).await;
    app.champion().await;
    (app, database)
}

/// The value of the one series that begins so.
pub(super) fn value(page: &str, series: &str) -> f64 {
    let found: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with(series))
        .collect();
    let [line] = found[..] else {
        panic!("{series}: {found:?} in\n{page}");
    };
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_own_check_finds_nothing_to_say() {
    let (app, _database) = app(&[("LOGITD_TRAINING__SCHEDULE", "0 3 * * *")]).await;
    app.client.get(QUERY).await;
    app.client.get("/nowhere").await;
    let page = app.client.get("/metrics").await;
    assert_eq!(
        page.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let mut check = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is missing: apt-get install prometheus");
    check.stdin.take().unwrap().write_all(&page.body).unwrap();
    let said = check.wait_with_output().unwrap();
    assert!(
        said.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&said.stderr),
        page.text()
    );
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_instances_and_problems_are_counted_where_they_belong() {
    let (app, _database) = app(&[]).await;
    let batch = serde_json::json!({"instances": [
        {"feature_1": 9, "feature_2": 9}, {"feature_1": -9, "feature_2": -9},
        {"feature_1": 9, "feature_2": 9},
    ]});
    let answered = app
        .client
        .post_json("/v1/predict/batch", &batch)
        .await
        .json();
    let labels: Vec<&str> = answered["predictions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|prediction| prediction["label"].as_str().unwrap())
        .collect();
    app.client.get("/v1/predict?feature_1=x&feature_2=1").await;
    app.client.get("/v1/models/77").await;
    app.client.request("BREW", "/v1/predict", &[], "").await;
    let page = app.client.get("/metrics").await;
    let page = page.text();
    let of_version = "model_name=\"two-features\",model_version=\"1\"";
    assert_eq!(
        value(page, &format!("prediction_requests_total{{{of_version}}}")),
        1.0
    );
    for label in ["0", "1"] {
        let series =
            format!("prediction_instances_total{{{of_version},prediction_label=\"{label}\"");
        let expected = labels.iter().filter(|given| **given == label).count();
        assert_eq!(value(page, &series), expected as f64, "{label}");
    }
    for (series, expected) in [
        (
            "http_server_problems_total{error_type=\"invalid_parameter\"}",
            1.0,
        ),
        ("http_server_problems_total{error_type=\"not_found\"}", 1.0),
        (
            "http_server_problems_total{error_type=\"method_not_allowed\"}",
            1.0,
        ),
        (
            "http_server_request_duration_seconds_count{http_request_method=\"GET\",\
             http_response_status_code=\"404\",http_route=\"/v1/models/{version}\"",
            1.0,
        ),
        (
            "http_server_request_duration_seconds_count{http_request_method=\"_OTHER\",\
             http_response_status_code=\"405\",http_route=\"/v1/predict\"",
            1.0,
        ),
        (
            "http_server_active_requests{http_request_method=\"GET\",http_route=\"/metrics\"",
            1.0,
        ),
        ("model_champion_version", 1.0),
        ("serving_failed_loads_total", 0.0),
        ("training_data_changed", 0.0),
        ("training_rows_read_total", 300.0),
        ("training_run_duration_seconds_count", 1.0),
        ("health_check_up{health_check_name=\"model\"}", 1.0),
    ] {
        assert_eq!(value(page, series), expected, "{series}");
    }
    assert!(
        !page.contains("/v1/models/77"),
        "no address that a client wrote"
    );
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_address_answers_metrics_and_probes_and_nothing_else() {
    let second = [("LOGITD_TELEMETRY__METRICS_LISTEN", "127.0.0.1:0")];
    let (app, _database) = app(&second).await;
    let client = app.metrics.clone().expect("a second address");
    let page = client.get("/metrics").await;
    assert!(page.text().contains("model_champion_version"));
    for probe in ["/livez", "/readyz", "/startupz"] {
        assert_eq!(client.get(probe).await.status, 200, "{probe}");
    }
    client.get(QUERY).await.problem("not_found");
    let asked = client.request("GET", "/nowhere", &[PARENT], "").await;
    assert_eq!(asked.problem("not_found")["trace_id"], TRACE);
    assert!(app.stop(Stop::Now).await);
}
