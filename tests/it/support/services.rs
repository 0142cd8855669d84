//! The real program over the two-features example, as many of it as a test wants.

use super::app::{PATIENCE, example};
use super::client::Client;
use super::eventually::eventually;
use super::process::{Launch, Process};
use tempfile::TempDir;

/// What starts services of one configuration.
#[derive(Debug)]
pub(crate) struct Services {
    directory: TempDir,
    settings: Vec<(String, String)>,
}

impl Services {
    /// Services on this database; looks often, takes a run over after three seconds.
    pub(crate) fn on(url: &str, settings: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("make a directory");
        let file = directory.path().join("logitd.toml");
        std::fs::write(file, example("two-features")).expect("write the configuration");
        let always = [
            ("LOGITD_DATABASE__URL", url),
            ("LOGITD_HTTP__LISTEN", "127.0.0.1:0"),
            ("LOGITD_HTTP__DRAIN_SECONDS", "0"),
            ("LOGITD_SERVING__FOLLOW_INTERVAL_SECONDS", "1"),
            ("LOGITD_TRAINING__POLL_INTERVAL_SECONDS", "1"),
            ("LOGITD_TRAINING__CLAIM_TTL_SECONDS", "3"),
            ("LOGITD_TRAINING__ON_START", "never"),
        ];
        let settings = always.iter().chain(settings);
        let settings = settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self {
            directory,
            settings: settings.collect(),
        }
    }

    /// Starts one with these settings besides.
    pub(crate) fn start(&self, settings: &[(&str, &str)]) -> Process {
        self.command(&["serve"], settings)
    }

    /// Runs another command on the same configuration.
    pub(crate) fn command(&self, command: &[&str], settings: &[(&str, &str)]) -> Process {
        let mut launch = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
            .args(command)
            .directory(self.directory.path());
        for (name, value) in &self.settings {
            launch = launch.env(name, value);
        }
        for (name, value) in settings {
            launch = launch.env(name, *value);
        }
        launch.start()
    }
}

/// Waits until a service should get requests.
pub(crate) async fn ready(service: &mut Process) -> Client {
    let client = Client::new(service.address().await);
    let is_ready = async || (client.get("/readyz").await.status == 200).then_some(());
    eventually(PATIENCE, "the service is ready", is_ready).await;
    client
}
