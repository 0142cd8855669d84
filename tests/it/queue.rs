//! One queue: made once, claimed once, taken over when its worker dies, published once.

use crate::support::app::{two_features, workshop};
use crate::support::database::on_both;
use crate::support::eventually::eventually;
use crate::support::rows::load_two_features;
use crate::support::tables::count_rows;
use crate::support::training::train_champion;
use chrono::DateTime;
use logitd::app::Workshop;
use logitd::retraining::{Cancelled, Enqueued, RunStep, TrainingRun, Trigger, WhenStopped};
use logitd::store::{RunEnd, RunStatus, StoreError};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

fn run_of(enqueued: Enqueued) -> TrainingRun {
    match enqueued {
        Enqueued::Made(run) | Enqueued::Covered(run) => run,
    }
}

fn never() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(false))
}

async fn several(url: &str, count: usize) -> Vec<Workshop> {
    let mut workshops = Vec::new();
    for _ in 0..count {
        workshops.push(
            workshop(&two_features(
                url,
                &[("LOGITD_TRAINING__CLAIM_TTL_SECONDS", "3")],
            ))
            .await,
        );
    }
    workshops
}

on_both!(
    many_that_ask_at_once_make_one_run_and_one_gets_it,
    |database| async {
        let workshops = several(&database.url(), 6).await;
        let asking = workshops.iter().map(|workshop| {
            let queue = workshop.queue.clone();
            tokio::spawn(async move { queue.enqueue(Trigger::Start).await.unwrap() })
        });
        let mut made = Vec::new();
        for asked in asking.collect::<Vec<_>>() {
            made.push(asked.await.unwrap());
        }
        assert_eq!(
            made.iter()
                .filter(|run| matches!(run, Enqueued::Made(_)))
                .count(),
            1
        );
        assert!(
            made.iter()
                .all(|run| run_of(run.clone()).id == run_of(made[0].clone()).id)
        );
        let claiming = workshops.iter().map(|workshop| {
            let queue = workshop.queue.clone();
            tokio::spawn(async move { queue.claim().await.unwrap() })
        });
        let mut claimed = Vec::new();
        for claim in claiming.collect::<Vec<_>>() {
            claimed.extend(claim.await.unwrap());
        }
        assert_eq!(claimed.len(), 1, "{claimed:?}");
        assert_eq!(
            count_rows(&database.connect().await, "logitd_training_run").await,
            1
        );
    }
);

on_both!(
    a_run_whose_worker_died_is_taken_over_and_the_dead_publishes_nothing,
    |database| async {
        load_two_features(&database.connect().await, 300, 7).await;
        let workshops = several(&database.url(), 2).await;
        workshops[0].queue.enqueue(Trigger::Command).await.unwrap();
        let dead = workshops[0].queue.claim().await.unwrap().unwrap();
        assert!(
            workshops[1].queue.claim().await.unwrap().is_none(),
            "its heart has just beaten"
        );
        let taken = eventually(
            Duration::from_secs(30),
            "the run is taken over",
            async || workshops[1].queue.claim().await.unwrap(),
        );
        let taken = taken.await;
        assert_eq!((taken.id.clone(), taken.attempt), (dead.id.clone(), 2));
        let ended = workshops[1]
            .retrainer
            .work_off(&taken, &never(), WhenStopped::Requeue)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (ended.status.as_str(), ended.version),
            ("promoted", Some(1))
        );
        let late = workshops[0]
            .retrainer
            .work_off(&dead, &never(), WhenStopped::Requeue)
            .await;
        assert!(matches!(late, Err(StoreError::ClaimLost)), "{late:?}");
        let db = database.connect().await;
        assert_eq!(count_rows(&db, "logitd_model_version").await, 1);
        assert_eq!(count_rows(&db, "logitd_deployment").await, 1);
    }
);

