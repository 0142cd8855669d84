//! The components `prometheus-operator` and `otel-collector`, in every overlay. Custom resources have no
//! published schema in any package, so their shape is checked by rules of our own.

use super::network::{allowed, monitoring, selects};
use super::schemas::check;
use crate::support::rendered::{OVERLAYS, Rendered, copy_of_the_folder, number, render, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::OnceLock;

const OPERATORS: &str = "monitoring.coreos.com/v1";

/// Every overlay with both components.
fn observed() -> &'static [Rendered] {
    static ALL: OnceLock<Vec<Rendered>> = OnceLock::new();
    ALL.get_or_init(|| {
        let copy = copy_of_the_folder();
        let with = |overlay| {
            let folder = copy.path().join("kustomize/overlays").join(overlay);
            let file = folder.join("kustomization.yaml");
            let listed = std::fs::read_to_string(&file).unwrap();
            let mut listed: Value = serde_yaml::from_str(&listed).unwrap();
            let mut components = listed["components"].as_array().cloned().unwrap_or_default();
            for name in ["prometheus-operator", "otel-collector"] {
                components.push(json!(format!("../../components/{name}")));
            }
            listed["components"] = components.into();
            std::fs::write(&file, serde_yaml::to_string(&listed).unwrap()).unwrap();
            render(&folder, overlay)
        };
        OVERLAYS.map(with).into()
    })
}

fn shipped(name: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    std::fs::read_to_string(format!("{root}/deploy/observability/{name}")).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    let members = value.as_object().unwrap_or_else(|| panic!("{value}"));
    members.keys().map(String::as_str).collect()
}

fn container<'a>(pod: &'a Value, name: &str) -> &'a Value {
    let mut all = pod["containers"].as_array().unwrap().iter();
    all.find(|one| one["name"] == name).unwrap()
}

#[test]
fn what_kubernetes_knows_is_valid_and_the_rest_is_the_operators() {
    for one in observed() {
        let (theirs, known): (Vec<_>, Vec<_>) = one
            .objects
            .iter()
            .partition(|object| object["apiVersion"] == OPERATORS);
        let texts = known.iter().map(|object| object.to_string());
        let (valid, said) = check(&texts.collect::<Vec<_>>().join("\n---\n"));
        assert!(valid, "{}: {said}", one.overlay);
        let kinds: BTreeSet<&str> = theirs.iter().map(|object| text(&object["kind"])).collect();
        assert_eq!(kinds, BTreeSet::from(["PrometheusRule", "ServiceMonitor"]));
        for object in theirs {
            let all = BTreeSet::from(["apiVersion", "kind", "metadata", "spec"]);
            assert_eq!(keys(object), all);
            assert_eq!(object["metadata"]["namespace"], "logitd");
        }
    }
}

#[test]
fn the_monitor_finds_one_service_whose_port_is_where_metrics_are_answered() {
    for one in observed() {
        let spec = &one.object("ServiceMonitor", "logitd")["spec"];
        let known = BTreeSet::from(["endpoints", "jobLabel", "selector"]);
        assert_eq!(
            keys(spec),
            known,
            "a key that the operator does not know is refused"
        );
        let endpoint = &spec["endpoints"][0];
        let known = ["interval", "path", "port", "scheme", "scrapeTimeout"];
        assert_eq!(keys(endpoint), BTreeSet::from(known));
        assert_eq!(
            (&endpoint["path"], &endpoint["scheme"]),
            (&json!("/metrics"), &json!("http"))
        );
        let seconds = |value: &Value| text(value).trim_end_matches('s').parse::<u32>().unwrap();
        assert!(seconds(&endpoint["scrapeTimeout"]) < seconds(&endpoint["interval"]));

        let services = one.of_kind("Service").into_iter();
        let found: Vec<&Value> = services
            .filter(|service| selects(&spec["selector"], &service["metadata"]["labels"]))
            .collect();
        assert_eq!(found.len(), 1, "{}: each pod is scraped once", one.overlay);
        let service = found[0];
        assert_eq!(
            service["metadata"]["labels"][text(&spec["jobLabel"])],
            "logitd"
        );
        let service = &service["spec"];
        assert_eq!(
            service["publishNotReadyAddresses"], true,
            "no champion is told too"
        );
        let port = &service["ports"][0];
        assert_eq!(port["name"], endpoint["port"]);

        let deployment = one.object("Deployment", "logitd");
        let template = &deployment["spec"]["template"];
        let selector = json!({"matchLabels": service["selector"]});
        assert!(selects(&selector, &template["metadata"]["labels"]));
        let ports = container(&template["spec"], "logitd")["ports"]
            .as_array()
            .unwrap();
        let target = ports.iter().find(|one| one["name"] == port["targetPort"]);
        let target = number(&target.unwrap()["containerPort"]);
        let rules = allowed(one, &template["metadata"]["labels"], "Ingress");
        assert!(
            rules.contains(&(monitoring(), vec![(target, "TCP")])),
            "{rules:?}"
        );
    }
}

