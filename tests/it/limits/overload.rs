//! More than the service can do: everybody is told at once, and what it can do it does.

use super::service;
use crate::support::client::Answer;
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::rows::load_two_features;
use bytes::Bytes;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(60);
/// What may be in flight, and four times as many clients who never wait.
const MOST: usize = 8;
const CLIENTS: usize = 4 * MOST;
/// They go on until so many are answered 200.
const ENOUGH: usize = 40;
const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn at_four_times_the_load_each_is_answered_200_or_503_within_the_timeout() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let timeout = TIMEOUT.as_millis().to_string();
    let limits = [
        ("LOGITD_HTTP__MAX_IN_FLIGHT", "8"),
        ("LOGITD_HTTP__REQUEST_TIMEOUT_MS", timeout.as_str()),
        ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", timeout.as_str()),
    ];
    let app = service(&database, &limits).await;
    app.champion().await;
    let instances = vec![json!({"feature_1": 1.25, "feature_2": -0.5}); 5_000];
    let body = Bytes::from(json!({ "instances": instances }).to_string());
    let (served, end) = (Arc::new(AtomicUsize::new(0)), Instant::now() + PATIENCE);
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (client, body, served) = (app.client.clone(), body.clone(), Arc::clone(&served));
        clients.spawn(async move {
            let mut answers: Vec<(Answer, Duration)> = Vec::new();
            while served.load(Ordering::Relaxed) < ENOUGH && Instant::now() < end {
                let begun = Instant::now();
                let batch = client.post("/v1/predict/batch", "application/json", body.clone());
                let answer = batch.await;
                served.fetch_add(usize::from(answer.status == 200), Ordering::Relaxed);
                answers.push((answer, begun.elapsed()));
            }
            answers
        });
    }
    let probes = tokio::spawn({
        let client = app.client.clone();
        async move {
            for _ in 0..20 {
                assert_eq!(client.get("/livez").await.status, 200);
            }
        }
    });
    let (mut served, mut refused) = (0, 0);
    for (answer, after) in clients.join_all().await.into_iter().flatten() {
        assert!(after < TIMEOUT, "{after:?}");
        match answer.status {
            200 => served += 1,
            _ => {
                answer.problem("overloaded");
                assert!(answer.header("retry-after").is_some());
                refused += 1;
            }
        }
    }
    probes.await.unwrap();
    assert!(served >= ENOUGH, "{served} served, {refused} refused");
    assert!(refused > 0, "there was no overload");
    // And when it is over it is over.
    let again = async || (app.client.get("/v1/models").await.status == 200).then_some(());
    eventually(PATIENCE, "nothing is in flight", again).await;
}
