//! The context that a command is started within: linked to by a run, passed on by a call.

use super::{PARENT, TRACE};
use crate::support::app::{PATIENCE, example};
use crate::support::collector::{Collector, Manner, hex};
use crate::support::database::{Engine, TestDatabase};
use crate::support::process::Launch;
use crate::support::rows::load_two_features;
use crate::support::watched_service::WatchedService;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A command of ours in a directory with the two-features example, started within a trace.
fn command(words: &[&str], url: &str) -> (Launch, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("logitd.toml");
    std::fs::write(file, example("two-features")).unwrap();
    let launch = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(words)
        .directory(directory.path())
        .env("LOGITD_DATABASE__URL", url)
        .env("TRACEPARENT", PARENT.1)
        .env("TRACESTATE", "vendor=1")
        .env("BAGGAGE", "tenant=blue");
    (launch, directory)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_a_command_makes_points_to_what_started_the_command() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let collector = Collector::start(Manner::Healthy).await;
    let (launch, _directory) = command(&["train"], &database.url());
    let endpoint = collector.endpoint();
    let mut train = launch.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).start();
    assert!(train.wait_exit(PATIENCE).await.success());
    collector.read(|received| {
        let mut runs = received.spans.iter();
        let run = runs.find(|span| span.name == "training.run").unwrap();
        assert_ne!(hex(&run.trace_id), TRACE, "a trace of its own");
        let linked: Vec<_> = run.links.iter().map(|link| hex(&link.trace_id)).collect();
        assert_eq!(linked, [TRACE]);
        assert_eq!(hex(&run.links[0].span_id), "00f067aa0ba902b7");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_health_check_is_part_of_the_trace_that_it_was_started_within() {
    let collector = Collector::start(Manner::Healthy).await;
    let endpoint = collector.endpoint();
    let service = WatchedService::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]).await;
    let (launch, _directory) = command(&["healthcheck"], "sqlite://unused.db");
    let address = service.client.address().to_string();
    let mut check = launch.env("LOGITD_HTTP__LISTEN", address).start();
    assert!(check.wait_exit(PATIENCE).await.success());
    service.end().await;
    collector.read(|received| {
        let in_trace = received
            .spans
            .iter()
            .filter(|span| hex(&span.trace_id) == TRACE);
        let in_trace: Vec<_> = in_trace.collect();
        assert_eq!(in_trace.len(), 1);
        assert_eq!(in_trace[0].name, "GET /readyz");
        assert_eq!(hex(&in_trace[0].parent_span_id), "00f067aa0ba902b7");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn baggage_and_state_are_passed_on_too_and_nothing_where_it_is_switched_off() {
    for (propagators, expected) in [
        (
            "tracecontext,baggage",
            &[
                "traceparent: ",
                "tracestate: vendor=1",
                "baggage: tenant=blue",
            ][..],
        ),
        ("none", &[][..]),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (launch, _directory) = command(&["healthcheck"], "sqlite://unused.db");
        let launch = launch.env("LOGITD_HTTP__LISTEN", address);
        let mut check = launch.env("OTEL_PROPAGATORS", propagators).start();
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            assert!(stream.read_buf(&mut head).await.unwrap() > 0);
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        stream.write_all(answer).await.unwrap();
        assert!(check.wait_exit(PATIENCE).await.success());
        let head = String::from_utf8(head).unwrap();
        for header in expected {
            assert!(head.contains(header), "{header} in {head}");
        }
        if expected.is_empty() {
            assert!(
                !head.contains("trace") && !head.contains("baggage"),
                "{head}"
            );
        }
    }
}
