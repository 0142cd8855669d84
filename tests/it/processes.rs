//! Several programs on one database, and programs that die.

use crate::support::app::{PATIENCE, example};
use crate::support::client::Client;
use crate::support::database::{TestDatabase, on_both};
use crate::support::eventually::eventually;
use crate::support::process::{Launch, Process};
use crate::support::rows::load_breast_cancer;
use crate::support::tables::{count_rows, insert_rows};
use tempfile::TempDir;

fn launch(directory: &TempDir, database: &TestDatabase, command: &[&str]) -> Launch {
    let file = directory.path().join("logitd.toml");
    // Written once: a program that has just been started may be reading it.
    if !file.exists() {
        std::fs::write(&file, example("breast-cancer")).unwrap();
    }
    Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(command)
        .directory(directory.path())
        .env("LOGITD_DATABASE__URL", database.url())
        .env("LOGITD_HTTP__LISTEN", "127.0.0.1:0")
        .env("LOGITD_HTTP__DRAIN_SECONDS", "0")
        .env("LOGITD_SERVING__FOLLOW_INTERVAL_SECONDS", "1")
        .env("LOGITD_TRAINING__POLL_INTERVAL_SECONDS", "1")
        .env("LOGITD_TRAINING__CLAIM_TTL_SECONDS", "3")
}

async fn ready(service: &mut Process) -> Client {
    let client = Client::new(service.address().await);
    let is_ready = async || (client.get("/readyz").await.status == 200).then_some(());
    eventually(PATIENCE, "the service is ready", is_ready).await;
    client
}

