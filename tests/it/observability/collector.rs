//! The collector's configuration, by rules of our own: no package holds the collector.

use super::shipped;
use serde_yaml::Value;
use std::collections::BTreeSet;

/// The names in a list, or the keys of a map.
fn names(value: &Value) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match value {
        Value::Sequence(all) => all.iter().map(text).collect(),
        Value::Mapping(all) => all.keys().map(text).collect(),
        other => panic!("{other:?}"),
    }
}

fn configuration() -> Value {
    serde_yaml::from_str(&shipped("collector.yaml")).unwrap()
}

#[test]
fn what_is_used_is_configured_and_what_is_configured_is_used() {
    let file = configuration();
    let pipelines = &file["service"]["pipelines"];
    for kind in ["receivers", "processors", "exporters"] {
        let pipelines = pipelines.as_mapping().unwrap().values();
        let used: BTreeSet<String> = pipelines.flat_map(|one| names(&one[kind])).collect();
        assert_eq!(names(&file[kind]), used, "{kind}");
    }
    assert_eq!(
        names(&file["extensions"]),
        names(&file["service"]["extensions"])
    );
}

#[test]
fn each_signal_has_a_pipeline_that_guards_its_memory_first_and_batches_last() {
    let file = configuration();
    let pipelines = &file["service"]["pipelines"];
    let all = BTreeSet::from(["traces", "metrics", "logs"].map(str::to_owned));
    assert_eq!(names(pipelines), all);
    for (name, pipeline) in pipelines.as_mapping().unwrap() {
        let processors = pipeline["processors"].as_sequence().unwrap();
        assert_eq!(processors[0], "memory_limiter", "{name:?}");
        assert_eq!(processors.last().unwrap(), "batch", "{name:?}");
    }
}

#[test]
fn it_listens_where_the_service_sends_and_keeps_what_cannot_be_sent_within_bounds() {
    let file = configuration();
    let http = &file["receivers"]["otlp"]["protocols"]["http"]["endpoint"];
    assert_eq!(
        http, "0.0.0.0:4318",
        "http/protobuf, the one that is spoken"
    );
    let out = &file["exporters"]["otlphttp"];
    assert_eq!(out["endpoint"], "${env:OTLP_BACKEND}");
    assert!(out["sending_queue"]["queue_size"].as_u64().unwrap() > 0);
    assert!(out["retry_on_failure"]["max_elapsed_time"].is_string());
}
