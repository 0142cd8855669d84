//! What a pod may do and what it is given: `restricted`, and nothing that it does not need.

use crate::support::rendered::{Pod, kustomize_folder, objects, rendered, text};
use serde_json::Value;
use std::collections::BTreeMap;

fn every_pod() -> Vec<Pod<'static>> {
    let pods: Vec<Pod<'_>> = rendered().iter().flat_map(|one| one.pods()).collect();
    assert!(pods.len() >= 7, "{} pods", pods.len());
    pods
}

#[test]
fn the_namespace_enforces_restricted_and_stands_in_a_file_of_its_own() {
    let file = kustomize_folder().join("namespace.yaml");
    let namespace = objects(&std::fs::read_to_string(file).unwrap());
    assert_eq!(namespace.len(), 1);
    let labels = &namespace[0]["metadata"]["labels"];
    for mode in ["enforce", "audit", "warn"] {
        let label = format!("pod-security.kubernetes.io/{mode}");
        assert_eq!(labels[label], "restricted", "{mode}");
    }
    for one in rendered() {
        assert!(one.of_kind("Namespace").is_empty(), "{}", one.overlay);
        for object in &one.objects {
            let place = &object["metadata"]["namespace"];
            assert_eq!(place, &namespace[0]["metadata"]["name"], "{object}");
        }
    }
}

#[test]
fn a_pod_is_nobody_and_shares_nothing_of_the_host() {
    for pod in every_pod() {
        let whose = &pod.whose;
        let context = &pod.spec["securityContext"];
        assert_eq!(context["runAsNonRoot"], true, "{whose}");
        assert!(context["runAsUser"].as_u64().unwrap() > 0, "{whose}");
        assert!(context["runAsGroup"].as_u64().unwrap() > 0, "{whose}");
        assert_eq!(
            context["seccompProfile"]["type"], "RuntimeDefault",
            "{whose}"
        );
        for shared in [
            "hostNetwork",
            "hostPID",
            "hostIPC",
            "hostUsers",
            "ephemeralContainers",
        ] {
            assert_eq!(pod.spec[shared], Value::Null, "{whose}: {shared}");
        }
        for container in pod.containers() {
            let context = &container["securityContext"];
            assert_eq!(context["allowPrivilegeEscalation"], false, "{whose}");
            assert_eq!(context["readOnlyRootFilesystem"], true, "{whose}");
            assert_eq!(
                context["capabilities"]["drop"],
                serde_json::json!(["ALL"]),
                "{whose}"
            );
            assert_eq!(context["capabilities"]["add"], Value::Null, "{whose}");
            assert_eq!(context["privileged"], Value::Null, "{whose}");
            for port in container["ports"].as_array().into_iter().flatten() {
                assert_eq!(port["hostPort"], Value::Null, "{whose}");
            }
        }
    }
}

#[test]
fn a_pod_has_no_token_and_no_variables_of_other_services() {
    for one in rendered() {
        for account in one.of_kind("ServiceAccount") {
            assert_eq!(account["automountServiceAccountToken"], false, "{account}");
        }
        for pod in one.pods() {
            assert_eq!(
                pod.spec["automountServiceAccountToken"], false,
                "{}",
                pod.whose
            );
            assert_eq!(pod.spec["enableServiceLinks"], false, "{}", pod.whose);
            one.object("ServiceAccount", text(&pod.spec["serviceAccountName"]));
        }
    }
}

/// Kubernetes' quantities as far as we use them: bytes, and thousandths of a core.
fn quantity(value: &Value) -> f64 {
    let said = text(value);
    let digits = said.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &said[digits.len()..] {
        "" => 1000.0,
        "m" => 1.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        unit => panic!("the unit {unit} of {said}"),
    };
    digits.parse::<f64>().unwrap() * factor
}

#[test]
fn a_container_asks_for_cpu_memory_and_disk_and_is_limited_in_each() {
    for pod in every_pod() {
        for container in pod.containers() {
            let resources = &container["resources"];
            for what in ["cpu", "memory", "ephemeral-storage"] {
                let asked = quantity(&resources["requests"][what]);
                let limit = quantity(&resources["limits"][what]);
                assert!(asked > 0.0 && asked <= limit, "{}: {what}", pod.whose);
            }
        }
    }
}

#[test]
fn a_limit_in_cpu_is_whole_cores_since_a_part_of_one_counts_for_nothing() {
    for pod in every_pod().iter().filter(|pod| pod.is_ours()) {
        for container in pod.containers() {
            let limit = quantity(&container["resources"]["limits"]["cpu"]);
            assert_eq!(limit % 1000.0, 0.0, "{}: {limit}m", pod.whose);
        }
    }
}

#[test]
fn what_is_written_goes_to_tmp_or_a_claim_and_every_empty_dir_has_a_limit() {
    for pod in every_pod() {
        let whose = &pod.whose;
        let mut kinds = BTreeMap::new();
        for volume in pod.spec["volumes"].as_array().unwrap() {
            let fields = volume.as_object().unwrap();
            let kind = fields.keys().find(|field| *field != "name").unwrap();
            let allowed = ["configMap", "secret", "emptyDir", "persistentVolumeClaim"];
            assert!(allowed.contains(&kind.as_str()), "{whose}: {kind}");
            if kind == "emptyDir" {
                quantity(&volume["emptyDir"]["sizeLimit"]);
            }
            kinds.insert(text(&volume["name"]), kind.clone());
        }
        for container in pod.containers() {
            let mounts = container["volumeMounts"].as_array().unwrap();
            let tmp = mounts.iter().find(|mount| mount["mountPath"] == "/tmp");
            let volume = text(&tmp.unwrap_or_else(|| panic!("{whose}: no /tmp"))["name"]);
            assert_eq!(kinds[volume], "emptyDir", "{whose}");
            for mount in mounts {
                // What is not listed comes from a StatefulSet's claim.
                let name = text(&mount["name"]);
                let kind = kinds.get(name).map_or("claim", String::as_str);
                let read_only = mount["readOnly"] == true;
                let is_given = ["configMap", "secret"].contains(&kind);
                assert_eq!(read_only, is_given, "{whose}: {mount}");
            }
        }
    }
}

#[test]
fn secrets_are_files_and_never_variables() {
    for pod in every_pod() {
        for container in pod.containers() {
            assert_eq!(container["envFrom"], Value::Null, "{}", pod.whose);
            for variable in container["env"].as_array().unwrap() {
                assert_eq!(
                    variable["valueFrom"],
                    Value::Null,
                    "{}: {variable}",
                    pod.whose
                );
                let value = text(&variable["value"]);
                assert!(!value.contains("postgres://"), "{}: {variable}", pod.whose);
            }
        }
        for volume in pod.spec["volumes"].as_array().unwrap() {
            if let Some(secret) = volume["secret"].as_object() {
                // 0440: the owner and the pod's group, nobody else.
                assert_eq!(secret["defaultMode"], 0o440, "{}: {volume}", pod.whose);
            }
        }
    }
    for one in rendered() {
        assert!(
            one.of_kind("Secret").is_empty(),
            "{}: secrets are the installer's",
            one.overlay
        );
    }
}

#[test]
fn an_image_has_a_tag_that_says_which() {
    for pod in every_pod() {
        for container in pod.containers() {
            let image = text(&container["image"]);
            let name = image.rsplit('/').next().unwrap();
            let (_, tag) = name
                .split_once(':')
                .unwrap_or_else(|| panic!("{image}: no tag"));
            assert!(tag.chars().any(|c| c.is_ascii_digit()), "{image}");
        }
    }
}
