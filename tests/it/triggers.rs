//! What makes a run besides a person: the ticks of a schedule, and rows that come.

use crate::support::app::{two_features, workshop, workshop_at};
use crate::support::clock::ManualClock;
use crate::support::database::{TestDatabase, on_both};
use crate::support::rows::load_two_features;
use crate::support::tables::{count_rows, insert_rows};
use crate::support::versions::promote_elsewhere;
use chrono::{DateTime, TimeDelta, Utc};
use logitd::app::Workshop;
use logitd::clock::Clock;
use logitd::config::Config;
use logitd::retraining::{Cancelled, Enqueued, Ticked, Ticker, TrainingRun, Trigger, WhenStopped};
use logitd::store::{RunEnd, RunStatus};
use sea_orm::DatabaseConnection;
use sea_orm::sea_query::Value;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const DAILY: (&str, &str) = ("LOGITD_TRAINING__SCHEDULE", "30 2 * * *");
const BERLIN: (&str, &str) = ("LOGITD_TRAINING__TIME_ZONE", "Europe/Berlin");

/// A replica with a schedule, by this clock.
async fn replica(url: &str, clock: &ManualClock) -> (Workshop, Ticker) {
    let config = two_features(url, &[DAILY, BERLIN]);
    let workshop = workshop_at(&config, clock.shared()).await;
    let ticker = workshop.ticker().expect("there is a schedule");
    (workshop, ticker)
}

fn made(ticked: Option<Ticked>) -> Option<TrainingRun> {
    match ticked {
        Some(Ticked::Made(run)) => Some(run),
        Some(Ticked::Covered(run)) => panic!("covered by {run:?}"),
        Some(Ticked::Known) | None => None,
    }
}

async fn cancel(workshop: &Workshop, run: &TrainingRun) {
    let cancelled = workshop.queue.cancel(&run.id).await.unwrap();
    assert!(matches!(cancelled, Cancelled::Done(_)), "{cancelled:?}");
}

/// Lets ten days go by in steps of ten minutes, on two replicas; the local times of the ticks.
async fn ticks_of_ten_days(url: &str, from: &str) -> Vec<String> {
    let clock = ManualClock::at(from);
    let (here, mut ticker) = replica(url, &clock).await;
    let (_there, mut other) = replica(url, &clock).await;
    let mut ticks = Vec::new();
    for _ in 0..10 * 144 {
        for ticked in [other.tick().await.unwrap(), ticker.tick().await.unwrap()] {
            if let Some(run) = made(ticked) {
                let tick = run.scheduled_for.expect("a tick made it");
                let late = clock.now() - tick;
                assert!(late < TimeDelta::minutes(10), "{tick} was {late} late");
                ticks.push(here.timetable.as_ref().unwrap().schedule().local(tick));
                cancel(&here, &run).await;
            }
        }
        clock.advance(TimeDelta::minutes(10));
    }
    ticks
}

on_both!(
    half_past_two_in_berlin_comes_once_a_day_over_both_changes,
    |database| async {
        let url = database.url();
        let spring = ticks_of_ten_days(&url, "2027-03-23T12:00:00Z").await;
        let expected: Vec<String> = (24..=31)
            .map(|day| match day {
                ..28 => format!("2027-03-{day}T02:30:00+01:00"),
                28 => "2027-03-28T03:00:00+02:00".to_owned(),
                _ => format!("2027-03-{day}T02:30:00+02:00"),
            })
            .chain(["2027-04-01T02:30:00+02:00", "2027-04-02T02:30:00+02:00"].map(str::to_owned))
            .collect();
        assert_eq!(spring, expected);
        // In between nothing ran: the last tick that was missed is made up, the others are not.
        let autumn = ticks_of_ten_days(&url, "2027-10-27T00:35:00Z").await;
        let days = ["27", "28", "29", "30", "31"].map(|day| format!("2027-10-{day}"));
        let days = days.into_iter().map(|day| format!("{day}T02:30:00+02:00"));
        let later = (1..=5).map(|day| format!("2027-11-0{day}T02:30:00+01:00"));
        assert_eq!(autumn, days.chain(later).collect::<Vec<_>>());
    }
);

