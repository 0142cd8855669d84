//! The Python environment that `scripts/test.sh` makes, and programs run in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

const INSTALL: &str = "install it with: python3 -m venv target/venv && \
    target/venv/bin/python -m pip install -r tests/python/requirements.txt";

/// Its interpreter.
fn interpreter() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python");
    assert!(
        python.exists(),
        "{} is missing; {INSTALL}",
        python.display()
    );
    python
}

/// Runs a program of `tests/python` to its end and gives what it printed.
pub(crate) fn run_python(program: &str, argument: impl AsRef<OsStr>) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let said = Command::new(interpreter())
        .arg(script.join(program))
        .arg(argument)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{program}: {words}\n{INSTALL}");
    String::from_utf8_lossy(&said.stdout).into_owned()
}
