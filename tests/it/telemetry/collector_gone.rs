//! With a collector that refuses, hangs or is not there, everything goes on.

use super::QUERY;
use crate::support::app::PATIENCE;
use crate::support::collector::{Collector, Manner};
use crate::support::watched_service::WatchedService;
use std::time::{Duration, Instant};

/// More than fill every queue: 2,048 spans and log records.
const REQUESTS: usize = 3_000;

/// Resident memory in kilobytes.
fn resident_kb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn ask(service: &WatchedService, requests: usize) {
    let tasks = (0..8).map(|_| {
        let client = service.client.clone();
        tokio::spawn(async move {
            for _ in 0..requests / 8 {
                assert_eq!(client.get(QUERY).await.status, 200);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

async fn goes_on(endpoint: &str) {
    let mut service = WatchedService::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "50"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "50"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000"),
        ("LOGITD_HTTP__SHUTDOWN_SECONDS", "8"),
        ("LOGITD_LOG", "debug"),
    ])
    .await;
    ask(&service, REQUESTS).await;
    let before = resident_kb(service.process.id());
    ask(&service, REQUESTS).await;
    let after = resident_kb(service.process.id());
    assert!(
        after < before + 20_000,
        "from {before} to {after} kB with {endpoint}"
    );
    let failed = "failed to export telemetry";
    service.process.line_containing(failed, PATIENCE).await;
    let begun = Instant::now();
    let log = service.end().await;
    let took = begun.elapsed();
    assert!(
        took < Duration::from_secs(8),
        "it took {took:?} to end with {endpoint}"
    );
    let told = log.lines().filter(|line| line.contains(failed)).count();
    assert!(
        (1..=2).contains(&told),
        "told {told} times with {endpoint}:\n{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_collector_that_refuses() {
    let collector = Collector::start(Manner::Refusing).await;
    goes_on(&collector.endpoint()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_collector_that_hangs() {
    let collector = Collector::start(Manner::Hanging).await;
    goes_on(&collector.endpoint()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_collector() {
    let collector = Collector::start(Manner::Healthy).await;
    let endpoint = collector.endpoint();
    drop(collector);
    goes_on(&endpoint).await;
}