on_both!(
    of_ten_replicas_one_makes_the_run_of_a_tick,
    |database| async {
        let clock = ManualClock::at("2027-01-01T12:00:00Z");
        let mut replicas = Vec::new();
        for _ in 0..10 {
            replicas.push(replica(&database.url(), &clock).await);
        }
        for (_, ticker) in &mut replicas {
            let first = ticker.tick().await.unwrap();
            assert_eq!(first, None, "a schedule that begins owes nothing");
            let pause = ticker.pause().unwrap();
            assert_eq!(pause.as_secs(), 13 * 3600 + 30 * 60);
        }
        clock.advance(TimeDelta::hours(14));
        let asking = replicas.into_iter().map(|(workshop, mut ticker)| {
            tokio::spawn(async move { (ticker.tick().await.unwrap(), workshop, ticker) })
        });
        let (mut count, mut replicas) = (0, Vec::new());
        for asked in asking.collect::<Vec<_>>() {
            let (ticked, workshop, ticker) = asked.await.unwrap();
            count += usize::from(made(ticked).is_some());
            replicas.push((workshop, ticker));
        }
        assert_eq!(count, 1);
        let db = database.connect().await;
        assert_eq!(count_rows(&db, "logitd_training_run").await, 1);
        let run = replicas[0].0.queue.find_newest().await.unwrap().unwrap();
        assert_eq!(
            (run.trigger.as_str(), run.status.as_str()),
            ("schedule", "queued")
        );
        let tick: DateTime<Utc> = "2027-01-02T01:30:00Z".parse().unwrap();
        assert_eq!(run.scheduled_for, Some(tick));
        // It still waits a day later: the next tick makes none, and is told at the run.
        clock.advance(TimeDelta::days(1));
        for (_, ticker) in &mut replicas {
            let ticked = ticker.tick().await.unwrap().unwrap();
            let known = matches!(&ticked, Ticked::Covered(by) if by.id == run.id);
            assert!(known || ticked == Ticked::Known, "{ticked:?}");
        }
        let covered = replicas[0].0.queue.list_covered(&run).await.unwrap();
        assert_eq!(covered.len(), 1, "{covered:?}");
        assert_eq!(covered[0].scheduled_for, Some(tick + TimeDelta::days(1)));
        assert_eq!(count_rows(&db, "logitd_training_run").await, 1);
    }
);

on_both!(
    one_missed_tick_is_made_up_after_downtime,
    |database| async {
        let clock = ManualClock::at("2027-01-01T12:00:00Z");
        let (workshop, mut ticker) = replica(&database.url(), &clock).await;
        assert_eq!(ticker.tick().await.unwrap(), None);
        clock.advance(TimeDelta::days(30));
        let (_, mut started) = replica(&database.url(), &clock).await;
        let run = made(started.tick().await.unwrap()).expect("the last is made up");
        let last: DateTime<Utc> = "2027-01-31T01:30:00Z".parse().unwrap();
        assert_eq!(run.scheduled_for, Some(last));
        cancel(&workshop, &run).await;
        assert_eq!(started.tick().await.unwrap(), None, "the others are not");
        let (_, mut again) = replica(&database.url(), &clock).await;
        assert_eq!(again.tick().await.unwrap(), None, "a restart owes nothing");
    }
);

async fn add_rows(db: &DatabaseConnection, rows: i32) {
    let rows = (0..rows).map(|row| {
        let spread = f64::from(row * 37 % 101) / 25.0 - 2.0;
        vec![
            Value::from(spread),
            Value::from(f64::from(row * 53 % 97) / 25.0 - 2.0),
            Value::from(i32::from(spread > 0.0)),
        ]
    });
    let columns = ["feature_1", "feature_2", "class"];
    insert_rows(db, "data", &columns, rows.collect()).await;
}

/// Asks for new rows and, where a run was made, works it off.
async fn look(workshop: &Workshop) -> Option<TrainingRun> {
    let asked = workshop.new_rows.as_ref().unwrap().look().await.unwrap();
    let Some(Enqueued::Made(run)) = asked else {
        assert_eq!(asked, None);
        return None;
    };
    assert_eq!(run.trigger, "new_rows");
    Some(work_off(workshop).await)
}

async fn work_off(workshop: &Workshop) -> TrainingRun {
    let run = workshop.queue.claim().await.unwrap().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let worked = workshop
        .retrainer
        .work_off(&run, &stop, WhenStopped::Requeue);
    worked.await.unwrap().unwrap()
}

/// A table of 240 rows that waits for 200 more, after its first version.
async fn first_judged(database: &TestDatabase) -> (DatabaseConnection, Config, Workshop) {
    let db = database.connect().await;
    load_two_features(&db, 240, 7).await;
    let config = two_features(&database.url(), &[("LOGITD_TRAINING__NEW_ROWS", "200")]);
    let workshop = workshop(&config).await;
    let first = look(&workshop).await.expect("240 rows and none was seen");
    assert_eq!(first.status, "promoted", "{:?}", first.error);
    (db, config, workshop)
}

