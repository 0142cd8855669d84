//! A clock that is put back: nothing is made twice, nothing waits for a time that was wrong, and what is
//! newest stays newest. Of processes it is the tests' own clock, of the database the times in its rows.

use crate::support::app::{TestApp, two_features, workshop, workshop_at};
use crate::support::clock::ManualClock;
use crate::support::database::{TestDatabase, on_both};
use crate::support::rows::load_two_features;
use crate::support::training::train_champion;
use chrono::{DateTime, TimeDelta, Utc};
use logitd::app::Workshop;
use logitd::clock::{Clock, SystemClock};
use logitd::lifecycle::Stop;
use logitd::retraining::{Enqueued, Ticked, Ticker, TrainingRun, Trigger};
use logitd::serving::{Presence, Registry};
use logitd::store::{RunEnd, RunStatus, StoreError};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};

const DAILY: (&str, &str) = ("LOGITD_TRAINING__SCHEDULE", "30 2 * * *");
const TTL: (&str, &str) = ("LOGITD_TRAINING__CLAIM_TTL_SECONDS", "30");

async fn replica(database: &TestDatabase, clock: &ManualClock) -> (Workshop, Ticker) {
    let config = two_features(&database.url(), &[DAILY]);
    let workshop = workshop_at(&config, clock.shared()).await;
    let ticker = workshop.ticker().unwrap();
    (workshop, ticker)
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The ticks that both replicas make while it becomes `until`, in steps of ten minutes.
async fn ticks_until(
    until: &str,
    clock: &ManualClock,
    replicas: &mut [(Workshop, Ticker)],
) -> Vec<String> {
    let mut ticks = Vec::new();
    while clock.now() < moment(until) {
        clock.advance(TimeDelta::minutes(10));
        for (workshop, ticker) in &mut *replicas {
            match ticker.tick().await.unwrap() {
                Some(Ticked::Made(run)) => {
                    ticks.push(run.scheduled_for.unwrap().to_rfc3339());
                    workshop.queue.cancel(&run.id).await.unwrap();
                }
                Some(Ticked::Covered(run)) => panic!("covered by {run:?}"),
                Some(Ticked::Known) | None => {}
            }
            let pause = ticker.pause().unwrap();
            assert!(
                pause.as_secs() <= 24 * 3600,
                "a tick comes every day: {pause:?}"
            );
        }
    }
    ticks
}

on_both!(
    ticks_follow_a_clock_that_is_put_back_and_none_comes_twice,
    |database| async {
        let clock = ManualClock::at("2027-01-10T12:00:00Z");
        let mut replicas = [
            replica(&database, &clock).await,
            replica(&database, &clock).await,
        ];
        for (_, ticker) in &mut replicas {
            assert_eq!(ticker.tick().await.unwrap(), None);
        }
        let first = ticks_until("2027-01-12T02:35:00Z", &clock, &mut replicas).await;
        assert_eq!(
            first,
            ["2027-01-11T02:30:00+00:00", "2027-01-12T02:30:00+00:00"]
        );
        // By minutes, to before the tick; then by more than a day.
        clock.advance(TimeDelta::minutes(-15));
        let again = ticks_until("2027-01-12T02:45:00Z", &clock, &mut replicas).await;
        assert!(again.is_empty(), "{again:?}");
        clock.advance(TimeDelta::hours(-25));
        let again = ticks_until("2027-01-12T02:45:00Z", &clock, &mut replicas).await;
        assert!(again.is_empty(), "{again:?}");
        // By days, to where no tick was ever: the clock is right now, and was wrong before.
        clock.advance(TimeDelta::days(-6));
        // One that starts now finds ticks recorded that lie ahead.
        replicas[1] = replica(&database, &clock).await;
        let now = ticks_until("2027-01-08T12:00:00Z", &clock, &mut replicas).await;
        assert_eq!(
            now,
            ["2027-01-07T02:30:00+00:00", "2027-01-08T02:30:00+00:00"]
        );
        let on = ticks_until("2027-01-14T00:00:00Z", &clock, &mut replicas).await;
        let expected = ["09", "10", "13"].map(|day| format!("2027-01-{day}T02:30:00+00:00"));
        assert_eq!(on, expected, "the 11th and 12th had theirs");
    }
);

/// A run that fails at once, at the time of the clock.
async fn fail(workshop: &Workshop, at: DateTime<Utc>) -> TrainingRun {
    let run = workshop.queue.claim().await.unwrap().unwrap();
    let end = RunEnd::at(RunStatus::Failed, at);
    workshop.database.end_run(&run, &end).await.unwrap();
    run
}

on_both!(new_rows_wait_for_no_time_that_was_wrong, |database| async {
    load_two_features(&database.connect().await, 300, 7).await;
    let config = two_features(&database.url(), &[("LOGITD_TRAINING__NEW_ROWS", "200")]);
    let clock = ManualClock::at("2027-01-10T12:00:00Z");
    let workshop = workshop_at(&config, clock.shared()).await;
    let new_rows = workshop.new_rows.clone().unwrap();
    let looked = async || new_rows.look().await.unwrap();
    assert!(matches!(looked().await, Some(Enqueued::Made(_))));
    fail(&workshop, clock.now()).await;
    assert_eq!(
        looked().await,
        None,
        "one that judged nothing is left alone for a while"
    );
    clock.advance(TimeDelta::seconds(-5));
    assert_eq!(looked().await, None, "by a moment it may be wrong any time");
    clock.advance(TimeDelta::days(-1));
    assert!(
        matches!(looked().await, Some(Enqueued::Made(_))),
        "and not wait for a day"
    );
});

/// Puts the times in this column so many seconds ahead: as the database's clock put back would.
async fn put_ahead(db: &DatabaseConnection, table: &str, column: &str, seconds: f64) {
    let column = Alias::new(column);
    let mut update = Query::update();
    update.table(Alias::new(table));
    update.value(column.clone(), Expr::col(column).add(seconds));
    db.execute(&update).await.unwrap();
}

on_both!(a_heart_that_beat_far_ahead_has_stopped, |database| async {
    let db = database.connect().await;
    let config = two_features(&database.url(), &[TTL]);
    let (first, second) = (workshop(&config).await, workshop(&config).await);
    first.queue.enqueue(Trigger::Command).await.unwrap();
    let run = first.queue.claim().await.unwrap().unwrap();
    // By less than the time that it may be silent: nothing follows.
    put_ahead(&db, "logitd_training_run", "heartbeat", 15.0).await;
    assert_eq!(second.queue.claim().await.unwrap(), None);
    assert!(first.database.beat_heart(&run, "fit", 0.5).await.unwrap());
    // By a day, and the worker is dead: nobody waits for a day.
    put_ahead(&db, "logitd_training_run", "heartbeat", 86_400.0).await;
    let taken = second.queue.claim().await.unwrap().unwrap();
    assert_eq!((&taken.id, taken.attempt), (&run.id, 2));
    // It was not dead after all: its claim is gone, and it publishes nothing.
    assert!(!first.database.beat_heart(&run, "fit", 0.6).await.unwrap());
    let end = RunEnd::at(RunStatus::Failed, SystemClock.now());
    let lost = first.database.end_run(&run, &end).await.unwrap_err();
    assert!(matches!(lost, StoreError::ClaimLost), "{lost:?}");
    assert!(
        second
            .database
            .beat_heart(&taken, "fit", 0.1)
            .await
            .unwrap()
    );
});

on_both!(
    a_replica_seen_far_ahead_is_silent_and_then_forgotten,
    |database| async {
        let db = database.connect().await;
        let workshop = workshop(&two_features(&database.url(), &[])).await;
        let registry = workshop.registry.clone();
        let presence = |name: &str| Presence::new(registry.clone(), name, "0");
        let (dead, alive) = (presence("dead"), presence("alive"));
        dead.tell(None).await.unwrap();
        put_ahead(&db, "logitd_replica", "seen_at", 300.0).await;
        alive.tell(None).await.unwrap();
        let seen = ages(&registry).await;
        assert!(seen[0] < 45.0 && seen[1] > 200.0, "{seen:?}");
        put_ahead(&db, "logitd_replica", "seen_at", 86_400.0).await;
        alive.tell(None).await.unwrap();
        assert_eq!(
            ages(&registry).await.len(),
            1,
            "whoever is dead is forgotten"
        );
    }
);

/// How many seconds ago each replica was seen, by name.
async fn ages(registry: &Registry) -> Vec<f64> {
    let replicas = registry.list_replicas().await.unwrap();
    replicas.iter().map(|seen| seen.seconds_ago).collect()
}

/// The values of this member, in the order of the list.
async fn listed(app: &TestApp, path: &str, member: &str) -> Vec<Value> {
    let list = app.client.get(path).await.json();
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| item[member].clone()).collect()
}

