//! PostgreSQL stopped and started, as an upgrade and as a crash do, while everybody asks.

use super::{OBSERVE, PREDICT, hasty, is_well_again, load, observation};
use crate::support::app::{PATIENCE, TestApp};
use crate::support::client::Client;
use crate::support::database::TestDatabase;
use crate::support::eventually::eventually;
use crate::support::postgres::Cluster;
use crate::support::tables::read_all;
use logitd::lifecycle::Stop;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use tokio::task::JoinSet;

/// What those who ask share.
#[derive(Default)]
struct Load {
    over: AtomicBool,
    next_key: AtomicI64,
    predicted: AtomicU64,
    observed: AtomicU64,
}

impl Load {
    async fn predict(self: Arc<Self>, client: Client) {
        while !self.over.load(Ordering::Relaxed) {
            let answer = client.get(PREDICT).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            self.predicted.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Gives the keys that were said to be written.
    async fn observe(self: Arc<Self>, client: Client) -> Vec<i64> {
        let mut written = Vec::new();
        while !self.over.load(Ordering::Relaxed) {
            let key = self.next_key.fetch_add(1, Ordering::Relaxed) + 10_000;
            let answer = client.post_json(OBSERVE, &observation(key)).await;
            match answer.status {
                200..300 => {
                    written.push(key);
                    self.observed.fetch_add(1, Ordering::Relaxed);
                }
                503 => drop(answer.problem("store_unavailable")),
                // Held up past its limit by a server that was going.
                504 => drop(answer.problem("timeout")),
                _ => panic!("{}", answer.text()),
            }
        }
        written
    }
}

/// Some more were answered.
async fn goes_on(count: &AtomicU64, what: &str) {
    let before = count.load(Ordering::Relaxed);
    let more = async || (count.load(Ordering::Relaxed) > before + 5).then_some(());
    eventually(PATIENCE, what, more).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_restarts_under_load_lose_no_prediction_and_no_observation() {
    let cluster = Arc::new(Cluster::private());
    // What is said to be written must be, or the test would blame us for the server's setting.
    cluster.set("synchronous_commit = on");
    cluster.set("fsync = on");
    cluster.reload();
    let database = TestDatabase::within(&cluster);
    load(&database.connect().await).await;
    let app = TestApp::start(hasty(&database.url(), &[])).await;
    app.champion().await;

    let shared = Arc::new(Load::default());
    let (mut predicting, mut observing) = (JoinSet::new(), JoinSet::new());
    for _ in 0..2 {
        predicting.spawn(Arc::clone(&shared).predict(app.client.clone()));
        observing.spawn(Arc::clone(&shared).observe(app.client.clone()));
    }
    for turn in 0..10 {
        goes_on(&shared.observed, "observations are taken").await;
        tokio::task::block_in_place(|| match turn % 2 {
            0 => cluster.stop(),
            _ => cluster.crash(),
        });
        goes_on(&shared.predicted, "predictions are answered without it").await;
        tokio::task::block_in_place(|| cluster.start());
    }
    goes_on(&shared.observed, "observations are taken at the end").await;
    shared.over.store(true, Ordering::Relaxed);
    while let Some(ended) = predicting.join_next().await {
        ended.unwrap();
    }
    let mut written = BTreeSet::new();
    while let Some(keys) = observing.join_next().await {
        written.extend(keys.unwrap());
    }
    let rows = read_all(&database.connect().await, "growing", &["id"]).await;
    let there: BTreeSet<i64> = rows
        .iter()
        .map(|row| row[0].as_deref().unwrap().parse().unwrap())
        .collect();
    let lost: Vec<_> = written.difference(&there).collect();
    assert!(
        lost.is_empty() && written.len() > 60,
        "lost {lost:?} of {}",
        written.len()
    );
    is_well_again(&app, 9_000).await;
    assert!(app.stop(Stop::Now).await);
}