on_both!(a_run_tells_what_it_is_doing, |database| async {
    load_two_features(&database.connect().await, 3000, 7).await;
    let workshops = several(&database.url(), 1).await;
    let (queue, retrainer) = (&workshops[0].queue, &workshops[0].retrainer);
    queue.enqueue(Trigger::Command).await.unwrap();
    let run = queue.claim().await.unwrap().unwrap();
    let mut watched = retrainer.watch_progress();
    let watching = tokio::spawn(async move {
        let mut told = Vec::new();
        while told.last() != Some(&"publish") {
            watched.changed().await.unwrap();
            let newest = watched.borrow_and_update().expect("something was told");
            assert!((0.0..=1.0).contains(&newest.share), "{newest:?}");
            told.push(newest.step.as_str());
        }
        told.dedup();
        told
    });
    let stop = never();
    let worked = retrainer.work_off(&run, &stop, WhenStopped::Requeue);
    assert_eq!(worked.await.unwrap().unwrap().status, "promoted");
    let told = watching.await.unwrap();
    // Whoever watches sees the newest, so a short step may be missed, and none comes twice.
    let order = [
        "read", "search", "fit", "evaluate", "refit", "profile", "judge", "publish",
    ];
    let places = told.iter().map(|step| order.iter().position(|s| s == step));
    let places: Vec<usize> = places.map(Option::unwrap).collect();
    assert!(places.is_sorted() && told.contains(&"search"), "{told:?}");
    // The row says it too, for whoever asks another replica.
    let row = queue.find(&run.id).await.unwrap().unwrap();
    assert!(order.contains(&row.step.unwrap().as_str()));
});

on_both!(three_attempts_are_the_most, |database| async {
    let workshops = several(&database.url(), 1).await;
    let queue = &workshops[0].queue;
    let run = run_of(queue.enqueue(Trigger::Command).await.unwrap());
    for attempt in 1..=3 {
        let claimed = eventually(
            Duration::from_secs(30),
            "the run can be claimed",
            async || queue.claim().await.unwrap(),
        );
        assert_eq!(claimed.await.attempt, attempt);
    }
    let ended = eventually(Duration::from_secs(30), "the run is given up", async || {
        assert!(queue.claim().await.unwrap().is_none());
        queue
            .find(&run.id)
            .await
            .unwrap()
            .filter(TrainingRun::is_finished)
    });
    let ended = ended.await;
    assert_eq!(ended.status, "failed");
    assert_eq!(ended.error.unwrap().detail, "its worker died 3 times");
});

on_both!(a_run_given_back_is_no_attempt, |database| async {
    load_two_features(&database.connect().await, 3000, 7).await;
    let workshops = several(&database.url(), 1).await;
    let (queue, retrainer) = (&workshops[0].queue, &workshops[0].retrainer);
    queue.enqueue(Trigger::Command).await.unwrap();
    for _ in 0..5 {
        let run = queue.claim().await.unwrap().unwrap();
        assert_eq!(run.attempt, 1);
        let stopped = Arc::new(AtomicBool::new(true));
        assert_eq!(
            retrainer
                .work_off(&run, &stopped, WhenStopped::Requeue)
                .await
                .unwrap(),
            None
        );
    }
    let run = queue.claim().await.unwrap().unwrap();
    assert_eq!(
        retrainer
            .work_off(&run, &never(), WhenStopped::Requeue)
            .await
            .unwrap()
            .unwrap()
            .status,
        "promoted"
    );
});

on_both!(
    a_run_that_was_taken_back_is_cancelled_and_leaves_the_queue_free,
    |database| async {
        load_two_features(&database.connect().await, 300, 7).await;
        let workshops = several(&database.url(), 1).await;
        let (queue, retrainer) = (&workshops[0].queue, &workshops[0].retrainer);
        queue.enqueue(Trigger::Command).await.unwrap();
        let run = queue.claim().await.unwrap().unwrap();
        let stopped = Arc::new(AtomicBool::new(true));
        let ended = retrainer
            .work_off(&run, &stopped, WhenStopped::Cancel)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((ended.status.as_str(), ended.version), ("cancelled", None));
        assert!(matches!(
            queue.enqueue(Trigger::Command).await.unwrap(),
            Enqueued::Made(_)
        ));
    }
);

