//! A collector behind https: whom the service trusts, and what it shows of itself.

use super::QUERY;
use crate::support::app::PATIENCE;
use crate::support::certificates::Authority;
use crate::support::collector::Collector;
use crate::support::watched_service::{WatchedService, launch};
use std::path::Path;

const CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a service sent to this collector by its end, and its log.
async fn sent(collector: &Collector, variables: &[(&str, &str)]) -> (usize, String) {
    let endpoint = collector.endpoint();
    assert!(endpoint.starts_with("https://127.0.0.1:"), "{endpoint}");
    let mut all = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
    all.extend_from_slice(variables);
    let service = WatchedService::start(&all).await;
    assert_eq!(service.client.get(QUERY).await.status, 200);
    let log = service.end().await;
    let spans = collector.read(|received| {
        assert_eq!(received.spans.is_empty(), received.metrics.is_empty());
        assert_eq!(received.spans.is_empty(), received.logs.is_empty());
        let spans = received.spans.iter();
        spans.filter(|span| span.name == "GET /v1/predict").count()
    });
    (spans, log)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_authority_is_named_is_sent_all_signals() {
    let authority = Authority::new();
    let collector = Collector::start_tls(authority.server(false)).await;
    let file = authority.certificate();
    let (spans, log) = sent(&collector, &[(CERTIFICATE, text(&file))]).await;
    assert_eq!(spans, 1, "{log}");
    assert!(!log.contains("failed to export"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_nobody_vouches_for_is_sent_nothing_and_requests_go_on() {
    let authority = Authority::new();
    let collector = Collector::start_tls(authority.server(false)).await;
    let (spans, log) = sent(&collector, &[]).await;
    assert_eq!(spans, 0);
    assert!(log.contains("failed to export telemetry"), "{log}");
    assert!(log.contains("UnknownIssuer"), "{log}");
    // The files go with their authority.
    let gone = Authority::new().certificate();
    let unreadable = [(CERTIFICATE, text(&gone))];
    let (refused, _directory, _database) = launch(
        &[
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:1")][..],
            &unreadable[..],
        ]
        .concat(),
    )
    .await;
    let mut refused = refused.start();
    assert_eq!(refused.wait_exit(PATIENCE).await.code(), Some(1));
    let said = refused.stderr();
    assert!(said.contains("prepare TLS to the collector"), "{said}");
    assert!(said.contains("authority.pem"), "the file is named: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_wants_to_know_us_is_shown_our_certificate() {
    let authority = Authority::new();
    let (file, ours) = (authority.certificate(), authority.sign("service"));
    let variables = [
        (CERTIFICATE, text(&file)),
        (
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
            text(&ours.certificate),
        ),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", text(&ours.key)),
    ];
    let collector = Collector::start_tls(authority.server(true)).await;
    let (spans, log) = sent(&collector, &variables).await;
    assert_eq!(spans, 1, "{log}");
    let collector = Collector::start_tls(authority.server(true)).await;
    let (spans, log) = sent(&collector, &variables[..1]).await;
    assert_eq!(spans, 0);
    assert!(log.contains("failed to export telemetry"), "{log}");
}
