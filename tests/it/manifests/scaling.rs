//! How many there are, where they are, and who may take one away.

use crate::support::rendered::{number, overlay, text};
use serde_json::{Value, json};

#[test]
fn one_two_and_as_many_as_the_autoscaler_says() {
    let replicas = |name: &str| &overlay(name).object("Deployment", "logitd")["spec"]["replicas"];
    assert_eq!(replicas("embedded"), 1);
    assert_eq!(replicas("postgres"), 2);
    assert_eq!(
        replicas("production"),
        &Value::Null,
        "a number would fight the autoscaler"
    );
}

#[test]
fn the_autoscaler_looks_at_the_containers_cpu_and_is_calm() {
    let one = overlay("production");
    let spec = &one.object("HorizontalPodAutoscaler", "logitd")["spec"];
    assert_eq!(spec["scaleTargetRef"]["kind"], "Deployment");
    assert_eq!(spec["scaleTargetRef"]["name"], "logitd");
    assert!(number(&spec["minReplicas"]) >= 3);
    assert!(number(&spec["maxReplicas"]) > number(&spec["minReplicas"]));
    let metrics = spec["metrics"].as_array().unwrap();
    assert_eq!(metrics.len(), 1);
    let measured = &metrics[0]["containerResource"];
    assert_eq!(metrics[0]["type"], "ContainerResource");
    assert_eq!(measured["name"], "cpu");
    let pod = &one.object("Deployment", "logitd")["spec"]["template"]["spec"];
    assert_eq!(measured["container"], pod["containers"][0]["name"]);

    let probe = &pod["containers"][0]["startupProbe"];
    let start = number(&probe["periodSeconds"]) * number(&probe["failureThreshold"]);
    let up = number(&spec["behavior"]["scaleUp"]["stabilizationWindowSeconds"]);
    assert!(
        up > start,
        "a window of {up} s, and a start may take {start} s"
    );
    let down = &spec["behavior"]["scaleDown"];
    assert!(number(&down["stabilizationWindowSeconds"]) >= 300);
    for policy in down["policies"].as_array().unwrap() {
        assert_eq!(policy["type"], "Pods");
        assert_eq!(policy["value"], 1);
        assert!(number(&policy["periodSeconds"]) >= 60);
    }
}

#[test]
fn a_drained_node_takes_one_pod_at_a_time_and_any_that_is_not_healthy() {
    for name in ["postgres", "production"] {
        let one = overlay(name);
        let spec = &one.object("PodDisruptionBudget", "logitd")["spec"];
        assert_eq!(spec["maxUnavailable"], 1, "{name}");
        assert_eq!(spec["unhealthyPodEvictionPolicy"], "AlwaysAllow", "{name}");
        let deployment = &one.object("Deployment", "logitd")["spec"];
        assert_eq!(spec["selector"], deployment["selector"], "{name}");
    }
    assert!(
        overlay("embedded")
            .of_kind("PodDisruptionBudget")
            .is_empty()
    );
}

#[test]
fn production_is_spread_over_zones_and_hosts_each_rollout_for_itself() {
    let deployment = &overlay("production").object("Deployment", "logitd")["spec"];
    let spread = deployment["template"]["spec"]["topologySpreadConstraints"].as_array();
    let spread = spread.unwrap();
    let keys: Vec<&str> = spread.iter().map(|one| text(&one["topologyKey"])).collect();
    assert_eq!(
        keys,
        ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    );
    for one in spread {
        assert_eq!(one["maxSkew"], 1);
        assert_eq!(one["matchLabelKeys"], json!(["pod-template-hash"]));
        assert_eq!(one["labelSelector"], deployment["selector"]);
    }
}