#[test]
fn the_rule_object_has_the_shipped_rules() {
    let file: Value = serde_yaml::from_str(&shipped("alerts.yaml")).unwrap();
    for one in observed() {
        let spec = &one.object("PrometheusRule", "logitd")["spec"];
        assert_eq!(spec, &json!({"groups": file["groups"]}), "{}", one.overlay);
    }
}

#[test]
fn every_process_of_ours_sends_to_the_collector_and_says_which_pod_it_is() {
    for one in observed() {
        let mut senders = 0;
        for pod in one.pods().iter().filter(|pod| pod.is_ours()) {
            let listed = container(pod.spec, "logitd")["env"].as_array().unwrap();
            let place = |name: &str| {
                let found = listed.iter().position(|one| one["name"] == name);
                found.unwrap_or_else(|| panic!("{}: no {name}", pod.whose))
            };
            let endpoint = &listed[place("OTEL_EXPORTER_OTLP_ENDPOINT")]["value"];
            assert_eq!(endpoint, "http://otel-collector:4318", "{}", pod.whose);
            let attributes = place("OTEL_RESOURCE_ATTRIBUTES");
            let told = text(&listed[attributes]["value"]);
            assert!(told.contains("service.instance.id=$(POD_NAME)"), "{told}");
            for (name, field) in [
                ("POD_NAME", "metadata.name"),
                ("POD_NAMESPACE", "metadata.namespace"),
            ] {
                assert!(told.contains(&format!("$({name})")), "{told}");
                assert!(
                    place(name) < attributes,
                    "only what stands before is filled in"
                );
                assert_eq!(
                    listed[place(name)]["valueFrom"]["fieldRef"]["fieldPath"],
                    field
                );
            }
            let out = allowed(one, pod.labels, "Egress");
            let collector = json!([{"podSelector":
                {"matchLabels": {"app.kubernetes.io/name": "otel-collector"}}}]);
            assert!(
                out.contains(&(collector, vec![(4318, "TCP")])),
                "{}",
                pod.whose
            );
            senders += 1;
        }
        let jobs = ["Job", "CronJob"].map(|kind| one.of_kind(kind).len());
        assert_eq!(senders, 1 + jobs.iter().sum::<usize>(), "{}", one.overlay);
    }
}

#[test]
fn the_collector_has_the_shipped_configuration_and_listens_where_it_says() {
    let file: Value = serde_yaml::from_str(&shipped("collector.yaml")).unwrap();
    for one in observed() {
        let maps = one.of_kind("ConfigMap");
        let named = |map: &&&Value| text(&map["metadata"]["name"]).starts_with("otel-collector");
        let map = maps.iter().find(named).unwrap();
        assert_eq!(
            text(&map["data"]["collector.yaml"]),
            shipped("collector.yaml")
        );
        let pod = &one.object("Deployment", "otel-collector")["spec"]["template"]["spec"];
        assert_eq!(
            pod["volumes"][0]["configMap"]["name"],
            map["metadata"]["name"]
        );
        let collector = container(pod, "otel-collector");
        for (port, endpoint) in [
            (
                0,
                &file["receivers"]["otlp"]["protocols"]["http"]["endpoint"],
            ),
            (1, &file["exporters"]["prometheus"]["endpoint"]),
            (2, &file["extensions"]["health_check"]["endpoint"]),
        ] {
            let port = number(&collector["ports"][port]["containerPort"]);
            assert_eq!(text(endpoint), format!("0.0.0.0:{port}"));
        }
        assert_eq!(collector["env"][0]["name"], "OTLP_BACKEND");
    }
}

#[test]
fn the_collector_is_nobody_and_speaks_to_whom_it_must() {
    for one in observed() {
        let deployment = one.object("Deployment", "otel-collector");
        let template = &deployment["spec"]["template"];
        let (pod, labels) = (&template["spec"], &template["metadata"]["labels"]);
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(
            pod["securityContext"]["seccompProfile"]["type"],
            "RuntimeDefault"
        );
        assert_eq!(pod["automountServiceAccountToken"], false);
        let context = &container(pod, "otel-collector")["securityContext"];
        let wanted = json!({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]}});
        assert_eq!(context, &wanted);
        let ours = json!([{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "logitd"}}}]);
        let into = [
            (ours, vec![(4318, "TCP")]),
            (monitoring(), vec![(8889, "TCP")]),
        ];
        assert_eq!(allowed(one, labels, "Ingress"), into, "{}", one.overlay);
        let out = allowed(one, labels, "Egress");
        assert_eq!(out[0].1, [(53, "UDP"), (53, "TCP")]);
        assert_eq!(out[1..], [(monitoring(), vec![(4318, "TCP")])]);
    }
}
