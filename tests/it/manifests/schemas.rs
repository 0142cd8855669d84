//! Every object against the published schemas of every Kubernetes from 1.30 on.

use crate::support::rendered::{kustomize_folder, objects, rendered};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const INSTALL: &str = "install it with: python3 -m venv target/venv && \
    target/venv/bin/python -m pip install -r tests/python/requirements.txt";

/// Whether the checker takes this text, and what it said.
pub(super) fn check(text: &str) -> (bool, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/venv/bin/python");
    assert!(
        python.exists(),
        "{} is missing; {INSTALL}",
        python.display()
    );
    let mut checker = Command::new(python)
        .arg(root.join("tests/python/manifest_schemas.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = checker.stdin.take().unwrap();
    pipe.write_all(text.as_bytes()).unwrap();
    drop(pipe);
    let said = checker.wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
    (said.status.success(), words)
}

#[test]
fn every_object_is_valid_from_kubernetes_1_30_on() {
    let namespace = kustomize_folder().join("namespace.yaml");
    let mut all = std::fs::read_to_string(namespace).unwrap();
    let mut objects = 1;
    for one in rendered() {
        all = format!("{all}\n---\n{}", one.text);
        objects += one.objects.len();
    }
    let (valid, said) = check(&all);
    assert!(valid, "{said}\n{INSTALL}");
    assert!(
        said.contains(&format!("{objects} objects are valid")),
        "{said}"
    );
    assert!(said.contains("1.30"), "{said}");
}

#[test]
fn the_checker_bites() {
    let wrong =
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x}\nautomountToken: false\n";
    let (valid, said) = check(wrong);
    assert!(!valid && said.contains("automountToken"), "{said}");
    let (valid, said) = check("apiVersion: v9\nkind: Nothing\nmetadata: {name: x}\n");
    assert!(!valid && said.contains("Nothing"), "{said}");
}

#[test]
fn the_end_to_end_script_applies_what_is_valid_with_the_image_it_is_given() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/e2e.sh");
    let image = "registry.example:5000/team/logitd:9.9";
    let said = Command::new(script)
        .args(["--render", "--image", image])
        .output()
        .unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
    let (valid, words) = check(&text);
    assert!(valid, "{words}");
    let all = objects(&text);
    let is = |kind: &str| all.iter().find(|one| one["kind"] == kind).unwrap();
    for kind in ["Deployment", "Job"] {
        let pod = &is(kind)["spec"]["template"]["spec"];
        assert_eq!(pod["containers"][0]["image"], image, "{kind}");
    }
    let asker = &is("Pod")["spec"];
    assert_eq!(asker["securityContext"]["runAsNonRoot"], true);
    let context = &asker["containers"][0]["securityContext"];
    assert_eq!(context["allowPrivilegeEscalation"], false);
    assert_eq!(context["capabilities"]["drop"][0], "ALL");
}
