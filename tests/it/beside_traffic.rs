//! A fit goes on beside the traffic: on threads that run where nobody else wants the core.

use crate::support::app::{PATIENCE, two_features, workshop};
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::rows::load_two_features;
use logitd::retraining::{Cancelled, Enqueued, Trigger, WhenStopped};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// `SCHED_IDLE` and `SCHED_OTHER` of sched(7).
const IDLE: i32 = 5;
const OTHER: i32 = 0;

/// Name and policy of every thread of this process, as `/proc` tells them.
fn threads() -> Vec<(String, i32)> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let stats = tasks.filter_map(|task| {
        // One that has ended meanwhile is not there.
        std::fs::read_to_string(task.ok()?.path().join("stat")).ok()
    });
    stats.filter_map(|stat| parse(&stat)).collect()
}

/// proc(5): the name stands in brackets, the policy is the forty-first field.
fn parse(stat: &str) -> Option<(String, i32)> {
    let (_, rest) = stat.split_once('(')?;
    let (name, fields) = rest.rsplit_once(')')?;
    let policy = fields.split_whitespace().nth(38)?.parse().ok()?;
    Some((name.to_owned(), policy))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fit_gives_way_to_all_and_nothing_else_does() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 40_000, 7).await;
    let threads_of_a_fit = [("LOGITD_TRAINING__THREADS", "3")];
    let workshop = workshop(&two_features(&database.url(), &threads_of_a_fit)).await;
    let asked = workshop.queue.enqueue(Trigger::Command).await.unwrap();
    let Enqueued::Made(run) = asked else {
        panic!("{asked:?}")
    };
    let worker = workshop.clone();
    let worked = tokio::spawn(async move {
        let run = worker.queue.claim().await.unwrap().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let worked = worker.retrainer.work_off(&run, &stop, WhenStopped::Requeue);
        worked.await.unwrap()
    });
    // The fit's own thread and those that it starts, which inherit its name. One that has just begun
    // may not have asked for its policy yet.
    eventually(PATIENCE, "three threads that fit, all idle", async || {
        let fitting = threads()
            .into_iter()
            .filter(|(name, _)| name == "logitd-fit");
        let fitting: Vec<i32> = fitting.map(|(_, policy)| policy).collect();
        (fitting.len() >= 3 && fitting.iter().all(|policy| *policy == IDLE)).then_some(())
    })
    .await;
    let cancelled = workshop.queue.cancel(&run.id).await.unwrap();
    assert!(matches!(cancelled, Cancelled::Done(_)), "{cancelled:?}");
    let others = threads()
        .into_iter()
        .filter(|(name, _)| name.starts_with("tokio"));
    let others: Vec<_> = others.collect();
    assert!(
        !others.is_empty() && others.iter().all(|(_, policy)| *policy == OTHER),
        "{others:?}"
    );
    assert_eq!(worked.await.unwrap().unwrap().status, "cancelled");
}
