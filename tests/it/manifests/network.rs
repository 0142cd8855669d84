//! Who may speak to whom: nobody, and then one thing at a time.

use crate::support::rendered::{Rendered, number, overlay, rendered, text};
use serde_json::{Value, json};

/// Whether a selector of labels takes these labels.
pub(super) fn selects(selector: &Value, labels: &Value) -> bool {
    let Some(wanted) = selector["matchLabels"].as_object() else {
        return selector.as_object().is_some_and(serde_json::Map::is_empty);
    };
    wanted.iter().all(|(name, value)| &labels[name] == value)
}

/// What the policies of one direction allow a pod: peers and ports, rule by rule.
pub(super) fn allowed<'a>(
    one: &'a Rendered,
    labels: &Value,
    direction: &str,
) -> Vec<(Value, Vec<(u64, &'a str)>)> {
    let (list, peers) = match direction {
        "Ingress" => ("ingress", "from"),
        _ => ("egress", "to"),
    };
    let mut rules = Vec::new();
    for policy in one.of_kind("NetworkPolicy") {
        let spec = &policy["spec"];
        let types = spec["policyTypes"].as_array().unwrap();
        if !selects(&spec["podSelector"], labels) || !types.contains(&json!(direction)) {
            continue;
        }
        for rule in spec[list].as_array().into_iter().flatten() {
            let ports = rule["ports"].as_array().expect("a rule names its ports");
            let port = |port: &'a Value| (number(&port["port"]), text(&port["protocol"]));
            rules.push((rule[peers].clone(), ports.iter().map(port).collect()));
        }
    }
    rules
}

pub(super) fn monitoring() -> Value {
    json!([{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}])
}

#[test]
fn everything_is_denied_both_ways_first() {
    for one in rendered() {
        let spec = &one.object("NetworkPolicy", "default-deny")["spec"];
        let denied = json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]});
        assert_eq!(spec, &denied, "{}", one.overlay);
    }
}

#[test]
fn in_to_the_service_port_and_from_monitoring_to_metrics() {
    for one in rendered() {
        for pod in one.pods().iter().filter(|pod| pod.is_ours()) {
            let rules = allowed(one, pod.labels, "Ingress");
            if pod.labels["app.kubernetes.io/component"] != "service" {
                assert!(rules.is_empty(), "{}: nobody calls a job", pod.whose);
                continue;
            }
            let service = (Value::Null, vec![(8080, "TCP")]);
            let metrics = (monitoring(), vec![(9464, "TCP")]);
            assert_eq!(rules, [service, metrics], "{}", pod.whose);
        }
    }
}

#[test]
fn out_to_names_telemetry_and_the_database_and_nowhere_else() {
    let postgres =
        json!([{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "postgres"}}}]);
    // To be set by the installer; as rendered it leads nowhere.
    let outside = json!([{"ipBlock": {"cidr": "192.0.2.0/24"}}]);
    for one in rendered() {
        for pod in one.pods().iter().filter(|pod| pod.is_ours()) {
            let rules = allowed(one, pod.labels, "Egress");
            assert_eq!(rules[0].1, [(53, "UDP"), (53, "TCP")], "{}", pod.whose);
            assert_eq!(rules[1], (monitoring(), vec![(4317, "TCP"), (4318, "TCP")]));
            let database: Vec<_> = rules[2..].iter().map(|(to, ports)| (to, ports)).collect();
            let port = vec![(5432, "TCP")];
            match one.overlay {
                "embedded" => assert!(database.is_empty(), "{}", pod.whose),
                "postgres" => assert_eq!(database, [(&postgres, &port)], "{}", pod.whose),
                _ => assert_eq!(database, [(&outside, &port)], "{}", pod.whose),
            }
        }
    }
}

#[test]
fn the_development_database_is_reached_by_logitd_only_and_reaches_nobody() {
    let one = overlay("postgres");
    let pods = one.pods();
    let postgres = pods.iter().find(|pod| !pod.is_ours()).unwrap();
    let ours = json!([{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "logitd"}}}]);
    let rules = allowed(one, postgres.labels, "Ingress");
    assert_eq!(rules, [(ours, vec![(5432, "TCP")])]);
    assert!(allowed(one, postgres.labels, "Egress").is_empty());
}

#[test]
fn production_tells_what_the_installer_must_set() {
    let policy = overlay("production").object("NetworkPolicy", "logitd-to-database");
    let told = text(&policy["metadata"]["annotations"]["logitd.example/set-me"]);
    assert!(told.contains("ipBlock"), "{told}");
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");
    assert!(
        std::fs::read_to_string(docs)
            .unwrap()
            .contains("192.0.2.0/24")
    );
}

#[test]
fn a_service_leads_to_the_service_and_the_second_one_to_pods_that_are_not_ready_too() {
    for one in rendered() {
        for (name, not_ready) in [("logitd", Value::Null), ("logitd-admin", json!(true))] {
            let spec = &one.object("Service", name)["spec"];
            assert_eq!(
                spec["publishNotReadyAddresses"], not_ready,
                "{}",
                one.overlay
            );
            assert_eq!(spec["ports"][0]["targetPort"], "http", "{}", one.overlay);
            let selector = json!({"matchLabels": spec["selector"]});
            for pod in one.pods() {
                let chosen = selects(&selector, pod.labels);
                assert_eq!(
                    chosen,
                    pod.whose.ends_with("Deployment logitd"),
                    "{}",
                    pod.whose
                );
            }
        }
    }
}