on_both!(
    a_start_that_finds_a_champion_after_all_has_nothing_to_do,
    |database| async {
        load_two_features(&database.connect().await, 300, 7).await;
        let config = two_features(&database.url(), &[]);
        train_champion(&config).await;
        let workshop = workshop(&config).await;
        workshop.queue.enqueue(Trigger::Start).await.unwrap();
        let run = workshop.queue.claim().await.unwrap().unwrap();
        let ended = workshop
            .retrainer
            .work_off(&run, &never(), WhenStopped::Requeue)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((ended.status.as_str(), ended.version), ("skipped", None));
        assert_eq!(
            count_rows(&database.connect().await, "logitd_model_version").await,
            1
        );
    }
);

on_both!(
    whoever_cancels_stops_the_worker_of_another_replica,
    |database| async {
        // So many rows that the search lasts for longer than the test.
        load_two_features(&database.connect().await, 60_000, 7).await;
        let workshops = several(&database.url(), 2).await;
        workshops[0].queue.enqueue(Trigger::Command).await.unwrap();
        let run = workshops[0].queue.claim().await.unwrap().unwrap();
        let mut watched = workshops[0].retrainer.watch_progress();
        let (worker, working) = (workshops[0].clone(), run.clone());
        let worked = tokio::spawn(async move {
            let stop = never();
            let worked = worker
                .retrainer
                .work_off(&working, &stop, WhenStopped::Requeue);
            (worked.await.unwrap().unwrap(), Instant::now())
        });
        let searches = watched.wait_for(|told| told.is_some_and(|t| t.step == RunStep::Search));
        searches.await.unwrap();
        let asked = Instant::now();
        let cancelled = workshops[1].queue.cancel(&run.id).await.unwrap();
        let Cancelled::Done(shown) = cancelled else {
            panic!("{cancelled:?}")
        };
        assert_eq!(shown.status, "cancelled", "whoever looks sees it at once");
        let (ended, stopped) = worked.await.unwrap();
        assert_eq!((ended.status.as_str(), ended.version), ("cancelled", None));
        let took = stopped - asked;
        // Half a second by its heart; a busy machine may double it.
        assert!(took < Duration::from_secs(2), "{took:?}");
        // Twice is too late, and nobody's run is nobody's.
        let again = workshops[1].queue.cancel(&run.id).await.unwrap();
        assert!(matches!(again, Cancelled::Over(_)), "{again:?}");
        let unknown = workshops[1].queue.cancel("0192").await.unwrap();
        assert_eq!(unknown, Cancelled::Unknown);
        let db = database.connect().await;
        assert_eq!(count_rows(&db, "logitd_model_version").await, 0);
        let next = workshops[1].queue.enqueue(Trigger::Command).await.unwrap();
        assert!(matches!(next, Enqueued::Made(_)), "the queue is free");
    }
);

on_both!(a_claim_that_was_lost_ends_nothing, |database| async {
    let workshops = several(&database.url(), 1).await;
    let run = run_of(workshops[0].queue.enqueue(Trigger::Command).await.unwrap());
    let end = RunEnd::at(RunStatus::Failed, DateTime::UNIX_EPOCH);
    let refused = workshops[0].database.end_run(&run, &end).await;
    assert!(
        matches!(refused, Err(StoreError::ClaimLost)),
        "it was never claimed"
    );
    assert_eq!(
        workshops[0]
            .queue
            .find(&run.id)
            .await
            .unwrap()
            .unwrap()
            .status,
        "queued"
    );
});

on_both!(
    models_and_schemas_in_one_database_do_not_meet,
    |database| async {
        load_two_features(&database.connect().await, 300, 7).await;
        let url = database.url();
        let other_features = [("LOGITD_DATASET__FEATURES", "[{name=\"feature_1\"}]")];
        let narrow = two_features(&url, &other_features);
        let other_model = two_features(&url, &[("LOGITD_MODEL__NAME", "another")]);
        assert_eq!(train_champion(&two_features(&url, &[])).await.number(), 1);
        assert_eq!(
            train_champion(&narrow).await.number(),
            2,
            "versions count within a model"
        );
        assert_eq!(train_champion(&other_model).await.number(), 1);
        assert_eq!(train_champion_again(&narrow).await, 2);
    }
);

async fn train_champion_again(config: &logitd::config::Config) -> i32 {
    crate::support::training::champion(config)
        .await
        .unwrap()
        .number()
}
