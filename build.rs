//! Tells the code which revision it was built from, so that a stored version can name it. Without
//! git, or outside a checkout, the revision is left out; nothing else depends on it.

use std::path::Path;
use std::process::Command;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Git knows where they are: in a second work tree not below `.git`, which is a file there.
    for watched in ["HEAD", "logs/HEAD"] {
        let path = git(root, &["rev-parse", "--git-path", watched]);
        if let Some(path) = path.filter(|path| root.join(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
    let version = env!("CARGO_PKG_VERSION");
    let version = match git(root, &["rev-parse", "--short=7", "HEAD"]) {
        Some(revision) => format!("{version}+{revision}"),
        None => version.to_owned(),
    };
    println!("cargo::rustc-env=LOGITD_CODE_VERSION={version}");
}

/// What git says of this checkout.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    if !root.join(".git").exists() {
        return None;
    }
    let mut git = Command::new("git");
    let said = git.current_dir(root).args(arguments).output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?.trim().to_owned();
    (said.status.success() && !text.is_empty()).then_some(text)
}
