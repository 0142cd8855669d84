//! Tells the code which revision it was built from, so that a stored version can name it. Without
//! git, or outside a checkout, the revision is left out; nothing else depends on it.

use std::path::Path;
use std::process::Command;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for watched in [".git/HEAD", ".git/logs/HEAD"] {
        if root.join(watched).exists() {
            println!("cargo::rerun-if-changed={watched}");
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
    let version = env!("CARGO_PKG_VERSION");
    let version = match revision(root) {
        Some(revision) => format!("{version}+{revision}"),
        None => version.to_owned(),
    };
    println!("cargo::rustc-env=LOGITD_CODE_VERSION={version}");
}

fn revision(root: &Path) -> Option<String> {
    if !root.join(".git").exists() {
        return None;
    }
    let asked = ["rev-parse", "--short=7", "HEAD"];
    let said = Command::new("git")
        .current_dir(root)
        .args(asked)
        .output()
        .ok()?;
    let revision = String::from_utf8(said.stdout).ok()?.trim().to_owned();
    (said.status.success() && !revision.is_empty()).then_some(revision)
}
