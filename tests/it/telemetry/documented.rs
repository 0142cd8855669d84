//! docs/telemetry.md against what a collector really gets: each metric by name, unit and labels.

use super::QUERY;
use crate::support::collector::{Collector, Manner, texts};
use crate::support::shed::shed_one;
use crate::support::watched_service::WatchedService;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data};
use std::collections::{BTreeMap, BTreeSet};

/// Unit and labels of a metric.
type Described = (String, BTreeSet<String>);

fn words(cell: &str) -> BTreeSet<String> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// The table between the marks.
fn documented() -> BTreeMap<String, Described> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/telemetry.md");
    let text = std::fs::read_to_string(path).unwrap();
    let table = text.split("<!-- metrics -->").nth(1).unwrap();
    let table = table.split("<!-- /metrics -->").next().unwrap();
    let mut all = BTreeMap::new();
    for row in table.lines().filter(|row| row.starts_with("| `")) {
        let cells = row.trim_matches('|').split('|').map(str::trim);
        let cells: Vec<&str> = cells.collect();
        for name in words(cells[0]) {
            all.insert(name, (cells[1].to_owned(), words(cells[2])));
        }
    }
    all
}

fn labels(metric: &Metric) -> BTreeSet<String> {
    let names = |attributes: &[KeyValue]| texts(attributes).into_keys().collect::<Vec<_>>();
    let points: Vec<Vec<String>> = match metric.data.as_ref().unwrap() {
        Data::Gauge(it) => it
            .data_points
            .iter()
            .map(|p| names(&p.attributes))
            .collect(),
        Data::Sum(it) => it
            .data_points
            .iter()
            .map(|p| names(&p.attributes))
            .collect(),
        Data::Histogram(it) => it
            .data_points
            .iter()
            .map(|p| names(&p.attributes))
            .collect(),
        other => panic!("{}: {other:?}", metric.name),
    };
    points.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_metric_is_exported_by_the_name_unit_and_labels_that_the_page_says() {
    let collector = Collector::start(Manner::Healthy).await;
    let endpoint = collector.endpoint();
    let service = WatchedService::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("LOGITD_TRAINING__SCHEDULE", "0 3 * * *"),
        ("LOGITD_HTTP__MAX_IN_FLIGHT", "1"),
        ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "60000"),
        ("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "60000"),
    ])
    .await;
    let client = &service.client;
    assert_eq!(client.get(QUERY).await.status, 200);
    shed_one(client, QUERY).await;
    service.end().await;
    let mut exported: BTreeMap<String, Described> = BTreeMap::new();
    collector.read(|received| {
        for metric in &received.metrics {
            let entry = exported.entry(metric.name.clone()).or_default();
            entry.0.clone_from(&metric.unit);
            entry.1.extend(labels(metric));
            assert!(!metric.description.is_empty(), "{}", metric.name);
        }
    });
    let mut documented = documented();
    // Only a database that refuses a statement has it told.
    let calls = documented.get_mut("db.client.operation.duration").unwrap();
    assert!(calls.1.remove("error.type"));
    assert_eq!(exported, documented);
}