on_both!(
    four_services_that_start_at_once_all_come_up_with_one_version,
    |database| async {
        let directory = tempfile::tempdir().unwrap();
        // The table comes first; of the service's own tables there are none yet.
        load_breast_cancer(&database.connect().await).await;
        let mut services: Vec<Process> = (0..4)
            .map(|_| launch(&directory, &database, &["serve"]).start())
            .collect();
        let mut answers = Vec::new();
        for service in &mut services {
            let client = ready(service).await;
            answers.push(client.get("/v1/models/champion").await.json());
        }
        assert!(answers.iter().all(|answer| answer == &answers[0]));
        assert_eq!(answers[0]["version"], 1);
        let db = database.connect().await;
        assert_eq!(count_rows(&db, "logitd_model_version").await, 1);
        assert_eq!(count_rows(&db, "logitd_deployment").await, 1);
        for service in &mut services {
            service.terminate();
            assert_eq!(
                service.wait_exit(PATIENCE).await.code(),
                Some(0),
                "{}",
                service.stderr()
            );
        }
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn four_demos_that_start_at_once_on_nothing_all_come_up_with_one_version() {
    let directory = tempfile::tempdir().unwrap();
    let demo = || {
        Launch::clean(env!("CARGO_BIN_EXE_logitd"))
            .args(["demo", "--listen", "127.0.0.1:0"])
            .directory(directory.path())
            .start()
    };
    let mut demos: Vec<Process> = (0..4).map(|_| demo()).collect();
    for demo in &mut demos {
        let said = demo
            .line_containing("serving breast-cancer", PATIENCE)
            .await;
        assert_eq!(said, "serving breast-cancer version 1");
    }
    let imported = demos
        .iter()
        .filter(|demo| demo.stdout().contains("imported 569 rows"));
    assert_eq!(imported.count(), 1);
    let versions = demos[0].address().await;
    let versions = Client::new(versions).get("/v1/models").await.json();
    assert_eq!(versions["items"].as_array().unwrap().len(), 1);
}

on_both!(
    a_service_follows_the_champion_that_a_command_made,
    |database| async {
        let directory = tempfile::tempdir().unwrap();
        load_breast_cancer(&database.connect().await).await;
        let serve =
            launch(&directory, &database, &["serve"]).env("LOGITD_TRAINING__ON_START", "never");
        let mut service = serve.start();
        let client = Client::new(service.address().await);
        client.get("/readyz").await.problem("model_not_ready");
        let mut train = launch(&directory, &database, &["train", "--json"]).start();
        assert_eq!(
            train.wait_exit(PATIENCE).await.code(),
            Some(0),
            "{}",
            train.stderr()
        );
        let run: serde_json::Value = serde_json::from_str(train.stdout().trim()).unwrap();
        assert_eq!(
            (run["status"].as_str(), run["version"].as_i64()),
            (Some("promoted"), Some(1))
        );
        ready(&mut service).await;
        let mut again = launch(&directory, &database, &["train"]).start();
        assert_eq!(again.wait_exit(PATIENCE).await.code(), Some(0));
        assert!(
            again.stdout().starts_with("skipped; "),
            "{}",
            again.stdout()
        );
        assert_eq!(client.get("/v1/models/champion").await.json()["version"], 1);
        assert_eq!(
            client.get("/v1/models").await.json()["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }
);

on_both!(
    a_service_that_was_killed_comes_back_as_it_was,
    |database| async {
        let directory = tempfile::tempdir().unwrap();
        load_breast_cancer(&database.connect().await).await;
        let mut service = launch(&directory, &database, &["serve"]).start();
        let before = ready(&mut service)
            .await
            .get("/v1/models/champion")
            .await
            .json();
        service.kill();
        let mut again = launch(&directory, &database, &["serve"]).start();
        let after = ready(&mut again)
            .await
            .get("/v1/models/champion")
            .await
            .json();
        assert_eq!(before, after);
        assert!(
            !again.stderr().contains("\"training\",\"run\""),
            "{}",
            again.stderr()
        );
    }
);

on_both!(
    a_run_that_fails_says_why_and_ends_with_1,
    |database| async {
        let directory = tempfile::tempdir().unwrap();
        let mut train = launch(&directory, &database, &["train"]).start();
        assert_eq!(train.wait_exit(PATIENCE).await.code(), Some(1));
        let said = train.stdout();
        assert!(
            said.starts_with("failed; not_trainable: failed to find the table"),
            "{said}"
        );
    }
);

on_both!(
    an_old_binary_serves_on_the_tables_of_a_newer_one,
    |database| async {
        let directory = tempfile::tempdir().unwrap();
        let db = database.connect().await;
        load_breast_cancer(&db).await;
        let mut train = launch(&directory, &database, &["train"]).start();
        assert_eq!(train.wait_exit(PATIENCE).await.code(), Some(0));
        let newer = async |step: &str| {
            let row = vec![vec![step.into(), 0_i64.into()]];
            insert_rows(&db, "logitd_migration", &["version", "applied_at"], row).await;
        };
        newer("m29991231_000001_add_what_is_not_known_yet").await;
        let mut service = launch(&directory, &database, &["serve"]).start();
        service.line_containing("of a newer logitd", PATIENCE).await;
        ready(&mut service).await;

        newer("m29991231_000002_breaks_before_9_0_drop_a_table").await;
        let mut refused = launch(&directory, &database, &["serve"]).start();
        let client = Client::new(refused.address().await);
        let told = async || {
            let answer = client.get("/readyz?verbose").await;
            answer.text().contains("run 9.0 or newer").then_some(())
        };
        eventually(PATIENCE, "the refusal is told", told).await;
        client.get("/readyz").await.problem("model_not_ready");
        let mut train = launch(&directory, &database, &["train"]).start();
        assert_eq!(train.wait_exit(PATIENCE).await.code(), Some(1));
        assert!(
            train.stderr().contains("run 9.0 or newer"),
            "{}",
            train.stderr()
        );
        ready(&mut service).await;
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_ends_with_2_and_tells_every_fault() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("logitd.toml"),
        "[model]\nnmae = \"x\"\n[dataset]\ntable = \"t\"\n[training]\npenalties = [-1]\n",
    )
    .unwrap();
    let program = Launch::clean(env!("CARGO_BIN_EXE_logitd")).args(["config"]);
    let mut program = program.directory(directory.path()).start();
    assert_eq!(program.wait_exit(PATIENCE).await.code(), Some(2));
    let said = program.stderr();
    for told in [
        "logitd.toml:2:",
        "nmae",
        "target",
        "logitd.toml:6:",
        "penalties",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_effective_configuration_hides_its_secrets() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("logitd.toml"),
        example("breast-cancer"),
    )
    .unwrap();
    let program = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(["config"])
        .env(
            "LOGITD_DATABASE__URL",
            "postgres://ann:s3cr3t@db.example/logitd",
        )
        .directory(directory.path());
    let mut program = program.start();
    assert_eq!(program.wait_exit(PATIENCE).await.code(), Some(0));
    assert!(!program.stdout().contains("s3cr3t"), "{}", program.stdout());
    assert!(
        program
            .stdout()
            .contains("postgres://ann:***@db.example/logitd")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_shows_applies_and_takes_back() {
    let directory = tempfile::tempdir().unwrap();
    let database = TestDatabase::new(crate::support::database::Engine::Sqlite).await;
    let said = async |command: &[&str]| {
        let mut program = launch(&directory, &database, command).start();
        assert_eq!(
            program.wait_exit(PATIENCE).await.code(),
            Some(0),
            "{}",
            program.stderr()
        );
        program.stdout()
    };
    assert!(said(&["migrate", "status"]).await.contains("missing"));
    assert!(said(&["migrate", "up"]).await.starts_with("applied m2026"));
    assert_eq!(said(&["migrate", "up"]).await, "nothing to do");
    assert!(said(&["migrate", "status"]).await.contains("applied"));
    assert!(
        said(&["migrate", "down"])
            .await
            .starts_with("took back m2026")
    );
    assert!(said(&["migrate", "status"]).await.contains("missing"));
}
