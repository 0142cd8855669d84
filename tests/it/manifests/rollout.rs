//! How pods are replaced: probes, strategy, the time that an end takes, hashes in names.

use super::configuration::config_of;
use crate::support::rendered::{copy_of_the_folder, number, overlay, render, rendered, text};
use serde_json::Value;
use std::path::Path;

#[test]
fn a_new_pod_comes_before_an_old_one_goes() {
    for name in ["postgres", "production"] {
        let strategy = &overlay(name).object("Deployment", "logitd")["spec"]["strategy"];
        assert_eq!(strategy["type"], "RollingUpdate", "{name}");
        assert_eq!(strategy["rollingUpdate"]["maxUnavailable"], 0, "{name}");
        assert_eq!(strategy["rollingUpdate"]["maxSurge"], 1, "{name}");
    }
    let strategy = &overlay("embedded").object("Deployment", "logitd")["spec"]["strategy"];
    assert_eq!(
        strategy,
        &serde_json::json!({"type": "Recreate"}),
        "a file is one pod's"
    );
}

#[test]
fn three_probes_have_three_meanings() {
    for one in rendered() {
        let pod = &one.object("Deployment", "logitd")["spec"]["template"]["spec"];
        let service = &pod["containers"][0];
        let probes = [
            ("startupProbe", "/startupz"),
            ("readinessProbe", "/readyz"),
            ("livenessProbe", "/livez"),
        ];
        for (probe, path) in probes {
            assert_eq!(service[probe]["httpGet"]["path"], path, "{}", one.overlay);
            assert_eq!(service[probe]["httpGet"]["port"], "http", "{}", one.overlay);
        }
        let patience = |probe: &str| {
            number(&service[probe]["periodSeconds"]) * number(&service[probe]["failureThreshold"])
        };
        assert!(
            patience("livenessProbe") >= 30,
            "a restart is judged slowly"
        );
        assert!(patience("readinessProbe") < 10, "traffic is judged at once");
    }
}

#[test]
fn the_grace_period_is_longer_than_all_that_an_end_takes() {
    for one in rendered() {
        let pod = &one.object("Deployment", "logitd")["spec"]["template"]["spec"];
        let service = &pod["containers"][0];
        let http = config_of(one, service).http;
        let before = number(&service["lifecycle"]["preStop"]["sleep"]["seconds"]);
        let ending = before + http.drain_seconds + http.shutdown_seconds;
        let grace = number(&pod["terminationGracePeriodSeconds"]);
        assert!(
            grace >= ending + 5,
            "{}: {grace} for {ending} s",
            one.overlay
        );
        assert!(
            http.drain_seconds >= 5,
            "as measured without a lost request"
        );
        assert!(
            before < http.drain_seconds,
            "the drain is the service's, preStop the second belt"
        );
        assert!(
            http.shutdown_seconds * 1000 > http.request_timeout_ms + http.body_read_timeout_ms,
            "a request in flight is answered before the end"
        );
        assert!(before > 0, "{}", one.overlay);
    }
}

#[test]
fn the_comment_says_the_same_sum() {
    let file = crate::support::rendered::kustomize_folder().join("base/deployment.yaml");
    let told = std::fs::read_to_string(file).unwrap();
    let pod = &overlay("postgres").object("Deployment", "logitd")["spec"]["template"]["spec"];
    let service = &pod["containers"][0];
    let before = number(&service["lifecycle"]["preStop"]["sleep"]["seconds"]);
    let http = config_of(overlay("postgres"), service).http;
    let sum = before + http.drain_seconds + http.shutdown_seconds;
    let spare = number(&pod["terminationGracePeriodSeconds"]) - sum;
    for line in [
        format!("#    {before}  preStop"),
        format!("#  + {}  drain_seconds", http.drain_seconds),
        format!("#  +{}  shutdown_seconds", http.shutdown_seconds),
        format!("#  ={sum}, and {spare} to spare"),
    ] {
        assert!(told.contains(&line), "{line}");
    }
}

#[test]
fn a_configuration_has_a_hash_in_its_name_and_pods_name_it() {
    for one in rendered() {
        for map in one.of_kind("ConfigMap") {
            let name = text(&map["metadata"]["name"]);
            let hash = name.rsplit('-').next().unwrap();
            assert_eq!(hash.len(), 10, "{name}");
        }
        for pod in one.pods().iter().filter(|pod| pod.is_ours()) {
            let volumes = pod.spec["volumes"].as_array().unwrap();
            let config = volumes
                .iter()
                .find(|volume| volume["name"] == "config")
                .unwrap();
            one.object("ConfigMap", text(&config["configMap"]["name"]));
        }
    }
}

/// The names of the overlay's Jobs and of its configuration after a change to a file of it.
fn names_after(overlay: &'static str, file: &str, from: &str, to: &str) -> Vec<String> {
    let copy = copy_of_the_folder();
    let folder = copy.path().join("kustomize/overlays").join(overlay);
    change(&folder.join(file), from, to);
    names(&render(&folder, overlay).objects)
}

fn names(objects: &[Value]) -> Vec<String> {
    let hashed = |object: &&Value| {
        object["kind"] == "Job" || text(&object["metadata"]["name"]).contains("-config-")
    };
    let name = |object: &Value| text(&object["metadata"]["name"]).to_owned();
    objects.iter().filter(hashed).map(name).collect()
}

fn change(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{}: no {from}", file.display());
    std::fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn another_configuration_makes_new_pods_and_new_jobs() {
    for (overlay_name, file) in [
        ("production", "logitd.toml"),
        ("postgres", "../../base/logitd.toml"),
    ] {
        let before = names(&overlay(overlay_name).objects);
        let after = names_after(overlay_name, file, "minimum = 0.0", "minimum = 0.5");
        assert!(
            before.len() >= 2 && before.len() == after.len(),
            "{before:?} {after:?}"
        );
        assert!(
            before.iter().all(|name| !after.contains(name)),
            "{before:?} {after:?}"
        );
    }
}

#[test]
fn another_image_makes_new_jobs_and_leaves_the_configuration() {
    let before = names(&overlay("production").objects);
    let after = names_after(
        "production",
        "kustomization.yaml",
        "newTag: 0.1.0",
        "newTag: 0.2.0",
    );
    let config = |names: &[String]| names.iter().find(|name| name.contains("-config-")).cloned();
    assert_eq!(config(&before), config(&after));
    let kept = before.iter().filter(|name| after.contains(name));
    assert_eq!(kept.count(), 1, "{before:?} {after:?}");
}
