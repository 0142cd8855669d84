//! What the pods are configured with is what the program takes.

use crate::support::app::example;
use crate::support::rendered::{Rendered, kustomize_folder, rendered, text, variables};
use logitd::config::{Config, Environment};
use serde_json::Value;

const URL_FILE: &str = "LOGITD_DATABASE__URL_FILE";
const KEYS_FILE: &str = "LOGITD_AUTH__KEYS_FILE";

/// The file that the pods read.
fn file(one: &Rendered) -> &str {
    let maps = one.of_kind("ConfigMap");
    let is_config = |map: &&&Value| text(&map["metadata"]["name"]).starts_with("logitd-config-");
    let map = maps.iter().find(is_config).unwrap();
    text(&map["data"]["logitd.toml"])
}

/// The configuration of a container, its secrets being files of this test's.
pub(super) fn config_of(one: &Rendered, container: &Value) -> Config {
    let directory = tempfile::tempdir().unwrap();
    let url = directory.path().join("url");
    std::fs::write(&url, "postgres://logitd:secret@postgres/logitd\n").unwrap();
    let given = variables(container).into_iter().map(|(name, value)| {
        let value = if name == URL_FILE {
            url.display().to_string()
        } else {
            value
        };
        (name, value)
    });
    let environment = Environment::from_pairs(given);
    Config::parse(file(one), "/etc/logitd/logitd.toml", &environment)
        .unwrap_or_else(|faults| panic!("{}: {faults}", one.overlay))
}

#[test]
fn every_container_of_ours_has_a_configuration_without_a_fault() {
    let mut containers = 0;
    for one in rendered() {
        for pod in one.pods().iter().filter(|pod| pod.is_ours()) {
            for container in pod.containers() {
                config_of(one, container);
                containers += 1;
            }
        }
    }
    assert!(containers >= 7, "{containers}");
}

#[test]
fn the_base_has_the_example_as_it_stands() {
    let base = std::fs::read_to_string(kustomize_folder().join("base/logitd.toml")).unwrap();
    assert_eq!(base, example("breast-cancer"));
}

#[test]
fn the_service_listens_where_its_port_is() {
    for one in rendered() {
        let pod = &one.object("Deployment", "logitd")["spec"]["template"]["spec"];
        let service = &pod["containers"][0];
        let listen = config_of(one, service).http.listen;
        assert!(listen.ip().is_unspecified(), "{listen}");
        assert_eq!(
            service["ports"][0]["containerPort"],
            listen.port(),
            "{}",
            one.overlay
        );
        assert_eq!(service["ports"][0]["name"], "http", "{}", one.overlay);
        let metrics = config_of(one, service).telemetry.metrics_listen.unwrap();
        assert!(metrics.ip().is_unspecified(), "{metrics}");
        assert_eq!(service["ports"][1]["containerPort"], metrics.port());
        assert_eq!(service["ports"][1]["name"], "metrics", "{}", one.overlay);
    }
}

#[test]
fn keys_are_on_in_every_overlay_but_embedded() {
    for one in rendered() {
        let pod = &one.object("Deployment", "logitd")["spec"]["template"]["spec"];
        let given = variables(&pod["containers"][0]);
        let of = |name: &str| given.iter().find(|(given, _)| given == name);
        let insecure = of("LOGITD_HTTP__INSECURE").is_some();
        assert_eq!(insecure, one.overlay == "embedded");
        assert_eq!(of(KEYS_FILE).is_none(), one.overlay == "embedded");
        let Some((_, path)) = of(KEYS_FILE) else {
            continue;
        };
        // Not by `subPath`, which would never see the Secret change.
        let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
        let mount = mounts.iter().find(|mount| mount["name"] == "keys").unwrap();
        assert_eq!(format!("{}/keys.toml", text(&mount["mountPath"])), *path);
        assert_eq!(mount["subPath"], Value::Null);
        let volumes = pod["volumes"].as_array().unwrap();
        let volume = volumes
            .iter()
            .find(|volume| volume["name"] == "keys")
            .unwrap();
        assert_eq!(volume["secret"]["secretName"], "logitd-keys");
    }
}

#[test]
fn embedded_says_that_it_is_for_trying_out() {
    let one = crate::support::rendered::overlay("embedded");
    for object in &one.objects {
        let purpose = text(&object["metadata"]["annotations"]["logitd.example/purpose"]);
        assert!(purpose.contains("for trying out"), "{purpose}");
    }
    let url = config_of(
        one,
        &one.object("Deployment", "logitd")["spec"]["template"]["spec"]["containers"][0],
    );
    assert!(
        url.database
            .url
            .expose()
            .starts_with("sqlite:///var/lib/logitd/")
    );
    one.object("PersistentVolumeClaim", "logitd");
}
