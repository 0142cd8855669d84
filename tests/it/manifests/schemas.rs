//! Every object against the published schemas of every Kubernetes from 1.30 on.

use crate::support::rendered::{kustomize_folder, rendered};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const INSTALL: &str = "install it with: python3 -m venv target/venv && \
    target/venv/bin/python -m pip install -r tests/python/requirements.txt";

/// Whether the checker takes this text, and what it said.
fn check(text: &str) -> (bool, String) {
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
