//! Keys in use: a file of them that changes, new ones, and what is told to nobody.

use super::{is_refused, line};
use crate::support::app::{PATIENCE, TestApp, config, example, two_features};
use crate::support::client::Client;
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::process::{Launch, Process};
use logitd::lifecycle::Stop;
use serde_json::Value;
use std::path::Path;

/// A service whose keys stand in this file.
async fn with_file(database: &TestDatabase, file: &Path) -> TestApp {
    let path = file.to_str().unwrap();
    let app = two_features(&database.url(), &[("LOGITD_AUTH__KEYS_FILE", path)]);
    TestApp::start(app).await
}

async fn lets_in(app: &TestApp, key: &str) -> bool {
    let answer = app
        .client
        .request("GET", "/v1/models", &[("x-api-key", key)], "")
        .await;
    !is_refused(&answer)
}

async fn state_of_keys(app: &TestApp) -> Value {
    // Nothing serves, so the checks are told as what is missing.
    let told = app.client.get("/readyz?verbose").await.json();
    let mut told = told["errors"].as_array().unwrap().iter();
    let told = told.find_map(|fault| fault["detail"].as_str()?.strip_prefix("keys is "));
    told.unwrap_or("not told").into()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_keys_is_followed() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.toml");
    let write = |keys: &[&str]| {
        let lines: Vec<String> = keys.iter().map(|key| line("ingest", key)).collect();
        // As a mounted secret changes: by another file in its place.
        let new = folder.path().join("new");
        std::fs::write(&new, format!("keys = [{}]\n", lines.join(",\n"))).unwrap();
        std::fs::rename(&new, &file).unwrap();
    };
    write(&["old"]);
    let app = with_file(&database, &file).await;
    assert!(lets_in(&app, "old").await && !lets_in(&app, "new").await);

    write(&["old", "new"]);
    eventually(PATIENCE, "both keys are valid", async || {
        (lets_in(&app, "new").await && lets_in(&app, "old").await).then_some(())
    })
    .await;
    write(&["new"]);
    eventually(PATIENCE, "the old key is not valid any more", async || {
        (!lets_in(&app, "old").await && lets_in(&app, "new").await).then_some(())
    })
    .await;
    assert_eq!(state_of_keys(&app).await, "up");

    for (broken, told) in [
        ("keys = [", "is not TOML"),
        ("", "is missing"),
        ("keys = []", "is an empty list"),
        (
            "keys = [{ name = 'x', role = 'root', sha256 = 'hunter2' }]",
            "role: must be one of",
        ),
    ] {
        std::fs::write(&file, broken).unwrap();
        let state = eventually(PATIENCE, "a broken file is told", async || {
            let state = state_of_keys(&app).await;
            state
                .as_str()
                .is_some_and(|state| state.contains(told))
                .then_some(state)
        })
        .await;
        let state = state.as_str().unwrap();
        assert!(
            state.starts_with("warning: the old keys stay valid: "),
            "{state}"
        );
        assert!(!state.contains("hunter2"), "{state}");
        assert!(
            lets_in(&app, "new").await,
            "{broken:?} took the old key away"
        );
    }
    std::fs::remove_file(&file).unwrap();
    eventually(PATIENCE, "a missing file is told", async || {
        let state = state_of_keys(&app).await;
        state
            .as_str()
            .is_some_and(|state| state.contains("no such file"))
            .then_some(())
    })
    .await;
    assert!(lets_in(&app, "new").await);
    write(&["newest"]);
    eventually(PATIENCE, "the mended file is in force", async || {
        (lets_in(&app, "newest").await && state_of_keys(&app).await == "up").then_some(())
    })
    .await;
    assert!(!lets_in(&app, "new").await);
}

fn logitd(folder: &Path, command: &[&str]) -> Launch {
    let launch = Launch::clean(env!("CARGO_BIN_EXE_logitd"));
    launch.args(command).directory(folder)
}

