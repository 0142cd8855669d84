//! A rolling update acted out with processes: each old service leaves when a new one is ready, ten
//! times each, while clients with open connections go on asking. Not one request is lost.
//!
//! On PostgreSQL alone: with SQLite there is one pod, and it goes down (Recreate).

use crate::support::app::{PATIENCE, example};
use crate::support::balancer::Balancer;
use crate::support::client::Client;
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::keep_alive::{Outcome, ask_until};
use crate::support::process::{Launch, Process};
use crate::support::rows::load_two_features;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinSet;

const ROUNDS: usize = 10;
const SERVICES: usize = 2;
const QUERY: &str = "/v1/predict?feature_1=1&feature_2=-1";
/// From one that never pauses to ones that idle for most of a drain.
const PAUSES_MS: [u64; 6] = [0, 2, 5, 20, 150, 700];

struct Cluster {
    directory: TempDir,
    database: TestDatabase,
    balancer: Balancer,
}

impl Cluster {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = TestDatabase::new(Engine::Postgres).await;
        load_two_features(&database.connect().await, 300, 7).await;
        let file = directory.path().join("logitd.toml");
        std::fs::write(file, example("two-features")).unwrap();
        Self {
            directory,
            database,
            balancer: Balancer::start().await,
        }
    }

    /// A new service, once the balancer sends it connections.
    async fn surge(&self) -> Process {
        let mut service = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
            .args(["serve"])
            .directory(self.directory.path())
            .env("LOGITD_DATABASE__URL", self.database.url())
            .env("LOGITD_HTTP__LISTEN", "127.0.0.1:0")
            .env("LOGITD_HTTP__DRAIN_SECONDS", "2")
            .start();
        let address = service.address().await;
        self.balancer.add(address);
        let ready = async || self.balancer.is_ready(address).then_some(());
        eventually(PATIENCE, "the new service is ready", ready).await;
        service
    }
}

fn add(mut sum: Outcome, one: Outcome) -> Outcome {
    sum.answered += one.answered;
    sum.connections += one.connections;
    sum.failed.extend(one.failed);
    sum
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_times_two_replacements_under_load_lose_no_request() {
    let cluster = Cluster::new().await;
    let mut serving = Vec::new();
    for _ in 0..SERVICES {
        serving.push(cluster.surge().await);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for pause in PAUSES_MS.map(Duration::from_millis) {
        let address = cluster.balancer.address();
        clients.spawn(ask_until(address, QUERY, pause, Arc::clone(&stop)));
    }

    let mut leaving: Vec<Process> = Vec::new();
    for _ in 0..ROUNDS * SERVICES {
        // As a Deployment does it: one more, and when that is ready one less, which drains while the
        // next comes.
        serving.push(cluster.surge().await);
        let old = serving.remove(0);
        old.terminate();
        leaving.push(old);
    }
    for old in &mut leaving {
        let code = old.wait_exit(PATIENCE).await.code();
        assert_eq!(code, Some(0), "{}", old.stderr());
    }
    stop.store(true, Ordering::Relaxed);
    let outcome = clients
        .join_all()
        .await
        .into_iter()
        .fold(Outcome::default(), add);

    println!(
        "{} answered on {} connections",
        outcome.answered, outcome.connections
    );
    assert!(
        outcome.failed.is_empty(),
        "{} answered, {:?}",
        outcome.answered,
        outcome.failed
    );
    assert!(
        outcome.answered > 1_000,
        "{} requests are no load",
        outcome.answered
    );
    assert!(
        outcome.connections * 5 < outcome.answered,
        "{} connections for {} requests: none was kept",
        outcome.connections,
        outcome.answered
    );
    let used = cluster.balancer.connections();
    assert_eq!(used.len(), SERVICES * (ROUNDS + 1));
    assert!(
        used.iter().filter(|connections| **connections > 0).count() > ROUNDS,
        "{used:?}"
    );
    let last = Client::new(cluster.balancer.address());
    assert_eq!(last.get(QUERY).await.status, 200);
}
