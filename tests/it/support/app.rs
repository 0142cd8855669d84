//! The service inside the test: built as the binary builds it, on a free port, stopped at the end.

use super::client::Client;
use super::database::TestDatabase;
use super::eventually::eventually;
use logitd::app::{App, Cores, Workshop};
use logitd::clock::{Clock, SystemClock};
use logitd::config::{Config, Environment};
use logitd::health::Health;
use logitd::lifecycle::Stop;
use logitd::serving::{ModelSlot, ServedModel};
use logitd::telemetry::Telemetry;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Long enough for a training run on a busy machine; a test that needs it has hung.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running service.
pub(crate) struct TestApp {
    pub(crate) client: Client,
    /// The second address, where one is configured.
    pub(crate) metrics: Option<Client>,
    pub(crate) slot: Arc<ModelSlot>,
    pub(crate) health: Arc<Health>,
    stop: Option<oneshot::Sender<Stop>>,
    running: Option<JoinHandle<bool>>,
}

/// A configuration from its text, with the test's database and a free port.
pub(crate) fn config(text: &str, url: &str, overrides: &[(&str, &str)]) -> Config {
    let mut pairs = vec![
        ("LOGITD_DATABASE__URL".to_owned(), url.to_owned()),
        ("LOGITD_HTTP__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("LOGITD_HTTP__DRAIN_SECONDS".to_owned(), "0".to_owned()),
        (
            "LOGITD_SERVING__FOLLOW_INTERVAL_SECONDS".to_owned(),
            "1".to_owned(),
        ),
        (
            "LOGITD_TRAINING__POLL_INTERVAL_SECONDS".to_owned(),
            "1".to_owned(),
        ),
    ];
    pairs.extend(
        overrides
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let environment = Environment::from_pairs(pairs);
    Config::parse(text, "test", &environment).unwrap_or_else(|error| panic!("{error}"))
}

/// The breast-cancer example, the table being in the same database.
pub(crate) fn breast_cancer(url: &str, overrides: &[(&str, &str)]) -> Config {
    config(&example("breast-cancer"), url, overrides)
}

/// The two-features example.
pub(crate) fn two_features(url: &str, overrides: &[(&str, &str)]) -> Config {
    config(&example("two-features"), url, overrides)
}

/// An example's configuration file.
pub(crate) fn example(name: &str) -> String {
    let path = format!("{}/examples/{name}/logitd.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The machine's clock.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// What measures this service; nothing leaves the process.
pub(crate) fn telemetry(config: &Config) -> Telemetry {
    Telemetry::build(&config.model.name, &config.open_telemetry, clock()).unwrap()
}

/// Database, queue and retrainer of this configuration, migrated.
pub(crate) async fn workshop(config: &Config) -> Workshop {
    workshop_at(config, clock()).await
}

/// The same by another clock.
pub(crate) async fn workshop_at(config: &Config, clock: Arc<dyn Clock>) -> Workshop {
    let workshop = Workshop::build(config, clock, Cores::All, &telemetry(config))
        .await
        .unwrap();
    workshop.migrate().await.unwrap();
    workshop
}

impl TestApp {
    /// Starts the service.
    pub(crate) async fn start(config: Config) -> Self {
        Self::start_at(config, clock()).await
    }

    /// The same by another clock.
    pub(crate) async fn start_at(config: Config, clock: Arc<dyn Clock>) -> Self {
        let telemetry = Telemetry::build(
            &config.model.name,
            &config.open_telemetry,
            Arc::clone(&clock),
        );
        let app = App::build(config, clock, telemetry.unwrap())
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let (client, slot, health) = (Client::new(app.address()), app.slot(), app.health());
        let metrics = app.metrics_address().map(Client::new);
        let (stop, stopped) = oneshot::channel();
        let running =
            tokio::spawn(app.run_until_stopped(async { stopped.await.unwrap_or(Stop::Now) }));
        Self {
            client,
            metrics,
            slot,
            health,
            stop: Some(stop),
            running: Some(running),
        }
    }

    /// Starts the service on the breast-cancer example and waits for its champion.
    pub(crate) async fn with_breast_cancer(database: &TestDatabase) -> Self {
        super::rows::load_breast_cancer(&database.connect().await).await;
        let app = Self::start(breast_cancer(&database.url(), &[])).await;
        app.champion().await;
        app
    }

    /// Waits for a champion.
    pub(crate) async fn champion(&self) -> Arc<ServedModel> {
        eventually(PATIENCE, "a champion is loaded", async || {
            self.slot.snapshot()
        })
        .await
    }

    /// Stops the service as told; true when everything ended in time.
    pub(crate) async fn stop(mut self, how: Stop) -> bool {
        self.stop.take().unwrap().send(how).unwrap();
        self.running.take().unwrap().await.unwrap()
    }
}
