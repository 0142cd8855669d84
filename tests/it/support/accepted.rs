//! Files that are made from the code and checked in: compared here, written anew on demand.
//!
//! `LOGITD_ACCEPT=1 cargo test` writes them; what changed is then seen in the diff.

use std::path::Path;

/// Compares a checked-in file with what the code says, or writes it.
pub(crate) fn accepted(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if accepting() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        stored == text,
        "{path} is not what the code says; see it with LOGITD_ACCEPT=1"
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "the switch of a test run, not a setting"
)]
fn accepting() -> bool {
    std::env::var_os("LOGITD_ACCEPT").is_some()
}
