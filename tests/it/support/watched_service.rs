//! `logitd serve` as a program of its own, on the two-features example, with standard variables.

use super::app::{PATIENCE, example};
use super::client::Client;
use super::database::{Engine, TestDatabase};
use super::eventually::eventually;
use super::process::{Launch, Process};
use super::rows::load_two_features;
use tempfile::TempDir;

/// A running service with its files.
#[derive(Debug)]
pub(crate) struct WatchedService {
    pub(crate) process: Process,
    pub(crate) client: Client,
    _directory: TempDir,
    _database: TestDatabase,
}

/// The service with a table of 300 rows and these variables, not started.
pub(crate) async fn launch(variables: &[(&str, &str)]) -> (Launch, TempDir, TestDatabase) {
    launch_on(Engine::Sqlite, variables).await
}

async fn launch_on(engine: Engine, variables: &[(&str, &str)]) -> (Launch, TempDir, TestDatabase) {
    let database = TestDatabase::new(engine).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("logitd.toml"),
        example("two-features"),
    )
    .unwrap();
    let mut launch = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(["serve"])
        .directory(directory.path())
        .env("LOGITD_DATABASE__URL", database.url())
        .env("LOGITD_HTTP__LISTEN", "127.0.0.1:0")
        .env("LOGITD_HTTP__DRAIN_SECONDS", "0");
    for (name, value) in variables {
        launch = launch.env(name, *value);
    }
    (launch, directory, database)
}

impl WatchedService {
    /// Starts it and waits for its champion.
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        Self::start_on(Engine::Sqlite, variables).await
    }

    /// The same on this database.
    pub(crate) async fn start_on(engine: Engine, variables: &[(&str, &str)]) -> Self {
        let (launch, directory, database) = launch_on(engine, variables).await;
        let mut process = launch.start();
        let client = Client::new(process.address().await);
        let ready = async || (client.get("/readyz").await.status == 200).then_some(());
        eventually(PATIENCE, "the service is ready", ready).await;
        Self {
            process,
            client,
            _directory: directory,
            _database: database,
        }
    }

    /// Asks it to end and waits for that; gives what it wrote to standard error.
    pub(crate) async fn end(mut self) -> String {
        self.process.terminate();
        let status = self.process.wait_exit(PATIENCE).await;
        let log = self.process.stderr();
        assert!(status.success(), "{status}:\n{log}");
        log
    }
}