on_both!(
    what_is_newest_stays_newest_when_the_clock_is_put_back,
    |database| async {
        load_two_features(&database.connect().await, 300, 7).await;
        let settings = [("LOGITD_TRAINING__WORKER", "false"), DAILY];
        let config = two_features(&database.url(), &settings);
        train_champion(&config).await;
        let clock = ManualClock::at("2030-01-10T12:00:00Z");
        let app = TestApp::start_at(config, clock.shared()).await;
        app.champion().await;
        let mut runs = Vec::new();
        for (turn, back) in [0, 5, 3600, 86_400].into_iter().enumerate() {
            clock.advance(TimeDelta::seconds(-back));
            let body = json!({ "reason": format!("turn {turn}") });
            let promoted = app.client.post_json("/v1/models/1/promote", &body).await;
            assert_eq!(promoted.status, 200, "{}", promoted.text());
            let asked = app.client.post_json("/v1/training-runs", &json!({})).await;
            runs.insert(0, asked.json()["id"].clone());
            let path = asked.header("location").unwrap().to_owned();
            let cancelled = app.client.request("DELETE", &path, &[], "").await;
            assert_eq!(cancelled.status, 200, "{}", cancelled.text());
        }
        let found = listed(&app, "/v1/training-runs", "id").await;
        assert_eq!(found[..4], runs, "of five, the first made the champion");
        let reasons = listed(&app, "/v1/deployments", "reason").await;
        let expected = ["turn 3", "turn 2", "turn 1", "turn 0"].map(|turn| json!(turn));
        assert_eq!(reasons[..4], expected);
        // Pages and metrics show nothing that is older than nothing.
        let html = [("accept", "text/html")];
        for path in ["/", "/v1/models/1/card"] {
            let page = app.client.request("GET", path, &html, "").await;
            assert_eq!(page.status, 200, "{path}: {}", page.text());
        }
        let metrics = app.client.get("/metrics").await;
        let ages = metrics.text().lines().filter(|line| line.contains("_age"));
        let ages: Vec<&str> = ages.filter(|line| !line.starts_with('#')).collect();
        assert!(!ages.is_empty(), "{}", metrics.text());
        assert!(ages.iter().all(|line| !line.contains(" -")), "{ages:?}");
        assert!(app.stop(Stop::Now).await);
    }
);