async fn ended(mut process: Process) -> (i32, String, String) {
    let status = process.wait_exit(PATIENCE).await;
    (status.code().unwrap(), process.stdout(), process.stderr())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_opens_the_service_and_stands_in_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let new = ["key", "new", "--name", "Ann \"A\"", "--role", "operate"];
    let (code, said, told) = ended(logitd(folder.path(), &new).start()).await;
    assert_eq!(code, 0, "{told}");
    let [key, line] = said.lines().collect::<Vec<_>>()[..] else {
        panic!("expected a key and a line: {said}");
    };
    let text = format!("{}\n[auth]\nkeys = [\n{line}\n]\n", example("two-features"));
    std::fs::write(folder.path().join("logitd.toml"), text).unwrap();

    let serving = |listen: &str| {
        let launch = logitd(folder.path(), &["serve"]);
        let launch = launch
            .env("LOGITD_LOG", "debug")
            .env("LOGITD_HTTP__LISTEN", listen);
        launch.env("LOGITD_HTTP__DRAIN_SECONDS", "0").start()
    };
    let mut service = serving("127.0.0.1:0");
    let address = service.address().await;
    let client = Client::new(address);
    let bearer = format!("Bearer {key}");
    let asked = [("authorization", bearer.as_str())];
    eventually(PATIENCE, "the database is there", async || {
        let answer = client.request("GET", "/v1/models", &asked, "").await;
        (answer.status == 200).then_some(())
    })
    .await;
    client.get("/v1/models").await.problem("unauthorized");
    let wrong = [("x-api-key", "logitd_wrong-secret")];
    let answer = client.request("GET", "/v1/models", &wrong, "").await;
    assert!(!answer.text().contains("wrong-secret"), "{}", answer.text());

    // The probes are open, so the health check needs no key: it gets an answer.
    let check = logitd(folder.path(), &["healthcheck"]);
    let check = check.env("LOGITD_HTTP__LISTEN", address.to_string());
    let (_, said, told) = ended(check.start()).await;
    assert!(
        said.contains("model_not_ready") || said.contains("ok"),
        "{said}{told}"
    );

    service.interrupt();
    assert!(service.wait_exit(PATIENCE).await.success());
    let log = format!("{}{}", service.stdout(), service.stderr());
    assert!(log.contains("Ann"), "the caller's name is logged: {log}");
    for secret in [key, "wrong-secret"] {
        assert!(!log.contains(secret), "{log}");
    }
    let (code, shown, _) = ended(logitd(folder.path(), &["config"]).start()).await;
    assert_eq!(code, 0);
    assert!(shown.contains("sha256") && !shown.contains(&key["logitd_".len()..]));

    // With keys it may be reached from elsewhere; the listening line is enough to know.
    let mut exposed = serving("0.0.0.0:0");
    exposed.line_containing("listening", PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_cannot_be_used_keep_the_service_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("logitd.toml"), example("two-features")).unwrap();
    let serve = |name: &str, value: &str| {
        let launch = logitd(folder.path(), &["serve"]).env(name, value);
        launch.env("LOGITD_HTTP__LISTEN", "127.0.0.1:0").start()
    };
    let (code, _, told) = ended(serve("LOGITD_AUTH__KEYS_FILE", "nowhere.toml")).await;
    assert_eq!(code, 2, "{told}");
    assert!(
        told.contains("nowhere.toml: cannot be read: there is no such file"),
        "{told}"
    );
    let (code, _, told) = ended(serve("LOGITD_AUTH__KEYS", "['logitd_hunter2']")).await;
    assert_eq!(code, 2, "{told}");
    assert!(!told.contains("hunter2"), "{told}");

    let open = logitd(folder.path(), &["serve"]).env("LOGITD_HTTP__LISTEN", "0.0.0.0:0");
    let (code, _, told) = ended(open.start()).await;
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("give [auth] keys (logitd key new makes one)"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_could_hold_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, role, told) in [
        ("anonymous", "predict", "whoever gives no key"),
        ("", "predict", "1 to 64 characters"),
        ("ci", "root", "possible values: predict, ingest, operate"),
    ] {
        let new = ["key", "new", "--name", name, "--role", role];
        let (code, said, error) = ended(logitd(folder.path(), &new).start()).await;
        assert_eq!((code, said.as_str()), (2, ""), "{error}");
        assert!(error.contains(told), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_asks_for_no_file_of_keys() {
    let url = "sqlite://unused.db";
    let text = format!(
        "{}\n[auth]\nkeys_file = \"/nowhere\"\n",
        example("two-features")
    );
    let document = logitd::app::document(&config(&text, url, &[])).unwrap();
    let schemes = &document.value["components"]["securitySchemes"];
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
    assert_eq!(schemes["api_key"]["name"], "X-API-Key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_keys_stops_in_time() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.toml");
    std::fs::write(&file, format!("keys = [{}]", line("predict", "one"))).unwrap();
    let app = with_file(&database, &file).await;
    assert!(app.stop(Stop::Now).await);
}
