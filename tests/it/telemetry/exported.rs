//! What a collector receives, all of it sent by the end of the process.

use super::{PARENT, QUERY, TRACE};
use crate::support::app::PATIENCE;
use crate::support::collector::{Collector, Manner, Received, hex, texts};
use crate::support::database::Engine;
use crate::support::eventually::eventually;
use crate::support::watched_service::{WatchedService, launch};
use opentelemetry_proto::tonic::trace::v1::Span;
use std::collections::{BTreeMap, BTreeSet};

const SERVER: i32 = 2;
const CLIENT: i32 = 3;

/// A service that was asked for predictions, versions and a run, and has ended.
async fn asked(variables: &[(&str, &str)]) -> (Collector, String) {
    asked_on(Engine::Sqlite, variables).await
}

async fn asked_on(engine: Engine, variables: &[(&str, &str)]) -> (Collector, String) {
    let collector = Collector::start(Manner::Healthy).await;
    let endpoint = collector.endpoint();
    let mut all = vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("LOGITD_LOG", "debug"),
    ];
    all.extend_from_slice(variables);
    let service = WatchedService::start_on(engine, &all).await;
    let client = &service.client;
    let body = r#"{"feature_1": 1, "feature_2": -1}"#;
    let headers = [
        PARENT,
        ("content-type", "application/json"),
        ("baggage", "tenant=blue"),
    ];
    assert_eq!(
        client
            .request("POST", "/v1/predict", &headers, body)
            .await
            .status,
        200
    );
    assert_eq!(
        client
            .request("GET", "/v1/models", &[PARENT], "")
            .await
            .status,
        200
    );
    let problem = client.request("GET", "/v1/models/77", &[PARENT], "").await;
    assert_eq!(problem.problem("not_found")["trace_id"], TRACE);
    client.get(QUERY).await;
    let accepted = client
        .request("POST", "/v1/training-runs", &[PARENT], "")
        .await;
    let run = accepted.header("location").unwrap().to_owned();
    let ended = async || {
        client.get(&run).await.json()["finished_at"]
            .is_string()
            .then_some(())
    };
    eventually(PATIENCE, "the run has ended", ended).await;
    (collector, service.end().await)
}

fn in_trace<'a>(received: &'a Received, trace: &str) -> Vec<&'a Span> {
    let spans = received.spans.iter();
    spans.filter(|span| hex(&span.trace_id) == trace).collect()
}