on_both!(
    new_rows_are_counted_against_the_last_run_that_was_judged,
    |database| async {
        let (db, _, workshop) = first_judged(&database).await;
        assert_eq!(look(&workshop).await, None, "no row has come");
        add_rows(&db, 199).await;
        assert_eq!(look(&workshop).await, None, "199 are not enough");
        add_rows(&db, 1).await;
        let second = look(&workshop).await.expect("200 are");
        assert!(
            ["promoted", "kept"].contains(&second.status.as_str()),
            "{second:?}"
        );
        assert_eq!(second.rows.unwrap().read, 440);
        add_rows(&db, 199).await;
        assert_eq!(look(&workshop).await, None, "as many again are waited for");
        add_rows(&db, 1).await;
        // One that waits already covers it, and says so once.
        let asked = workshop.queue.request("ann").await.unwrap();
        let Enqueued::Made(waiting) = asked else {
            panic!("{asked:?}")
        };
        for _ in 0..3 {
            let asked = workshop.new_rows.as_ref().unwrap().look().await.unwrap();
            assert!(matches!(asked, Some(Enqueued::Covered(run)) if run.id == waiting.id));
        }
        let covered = workshop.queue.list_covered(&waiting).await.unwrap();
        assert_eq!(covered.len(), 1, "{covered:?}");
        assert_eq!(covered[0].trigger, "new_rows");
        // Whoever takes it back is not asked again at once.
        cancel(&workshop, &waiting).await;
        assert_eq!(look(&workshop).await, None);
    }
);

on_both!(
    after_a_run_that_was_kept_as_many_rows_again_are_waited_for,
    |database| async {
        let (db, config, workshop) = first_judged(&database).await;
        promote_elsewhere(&config, 1, true).await;
        for _ in 0..2 {
            add_rows(&db, 199).await;
            assert_eq!(look(&workshop).await, None, "199 are not enough");
            add_rows(&db, 1).await;
            let kept = look(&workshop).await.expect("200 are");
            assert_eq!(kept.status, "kept", "beside a pin");
        }
    }
);

on_both!(
    a_start_that_finds_a_run_is_covered_by_it,
    |database| async {
        let workshop = workshop(&two_features(&database.url(), &[])).await;
        let asked = workshop.queue.request("ann").await.unwrap();
        let Enqueued::Made(run) = asked else {
            panic!("{asked:?}")
        };
        assert_eq!(run.requested_by.as_deref(), Some("ann"));
        for trigger in [Trigger::Start, Trigger::Command, Trigger::Start] {
            let asked = workshop.queue.enqueue(trigger).await.unwrap();
            assert!(matches!(asked, Enqueued::Covered(by) if by.id == run.id));
        }
        let covered = workshop.queue.list_covered(&run).await.unwrap();
        let causes: Vec<&str> = covered.iter().map(|c| c.trigger.as_str()).collect();
        assert_eq!(causes, ["start"], "who asks is told, and needs no record");
    }
);

on_both!(
    old_runs_are_forgotten_but_none_that_is_referred_to,
    |database| async {
        let db = database.connect().await;
        load_two_features(&db, 300, 7).await;
        let clock = ManualClock::at("2027-01-01T12:00:00Z");
        let few = [DAILY, ("LOGITD_TRAINING__KEEP_RUNS", "3")];
        let workshop = workshop_at(&two_features(&database.url(), &few), clock.shared()).await;
        let mut ticker = workshop.ticker().unwrap();
        ticker.tick().await.unwrap();
        workshop.queue.request("ann").await.unwrap();
        let promoted = work_off(&workshop).await;
        assert_eq!(promoted.status, "promoted", "{:?}", promoted.error);
        let mut failed = Vec::new();
        for _ in 0..6 {
            clock.advance(TimeDelta::days(1));
            made(ticker.tick().await.unwrap()).expect("a tick");
            let run = workshop.queue.claim().await.unwrap().unwrap();
            workshop.queue.enqueue(Trigger::Start).await.unwrap();
            let end = RunEnd::at(RunStatus::Failed, clock.now());
            workshop.database.end_run(&run, &end).await.unwrap();
            failed.push(run.id);
        }
        clock.advance(TimeDelta::seconds(1));
        let waiting = workshop.queue.request("ann").await.unwrap();
        assert!(matches!(waiting, Enqueued::Made(_)));
        assert_eq!(workshop.queue.prune().await.unwrap(), 4);
        assert_eq!(workshop.queue.prune().await.unwrap(), 0);
        let listed = workshop.queue.list(None, 100).await.unwrap();
        let ids: Vec<&String> = listed.iter().skip(1).map(|run| &run.id).collect();
        assert_eq!(ids, [&failed[5], &failed[4], &promoted.id]);
        // The newest tick stays: it says what is owed.
        assert_eq!(ticker.tick().await.unwrap(), None);
        let (_, mut started) = replica(&database.url(), &clock).await;
        assert_eq!(started.tick().await.unwrap(), None);
        assert!(count_rows(&db, "logitd_trigger").await < 8);
    }
);
