//! Started as an engine starts it: from the image's files alone, read-only, as nobody.

use super::archive::{image, run};
use crate::support::app::PATIENCE;
use crate::support::client::Client;
use crate::support::eventually::eventually;
use crate::support::process::{Launch, Process};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

const NOBODY: &str = "65532";

/// A root for one container: the image's files, and the empty folders that an engine makes for its mounts.
fn root() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let everybody = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(), everybody).unwrap();
    let (from, to) = (image().path("rootfs/."), folder.path());
    let words = ["-r", from.to_str().unwrap(), to.to_str().unwrap()];
    run("cp", &words, "coreutils");
    for mount in ["proc", "sys", "dev", "tmp"] {
        fs::create_dir(folder.path().join(mount)).unwrap();
    }
    folder
}

/// `logitd` with these arguments in the sandbox; `mounts` are bubblewrap's.
fn launch(root: &Path, mounts: &[&str], arguments: &[&str]) -> Process {
    let mut words = vec!["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"];
    // Somebody who is not root cannot become nobody, and need not.
    if run("id", &["-u"], "coreutils").trim() == "0" {
        words.extend(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    } else {
        words.truncate(1);
    }
    words.extend(["bwrap", "--unshare-user", "--die-with-parent", "--clearenv"]);
    words.extend(["--ro-bind", root.to_str().unwrap(), "/"]);
    words.extend(["--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/"]);
    words.extend(mounts);
    words.push("/usr/local/bin/logitd");
    words.extend(arguments);
    let launched = Launch::tool("setpriv").args(words).try_start();
    launched.unwrap_or_else(|error| panic!("{error}; apt-get install util-linux bubblewrap"))
}

/// A field of `/proc/ID/status` of the program itself, which is below the sandbox's own processes.
fn status(sandbox: &Process, field: &str) -> Option<String> {
    let mut ids = vec![sandbox.id().to_string()];
    while let Some(id) = ids.pop() {
        let about = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        if about.starts_with("Name:\tlogitd\n") {
            let line = about.lines().find_map(|line| line.strip_prefix(field));
            return line.map(|rest| rest.trim_start_matches(':').trim().to_owned());
        }
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
        ids.extend(children.split_whitespace().map(str::to_owned));
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_from_a_read_only_root_as_nobody() {
    let root = root();
    let (listen, file) = ("127.0.0.1:0", "/tmp/demo.db");
    let arguments = ["demo", "--listen", listen, "--database", file];
    let proc = ["--unshare-pid", "--proc", "/proc"];
    let mut service = launch(root.path(), &proc, &arguments);
    let address = service.address().await;
    let client = Client::new(address);
    let is_ready = async || (client.get("/readyz").await.status == 200).then_some(());
    eventually(PATIENCE, "it is ready", is_ready).await;
    assert_eq!(client.get("/v1/models/champion").await.json()["version"], 1);

    let users = status(&service, "Uid").unwrap();
    assert!(users.split_whitespace().all(|user| user != "0"), "{users}");
    assert_eq!(status(&service, "NoNewPrivs").unwrap(), "1");
    assert_eq!(status(&service, "CapPrm").unwrap(), "0000000000000000");

    // The image's own health check, from the same files.
    let config = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/two-features/logitd.toml"
    );
    let listen = address.to_string();
    let mounts = [
        "--ro-bind",
        config,
        "/tmp/logitd.toml",
        "--setenv",
        "LOGITD_HTTP__LISTEN",
        &listen,
    ];
    let arguments = ["healthcheck", "--config", "/tmp/logitd.toml"];
    let mut health = launch(root.path(), &mounts, &arguments);
    assert_eq!(
        health.wait_exit(PATIENCE).await.code(),
        Some(0),
        "{}",
        health.stderr()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_cannot_be_written() {
    let root = root();
    let arguments = ["demo", "--listen", "127.0.0.1:0", "--database", "/demo.db"];
    let mut service = launch(root.path(), &[], &arguments);
    assert_eq!(service.wait_exit(PATIENCE).await.code(), Some(1));
    let said = service.stderr();
    assert!(said.contains("unable to open database file"), "{said}");
}

/// The log's line about threads under a quota, told to the program by a control group file of ours.
async fn threads_under(quota: &str) -> serde_json::Value {
    let root = root();
    for (file, text) in [
        ("proc/self/cgroup", "0::/\n"),
        ("sys/fs/cgroup/cgroup.controllers", "cpu memory\n"),
        ("sys/fs/cgroup/cpu.max", quota),
    ] {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let config = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/two-features/logitd.toml"
    );
    let mounts = [
        "--ro-bind",
        config,
        "/tmp/logitd.toml",
        "--setenv",
        "LOGITD_DATABASE__URL",
        "sqlite:///tmp/logitd.db",
        "--setenv",
        "LOGITD_HTTP__LISTEN",
        "127.0.0.1:0",
    ];
    let arguments = ["serve", "--config", "/tmp/logitd.toml"];
    let mut service = launch(root.path(), &mounts, &arguments);
    let line = service.line_containing("\"threads\"", PATIENCE).await;
    serde_json::from_str(&line).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_follow_the_quota_rounded_down() {
    let all = std::thread::available_parallelism().unwrap().get();
    let cases = [
        ("max 100000\n", all),
        ("50000 100000\n", 1),
        ("150000 100000\n", 1),
        ("200000 100000\n", all.min(2)),
    ];
    for (quota, cores) in cases {
        let told = threads_under(quota).await;
        assert_eq!(told["cores"], cores, "{quota}: {told}");
        assert_eq!(told["runtime"], cores, "{quota}: {told}");
        let beside = cores.saturating_sub(1).max(1);
        assert_eq!(told["training"], beside, "{quota}: {told}");
    }
}