fn named<'a>(spans: &[&'a Span], name: &str) -> &'a Span {
    let found = spans.iter().find(|span| span.name == name);
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    found.unwrap_or_else(|| panic!("no span {name:?} among {names:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_leads_from_the_caller_through_request_prediction_and_database() {
    one_trace(Engine::Sqlite, "sqlite").await;
    one_trace(Engine::Postgres, "postgresql").await;
}

async fn one_trace(engine: Engine, system: &str) {
    let (collector, _) = asked_on(engine, &[]).await;
    collector.read(|received| {
        let spans = in_trace(received, TRACE);
        let predicted = named(&spans, "POST /v1/predict");
        assert_eq!(hex(&predicted.parent_span_id), "00f067aa0ba902b7");
        assert_eq!(predicted.kind, SERVER);
        let told = texts(&predicted.attributes);
        for (name, value) in [
            ("http.request.method", "POST"),
            ("http.route", "/v1/predict"),
            ("http.response.status_code", "200"),
            ("url.scheme", "http"),
            ("url.path", "/v1/predict"),
        ] {
            assert_eq!(told.get(name).map(String::as_str), Some(value), "{name}");
        }
        for name in ["instance.validate", "prediction.predict"] {
            assert_eq!(
                named(&spans, name).parent_span_id,
                predicted.span_id,
                "{name}"
            );
        }
        let version = texts(&named(&spans, "prediction.predict").attributes);
        assert_eq!(version["model.version"], "1");

        let listed = named(&spans, "GET /v1/models");
        let call = named(&spans, "SELECT logitd_model_version");
        assert_eq!(
            (call.kind, call.parent_span_id == listed.span_id),
            (CLIENT, true)
        );
        let told = texts(&call.attributes);
        let expected = BTreeMap::from(
            [
                ("db.collection.name", "logitd_model_version"),
                ("db.operation.name", "SELECT"),
                ("db.system.name", system),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        assert_eq!(told, expected, "kind and table, no text and no value");
        assert!(call.start_time_unix_nano >= listed.start_time_unix_nano);
        assert!(call.end_time_unix_nano >= call.start_time_unix_nano);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_a_trace_with_its_steps_that_points_to_the_request_that_asked() {
    let (collector, _) = asked(&[]).await;
    collector.read(|received| {
        let asking = in_trace(received, TRACE);
        let asking = named(&asking, "POST /v1/training-runs");
        let runs = received
            .spans
            .iter()
            .filter(|span| span.name == "training.run");
        let linked = |run: &&Span| run.links.iter().any(|link| link.span_id == asking.span_id);
        let (asked, alone): (Vec<_>, Vec<_>) = runs.partition(linked);
        assert_eq!(
            (asked.len(), alone.len()),
            (1, 1),
            "the start's run has nobody to point to"
        );
        let run = asked[0];
        assert_eq!(run.links[0].trace_id, asking.trace_id);
        assert_ne!(run.trace_id, asking.trace_id, "a trace of its own");
        let told = texts(&run.attributes);
        assert_eq!(told["training.run.trigger"], "request");
        assert!(matches!(
            told["training.run.outcome"].as_str(),
            "kept" | "promoted" | "skipped"
        ));
        let run = alone[0];
        let of_run = received
            .spans
            .iter()
            .filter(|span| span.parent_span_id == run.span_id);
        let steps: BTreeSet<&str> = of_run.map(|span| span.name.as_str()).collect();
        for step in [
            "read", "search", "fit", "evaluate", "refit", "profile", "judge", "publish",
        ] {
            let name = format!("training.{step}");
            assert!(steps.contains(name.as_str()), "{name} among {steps:?}");
        }
        assert!(steps.contains("INSERT logitd_model_version"), "{steps:?}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_to_the_collector_too_and_names_its_trace_everywhere() {
    let (collector, log) = asked(&[]).await;
    let mut lines = log
        .lines()
        .filter(|line| line.contains("\"path\":\"/v1/models\""));
    let line: serde_json::Value = serde_json::from_str(lines.next_back().unwrap()).unwrap();
    assert_eq!(line["trace_id"], TRACE);
    collector.read(|received| {
        let spans = in_trace(received, TRACE);
        let span = named(&spans, "GET /v1/models");
        assert_eq!(line["span_id"], hex(&span.span_id));
        let answered = |record: &&opentelemetry_proto::tonic::logs::v1::LogRecord| {
            texts(&record.attributes)
                .get("path")
                .is_some_and(|path| path == "/v1/models")
        };
        let record = received
            .logs
            .iter()
            .find(answered)
            .expect("the line of the request");
        assert_eq!(
            (hex(&record.trace_id), &record.span_id),
            (TRACE.to_owned(), &span.span_id)
        );
        let runs = received.spans.iter();
        let runs = runs.filter(|span| span.name == "training.run");
        let runs: BTreeSet<String> = runs.map(|span| hex(&span.trace_id)).collect();
        for message in ["training", "trained"] {
            let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
            let lines = lines.filter(|line: &serde_json::Value| line["message"] == message);
            let traces = lines.map(|line| line["trace_id"].as_str().unwrap().to_owned());
            assert_eq!(traces.collect::<BTreeSet<_>>(), runs, "{message}");
        }
        let targets = received.logs.iter();
        assert!(targets.len() > 5, "start and stop are there too");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_standard_variables_are_followed() {
    let (collector, _) = asked(&[
        ("OTEL_SERVICE_NAME", "admissions"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "service.instance.id=pod-7,team=blue",
        ),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-token=a%20b"),
        ("OTEL_TRACES_SAMPLER", "parentbased_always_off"),
        ("OTEL_LOGS_EXPORTER", "none"),
    ])
    .await;
    collector.read(|received| {
        let told = texts(&received.resources[0].attributes);
        assert_eq!(told["service.name"], "admissions");
        assert_eq!(
            (told["service.instance.id"].as_str(), told["team"].as_str()),
            ("pod-7", "blue")
        );
        assert!(
            received
                .headers
                .iter()
                .all(|headers| headers["x-token"] == "a b")
        );
        let sampled: BTreeSet<String> = received.spans.iter().map(|s| hex(&s.trace_id)).collect();
        assert_eq!(
            sampled,
            BTreeSet::from([TRACE.to_owned()]),
            "as the caller decided"
        );
        assert!(received.logs.is_empty() && !received.metrics.is_empty());
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_nothing_leaves_and_an_unspeakable_protocol_is_refused() {
    let (collector, _) = asked(&[("OTEL_SDK_DISABLED", "true")]).await;
    assert!(collector.read(|received| received.headers.is_empty()));
    let (refused, _directory, _database) = launch(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ])
    .await;
    let mut refused = refused.start();
    assert_eq!(refused.wait_exit(PATIENCE).await.code(), Some(2));
    let said = refused.stderr();
    assert!(
        said.contains("OTEL_EXPORTER_OTLP_PROTOCOL: the protocol \"grpc\" is not"),
        "{said}"
    );
}
