//! Manifests as `kubectl kustomize` renders them.
//!
//! Shape: a folder becomes a list of objects, [`Pod`]s among them wherever they hide (Deployment,
//! StatefulSet, Job, CronJob). Rendered once a test process; nothing is applied anywhere.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

/// Every overlay there is.
pub(crate) const OVERLAYS: [&str; 3] = ["embedded", "postgres", "production"];

/// The folder of base, components and overlays.
pub(crate) fn kustomize_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kustomize")
}

/// The objects of one overlay.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// The overlay's name.
    pub(crate) overlay: &'static str,
    /// What kubectl printed.
    pub(crate) text: String,
    /// The same as objects.
    pub(crate) objects: Vec<Value>,
}

/// A pod of some object.
#[derive(Debug)]
pub(crate) struct Pod<'a> {
    /// "production: Deployment logitd".
    pub(crate) whose: String,
    /// The labels of the template.
    pub(crate) labels: &'a Value,
    /// The pod's spec.
    pub(crate) spec: &'a Value,
}

impl Rendered {
    /// The objects of a kind.
    pub(crate) fn of_kind(&self, kind: &str) -> Vec<&Value> {
        let wanted = |object: &&Value| object["kind"] == kind;
        self.objects.iter().filter(wanted).collect()
    }

    /// The one object of this kind and name.
    pub(crate) fn object(&self, kind: &str, name: &str) -> &Value {
        let named = |object: &&&Value| object["metadata"]["name"] == name;
        let found: Vec<_> = self
            .of_kind(kind)
            .into_iter()
            .filter(|o| named(&o))
            .collect();
        assert_eq!(found.len(), 1, "{}: {kind} {name}", self.overlay);
        found[0]
    }

    /// Every pod, whoever makes it.
    pub(crate) fn pods(&self) -> Vec<Pod<'_>> {
        let pod = |object| {
            let template = template(object)?;
            Some(Pod {
                whose: format!(
                    "{}: {} {}",
                    self.overlay,
                    text(&object["kind"]),
                    text(&object["metadata"]["name"])
                ),
                labels: &template["metadata"]["labels"],
                spec: &template["spec"],
            })
        };
        self.objects.iter().filter_map(pod).collect()
    }
}

impl<'a> Pod<'a> {
    /// Its containers, those of the start included.
    pub(crate) fn containers(&self) -> Vec<&'a Value> {
        let lists = ["initContainers", "containers"].map(|list| self.spec[list].as_array());
        lists.into_iter().flatten().flatten().collect()
    }

    /// Whether it is one of ours, and not the database.
    pub(crate) fn is_ours(&self) -> bool {
        self.labels["app.kubernetes.io/name"] == "logitd"
    }
}

fn template(object: &Value) -> Option<&Value> {
    match object["kind"].as_str()? {
        "CronJob" => Some(&object["spec"]["jobTemplate"]["spec"]["template"]),
        "Deployment" | "StatefulSet" | "Job" => Some(&object["spec"]["template"]),
        _ => None,
    }
}

/// A text, or a failure that says what is there instead.
pub(crate) fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}

/// A whole number.
pub(crate) fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("{value} is no whole number"))
}

/// A container's variables, name and value.
pub(crate) fn variables(container: &Value) -> Vec<(String, String)> {
    let listed = container["env"].as_array().into_iter().flatten();
    listed
        .map(|one| {
            (
                text(&one["name"]).to_owned(),
                text(&one["value"]).to_owned(),
            )
        })
        .collect()
}

/// Every overlay, rendered.
pub(crate) fn rendered() -> &'static [Rendered] {
    static ALL: OnceLock<Vec<Rendered>> = OnceLock::new();
    ALL.get_or_init(|| {
        let one = |overlay| render(&kustomize_folder().join("overlays").join(overlay), overlay);
        OVERLAYS.map(one).into()
    })
}

/// One overlay by name.
pub(crate) fn overlay(name: &str) -> &'static Rendered {
    let mut all = rendered().iter();
    all.find(|one| one.overlay == name)
        .unwrap_or_else(|| panic!("no overlay {name}"))
}

/// Renders a folder as a user would.
pub(crate) fn render(folder: &Path, overlay: &'static str) -> Rendered {
    let said = Command::new("kubectl")
        .arg("kustomize")
        .arg(folder)
        .output();
    let said = said.unwrap_or_else(|error| {
        panic!("kubectl cannot be started ({error}); scripts/test.sh says where it comes from")
    });
    let words = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{}: {words}", folder.display());
    assert!(
        words.is_empty(),
        "{}: kubectl warns: {words}",
        folder.display()
    );
    let text = String::from_utf8(said.stdout).unwrap();
    let objects = objects(&text);
    assert!(!objects.is_empty(), "{overlay} is empty");
    Rendered {
        overlay,
        text,
        objects,
    }
}

/// The documents of a YAML text.
pub(crate) fn objects(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}

/// A copy of the whole folder for a test that changes something in it.
pub(crate) fn copy_of_the_folder() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let said = Command::new("cp")
        .arg("-r")
        .arg(kustomize_folder())
        .arg(copy.path())
        .status();
    assert!(said.unwrap().success());
    copy
}
