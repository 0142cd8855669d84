//! SQLite's disk: full for a while, or never to be written to.
//!
//! The service runs in a sandbox whose file system for the database is a small one of its own, so that
//! no rights are needed and the machine's disk stays as it is.

use super::{OBSERVE, PREDICT, load, observation};
use crate::support::app::{PATIENCE, config};
use crate::support::client::Client;
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::growing::CONFIG;
use crate::support::process::{Launch, Process};
use crate::support::training::train_champion;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// How large the disk is: the database with its champion needs less than half of it.
const DISK_BYTES: &str = "3000000";

/// Copies the database onto the disk, fills it up and frees it when it is told to, and beside that
/// becomes the service.
const SCRIPT: &str = r#"
set -eu
cp "$CONTROL/database" "$DISK/test.db"
# Until it is told to, or the test is over and its directory gone.
until_there() {
  until [ -e "$CONTROL/$1" ]; do
    [ -e "$CONTROL/logitd.toml" ] || exit
    sleep 0.05
  done
}
(
  until_there fill
  cat /dev/zero > "$DISK/filler" 2> "$CONTROL/words" || true
  touch "$CONTROL/filled"
  until_there free
  rm "$DISK/filler"
) &
exec "$LOGITD" serve --config "$CONTROL/logitd.toml"
"#;

/// A directory with a configuration and a database that has a champion.
async fn prepared() -> TempDir {
    let control = tempfile::tempdir().unwrap();
    let database = TestDatabase::new(Engine::Sqlite).await;
    let db = database.connect().await;
    load(&db).await;
    train_champion(&config(CONFIG, &database.url(), &[])).await;
    db.close().await.unwrap();
    let file = database.url().replace("sqlite://", "");
    std::fs::copy(file, control.path().join("database")).unwrap();
    std::fs::write(control.path().join("logitd.toml"), CONFIG).unwrap();
    control
}

/// A program in a sandbox in which these are mounted and all else is read-only.
fn sandbox(mounts: &[&str], url: &str, program: &[&str]) -> Process {
    let mut words = vec!["--unshare-user", "--die-with-parent", "--ro-bind", "/", "/"];
    words.extend(["--dev", "/dev"]);
    words.extend(mounts);
    words.extend(program);
    let launch = Launch::tool("bwrap").args(words);
    let launched = launch
        .env("LOGITD_DATABASE__URL", url)
        .env("LOGITD_HTTP__LISTEN", "127.0.0.1:0")
        .env("LOGITD_OBSERVATIONS__ENABLED", "true")
        .env("LOGITD_SERVING__FOLLOW_INTERVAL_SECONDS", "1")
        .env("LOGITD_TRAINING__POLL_INTERVAL_SECONDS", "1")
        .env("LOGITD", env!("CARGO_BIN_EXE_logitd"))
        .try_start();
    launched.unwrap_or_else(|error| panic!("{error}; apt-get install bubblewrap"))
}

