//! What the root file system holds: the program, the libraries that it names, certificates, time
//! zones, and nothing else.

use super::archive::image;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The C library, and what the compiler's own code needs: what distroless' `cc` has of libraries.
const LIBRARIES: [&str; 3] = ["libc.so.6", "libm.so.6", "libgcc_s.so.1"];
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";
const ZONES: &str = "usr/share/zoneinfo/";
const PROGRAM: &str = "usr/local/bin/logitd";

/// Every file below a folder, links not followed, relative to it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.symlink_metadata().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found
}

fn is_library(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap();
    let is_loader = name.starts_with("ld-linux-") && name.contains(".so.");
    folder.starts_with("lib") && (is_loader || LIBRARIES.contains(&name))
}

#[test]
fn program_libraries_certificates_and_time_zones_and_nothing_else() {
    let root = image().path("rootfs");
    let files = files(&root);
    let mut zones = 0;
    for file in &files {
        let path = file.to_str().unwrap();
        if path.starts_with(ZONES) {
            zones += 1;
            continue;
        }
        let expected = path == PROGRAM || path == CERTIFICATES || is_library(path);
        assert!(expected, "{path} does not belong there");
    }
    assert!(zones > 300, "{zones} time zones");
    let berlin = fs::read(root.join(ZONES).join("Europe/Berlin")).unwrap();
    assert!(berlin.starts_with(b"TZif"));
    let certificates = fs::read_to_string(root.join(CERTIFICATES)).unwrap();
    assert!(certificates.matches("BEGIN CERTIFICATE").count() > 100);
    assert!(root.join(PROGRAM).exists());
}

#[test]
fn nobody_may_change_a_file_or_gain_rights_by_one() {
    let root = image().path("rootfs");
    for file in files(&root) {
        let path = root.join(&file);
        let about = path.symlink_metadata().unwrap();
        if about.is_symlink() {
            let target = fs::read_link(&path).unwrap();
            assert!(
                target.is_relative() && path.exists(),
                "{file:?} -> {target:?}"
            );
            continue;
        }
        let mode = about.mode() & 0o7777;
        assert!([0o644, 0o755].contains(&mode), "{file:?}: {mode:o}");
    }
}
