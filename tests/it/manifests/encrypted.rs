//! The component `tls`, in every overlay: what the pods are told, how they are probed, where they are called.

use super::configuration::config_of;
use super::schemas::check;
use crate::support::rendered::{OVERLAYS, Rendered, copy_of_the_folder, render, text};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::OnceLock;

fn encrypted() -> &'static [Rendered] {
    static ALL: OnceLock<Vec<Rendered>> = OnceLock::new();
    ALL.get_or_init(|| {
        let copy = copy_of_the_folder();
        let with = |overlay| {
            let folder = copy.path().join("kustomize/overlays").join(overlay);
            let file = folder.join("kustomization.yaml");
            let listed = std::fs::read_to_string(&file).unwrap();
            let mut listed: Value = serde_yaml::from_str(&listed).unwrap();
            let mut components = listed["components"].as_array().cloned().unwrap_or_default();
            components.push(json!("../../components/tls"));
            listed["components"] = components.into();
            std::fs::write(&file, serde_yaml::to_string(&listed).unwrap()).unwrap();
            render(&folder, overlay)
        };
        OVERLAYS.map(with).into()
    })
}

fn pod(one: &Rendered) -> &Value {
    &one.object("Deployment", "logitd")["spec"]["template"]["spec"]
}

#[test]
fn kubernetes_takes_all_of_it() {
    for one in encrypted() {
        let texts: Vec<String> = one.objects.iter().map(Value::to_string).collect();
        let (valid, said) = check(&texts.join("\n---\n"));
        assert!(valid, "{}: {said}", one.overlay);
    }
}

#[test]
fn the_pods_read_the_certificate_where_the_secret_is() {
    for one in encrypted() {
        let container = &pod(one)["containers"][0];
        let tls = config_of(one, container).http.tls.unwrap();
        let mut mounts = container["volumeMounts"].as_array().unwrap().iter();
        let mount = mounts.find(|mount| mount["name"] == "tls").unwrap();
        assert_eq!(mount["readOnly"], true);
        let mut volumes = pod(one)["volumes"].as_array().unwrap().iter();
        let volume = volumes.find(|volume| volume["name"] == "tls").unwrap();
        let secret = &volume["secret"];
        assert_eq!(
            secret["secretName"], "logitd-tls",
            "no hash: it changes in place"
        );
        assert_eq!(secret["defaultMode"], 0o440);
        let folder = Path::new(text(&mount["mountPath"]));
        let items = secret["items"].as_array().unwrap();
        for (file, key) in [(tls.certificate, "tls.crt"), (tls.key, "tls.key")] {
            let item = items.iter().find(|item| item["key"] == key).unwrap();
            assert_eq!(file, folder.join(text(&item["path"])), "{}", one.overlay);
        }
    }
}

#[test]
fn every_probe_asks_by_https_and_the_services_answer_on_443() {
    for one in encrypted() {
        let container = &pod(one)["containers"][0];
        for (probe, path) in [
            ("startupProbe", "/startupz"),
            ("readinessProbe", "/readyz"),
            ("livenessProbe", "/livez"),
        ] {
            let asked = json!({"path": path, "port": "http", "scheme": "HTTPS"});
            assert_eq!(container[probe]["httpGet"], asked, "{}", one.overlay);
        }
        for name in ["logitd", "logitd-admin"] {
            let ports = &one.object("Service", name)["spec"]["ports"];
            let port = json!([{"name": "https", "port": 443, "targetPort": "http", "protocol": "TCP",
                "appProtocol": "https"}]);
            assert_eq!(*ports, port, "{}: {name}", one.overlay);
        }
    }
}