async fn predicts(client: &Client) {
    for path in [PREDICT, "/readyz", "/v1/schema", "/v1/models/champion"] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

/// How the check `store` stands, with its words.
async fn store_is(client: &Client, state: &str, words: &str) {
    let what = format!("the store is {state}: {words}");
    eventually(PATIENCE, &what, async || {
        let report = client.get("/readyz?verbose").await.json();
        let checks = report["checks"].as_array().into_iter().flatten();
        let mut store = checks.filter(|check| check["name"] == "store");
        let told = |check: &Value| check["detail"].as_str().unwrap_or_default().contains(words);
        store
            .any(|check| check["state"] == state && told(check))
            .then_some(())
    })
    .await;
}

async fn until_there(file: &Path) {
    eventually(PATIENCE, "the disk is full", async || {
        file.exists().then_some(())
    })
    .await;
}

/// Writes until the disk is full; gives the keys that were said to be written.
async fn write_until_refused(client: &Client) -> Vec<i64> {
    let mut written = Vec::new();
    for key in 10_000..20_000 {
        let answer = client.post_json(OBSERVE, &observation(key)).await;
        if answer.status != 200 {
            answer.problem("store_unavailable");
            assert!(answer.header("retry-after").is_some());
            return written;
        }
        written.push(key);
    }
    panic!("the disk was never full");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_what_writes_until_there_is_room_again() {
    let control = prepared().await;
    let place = control.path().to_str().unwrap();
    // A directory of the test's own: a mount anywhere else may hide the program.
    let disk = &format!("{place}/disk");
    std::fs::create_dir(disk).unwrap();
    let mounts = [
        "--bind", place, place, "--size", DISK_BYTES, "--tmpfs", disk, "--setenv", "DISK", disk,
        "--setenv", "CONTROL", place,
    ];
    let url = format!("sqlite://{disk}/test.db");
    let mut service = sandbox(&mounts, &url, &["/bin/sh", "-c", SCRIPT]);
    let client = Client::new(service.address().await);
    let ready = async || (client.get("/readyz").await.status == 200).then_some(());
    eventually(PATIENCE, "it serves the champion", ready).await;

    std::fs::write(control.path().join("fill"), "").unwrap();
    until_there(&control.path().join("filled")).await;
    let written = write_until_refused(&client).await;
    for _ in 0..3 {
        let refused = client.post_json(OBSERVE, &observation(20_000)).await;
        refused.problem("store_unavailable");
        predicts(&client).await;
    }
    let refused = client.post_json("/v1/training-runs", &json!({})).await;
    refused.problem("store_unavailable");
    store_is(&client, "warning", "cannot be written to").await;
    assert_eq!(client.get("/v1/models").await.status, 200, "it is read");
    predicts(&client).await;

    std::fs::write(control.path().join("free"), "").unwrap();
    eventually(PATIENCE, "observations are taken", async || {
        let answer = client.post_json(OBSERVE, &observation(20_000)).await;
        (answer.status == 200).then_some(())
    })
    .await;
    store_is(&client, "up", "").await;
    for key in written.into_iter().chain([20_000]) {
        let found = client.get(&format!("{OBSERVE}/{key}")).await;
        assert_eq!(found.status, 200, "{key} was said to be written");
    }
    let asked = client.post_json("/v1/training-runs", &json!({})).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let run = asked.header("location").unwrap();
    eventually(PATIENCE, "a run ends", async || {
        let run = client.get(run).await.json();
        run["finished_at"].is_string().then_some(())
    })
    .await;
    predicts(&client).await;
    assert!(service.is_running(), "{}", service.stderr());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_to_at_the_start_is_told_and_waited_for() {
    let control = prepared().await;
    let place = control.path().to_str().unwrap();
    // Whatever rights the tests have: nobody writes to what is mounted for reading.
    let configuration = format!("{place}/logitd.toml");
    let program = [
        env!("CARGO_BIN_EXE_logitd"),
        "serve",
        "--config",
        &configuration,
    ];
    let mut service = sandbox(&[], &format!("sqlite://{place}/database"), &program);
    let client = Client::new(service.address().await);
    eventually(PATIENCE, "the store is told as down", async || {
        let problem = client
            .get("/readyz?verbose")
            .await
            .problem("model_not_ready");
        let mut faults = problem["errors"].as_array().into_iter().flatten();
        let told = |fault: &Value| {
            fault["detail"]
                .as_str()
                .unwrap()
                .starts_with("store is down: failed to")
        };
        faults.any(told).then_some(())
    })
    .await;
    assert_eq!(client.get("/livez").await.status, 200);
    client.get(PREDICT).await.problem("model_not_ready");
    let refused = client.post_json(OBSERVE, &observation(1)).await;
    refused.problem("store_unavailable");
    assert!(service.is_running(), "{}", service.stderr());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_that_can_only_be_read_is_trained_on() {
    let rows = TestDatabase::new(Engine::Sqlite).await;
    let db = rows.connect().await;
    load(&db).await;
    db.close().await.unwrap();
    let own = tempfile::tempdir().unwrap();
    let place = own.path().to_str().unwrap();
    let configuration = format!("{place}/logitd.toml");
    let text = CONFIG.replace("[dataset]", &format!("[dataset]\nurl = \"{}\"", rows.url()));
    std::fs::write(&configuration, text).unwrap();
    let mounts = [
        "--bind",
        place,
        place,
        "--setenv",
        "LOGITD_OBSERVATIONS__ENABLED",
        "false",
    ];
    let program = [
        env!("CARGO_BIN_EXE_logitd"),
        "serve",
        "--config",
        &configuration,
    ];
    let mut service = sandbox(&mounts, &format!("sqlite://{place}/own.db"), &program);
    let client = Client::new(service.address().await);
    let ready = async || (client.get("/readyz").await.status == 200).then_some(());
    eventually(PATIENCE, "it has trained", ready).await;
    predicts(&client).await;
}
