//! Workers that die or stand still in the middle of a run: it ends once, nothing is half there, and
//! what serves goes on.

use crate::support::app::{PATIENCE, two_features, workshop};
use crate::support::client::Client;
use crate::support::database::{Engine, on_both};
use crate::support::eventually::eventually;
use crate::support::held::HeldDataset;
use crate::support::process::Process;
use crate::support::rows::load_two_features;
use crate::support::services::{Services, ready};
use crate::support::tables::{count_rows, insert_rows};
use crate::support::training::train_champion;
use logitd::app::Workshop;
use logitd::retraining::{Enqueued, TrainingRun, Trigger};
use sea_orm::sea_query::{Alias, Index};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::task::JoinHandle;

const QUERY: &str = "/v1/predict?feature_1=1&feature_2=-1";
const STEPS: [&str; 7] = [
    "read", "search", "fit", "evaluate", "refit", "profile", "judge",
];

/// Asks a service without end whether it still predicts; gives how often it did.
fn predict_on(client: Client, stop: Arc<AtomicBool>) -> JoinHandle<u64> {
    tokio::spawn(async move {
        let mut answered = 0;
        while !stop.load(Ordering::Relaxed) {
            let answer = client.get(QUERY).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            answered += 1;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        answered
    })
}

async fn ask(workshop: &Workshop) -> TrainingRun {
    match workshop.queue.enqueue(Trigger::Command).await.unwrap() {
        Enqueued::Made(run) => run,
        Enqueued::Covered(run) => panic!("covered by {run:?}"),
    }
}

/// Or the run would be skipped: nothing to learn that is not known.
async fn one_more_row(db: &DatabaseConnection, value: f64) {
    let row = vec![value.into(), 0.5.into(), 1.into()];
    insert_rows(db, "data", &["feature_1", "feature_2", "class"], vec![row]).await;
}

async fn find(workshop: &Workshop, run: &TrainingRun) -> TrainingRun {
    workshop.queue.find(&run.id).await.unwrap().unwrap()
}

async fn ended(workshop: &Workshop, run: &TrainingRun) -> TrainingRun {
    let what = format!("the run {} ends", run.id);
    eventually(PATIENCE, &what, async || {
        Some(find(workshop, run).await).filter(TrainingRun::is_finished)
    })
    .await
}

/// Looks without a pause, for a step may last milliseconds only; the run at this step or past it.
async fn at_step(workshop: &Workshop, run: &TrainingRun, step: &str) -> TrainingRun {
    let place = |step: &str| STEPS.iter().position(|name| *name == step);
    let began = Instant::now();
    loop {
        let found = find(workshop, run).await;
        let reached = found.step.as_deref().and_then(place);
        if found.is_finished() || (found.attempt == 1 && reached >= place(step)) {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "never at {step}: {found:?}");
    }
}

/// No version without a run that made it, and no run that is over and made half of one.
async fn nothing_is_half_there(db: &DatabaseConnection, workshop: &Workshop) {
    let runs = workshop.queue.list(None, 1000).await.unwrap();
    let made = runs.iter().filter_map(|run| run.version);
    let mut made: Vec<i32> = made.collect();
    made.sort_unstable();
    let versions = count_rows(db, "logitd_model_version").await;
    let all: Vec<i32> = (1..).take(usize::try_from(versions).unwrap()).collect();
    assert_eq!(made, all);
    for version in all {
        let stored = workshop.registry.find_version(version).await.unwrap();
        let maker = stored.unwrap().content.training_run;
        let maker = runs.iter().find(|run| run.id == maker).unwrap();
        assert_eq!(maker.version, Some(version));
        assert!(
            ["promoted", "kept"].contains(&maker.status.as_str()),
            "{maker:?}"
        );
    }
    let promoted = runs.iter().filter(|run| run.status == "promoted");
    let deployed = count_rows(db, "logitd_deployment").await;
    assert_eq!(deployed, promoted.count() as u64);
}

on_both!(
    a_worker_that_is_killed_at_any_step_leaves_nothing_half_there,
    |database| async {
        let db = database.connect().await;
        load_two_features(&db, 20_000, 7).await;
        let quick = [
            ("LOGITD_TRAINING__PENALTIES", "[0.1, 1.0]"),
            ("LOGITD_TRAINING__FOLDS", "2"),
        ];
        let config = two_features(&database.url(), &quick);
        train_champion(&config).await;
        let workshop = workshop(&config).await;
        let services = Services::on(&database.url(), &quick);
        let mut serving = services.start(&[("LOGITD_TRAINING__WORKER", "false")]);
        let stop = Arc::new(AtomicBool::new(false));
        let predicting = predict_on(ready(&mut serving).await, Arc::clone(&stop));
        let mut worker = services.start(&[]);
        let mut caught = Vec::new();
        for (at, step) in STEPS.into_iter().enumerate() {
            one_more_row(&db, at as f64 / 10.0).await;
            let run = ask(&workshop).await;
            let before = at_step(&workshop, &run, step).await;
            worker.kill();
            nothing_is_half_there(&db, &workshop).await;
            let left = find(&workshop, &run).await;
            caught.extend((!left.is_finished()).then_some(step));
            assert!(left.attempt == 1 && before.attempt == 1, "{left:?}");
            // Another takes it up from its beginning.
            worker = services.start(&[]);
            let over = ended(&workshop, &run).await;
            assert!(
                ["promoted", "kept"].contains(&over.status.as_str()),
                "{over:?}"
            );
            assert_eq!(over.attempt, if left.is_finished() { 1 } else { 2 });
            nothing_is_half_there(&db, &workshop).await;
        }
        // The last steps may be over before the signal comes; the others are not.
        assert!(caught.len() >= 5, "caught at {caught:?}");
        stop.store(true, Ordering::Relaxed);
        assert!(predicting.await.unwrap() > 100);
    }
);

/// What holds a publication up in its middle (PostgreSQL: the run has ended within the transaction,
/// the version cannot be inserted) or at its beginning (SQLite, which has one writer at a time).
async fn hold_publication(db: &DatabaseConnection, engine: Engine) -> DatabaseTransaction {
    if engine == Engine::Sqlite {
        return begin_immediate(db).await.unwrap();
    }
    let transaction = db.begin().await.unwrap();
    // It lets others read and nobody write, until it is rolled back.
    let index = Index::create()
        .name("held")
        .table(Alias::new("logitd_model_version"))
        .col(Alias::new("seed"))
        .to_owned();
    transaction.execute(&index).await.unwrap();
    transaction
}

async fn begin_immediate(db: &DatabaseConnection) -> Result<DatabaseTransaction, sea_orm::DbErr> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    db.begin_with_options(immediate).await
}

/// Whether a fit goes on in a process, by the name of its thread.
fn fits(process: &Process) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", process.id())).unwrap();
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.into_iter().any(|name| name.trim() == "logitd-fit")
}

on_both!(
    a_worker_that_is_killed_while_it_publishes_publishes_nothing,
    |database| async {
        let db = database.connect().await;
        load_two_features(&db, 20_000, 7).await;
        let config = two_features(&database.url(), &[]);
        let workshop = workshop(&config).await;
        let services = Services::on(&database.url(), &[]);
        let mut worker = services.start(&[]);
        let run = ask(&workshop).await;
        at_step(&workshop, &run, "search").await;
        let hold = hold_publication(&db, database.engine()).await;
        let fitted = async || (!fits(&worker)).then_some(());
        eventually(PATIENCE, "the fit is over", fitted).await;
        // It has nothing to do any more but to publish, and does not get ahead.
        for _ in 0..20 {
            let waits = async || worker.is_running().then_some(());
            eventually(PATIENCE, "it waits", waits).await;
            assert!(!find(&workshop, &run).await.is_finished());
        }
        worker.kill();
        hold.rollback().await.unwrap();
        nothing_is_half_there(&db, &workshop).await;
        assert_eq!(count_rows(&db, "logitd_model_version").await, 0);
        let _another = services.start(&[]);
        let over = ended(&workshop, &run).await;
        assert_eq!((over.status.as_str(), over.attempt), ("promoted", 2));
        nothing_is_half_there(&db, &workshop).await;
    }
);

/// Holds a process where it stands, but not where it holds SQLite's one lock for writing.
async fn pause(worker: &Process, db: &DatabaseConnection) {
    eventually(PATIENCE, "it stands without a lock", async || {
        worker.pause();
        if let Ok(transaction) = begin_immediate(db).await {
            transaction.rollback().await.unwrap();
            return Some(());
        }
        worker.resume();
        None
    })
    .await;
}

on_both!(
    a_worker_that_wakes_after_another_has_finished_publishes_nothing,
    |database| async {
        let held = HeldDataset::new(&database, 300).await;
        let db = database.connect().await;
        let dataset = [("LOGITD_DATASET__URL", held.url())];
        // By another penalty, so that the same rows are no repetition.
        let before = [dataset[0], ("LOGITD_TRAINING__PENALTIES", "[3.0]")];
        train_champion(&two_features(&database.url(), &before)).await;
        let workshop = workshop(&two_features(&database.url(), &dataset)).await;
        let services = Services::on(&database.url(), &dataset);
        let mut serving = services.start(&[("LOGITD_TRAINING__WORKER", "false")]);
        let stop = Arc::new(AtomicBool::new(false));
        let predicting = predict_on(ready(&mut serving).await, Arc::clone(&stop));
        let hold = held.hold().await;
        let mut sleeper = services.start(&[]);
        let run = ask(&workshop).await;
        at_step(&workshop, &run, "read").await;
        pause(&sleeper, &db).await;
        hold.rollback().await.unwrap();
        // Longer than its time to live: another takes the run over and finishes it.
        let mut other = services.start(&[]);
        let client = ready(&mut other).await;
        let over = ended(&workshop, &run).await;
        assert_eq!((over.version, over.attempt), (Some(2), 2), "{over:?}");
        let serves = if over.status == "promoted" { 2 } else { 1 };
        sleeper.resume();
        let line = sleeper.line_containing("the claim on the training run was lost", PATIENCE);
        line.await;
        assert_eq!(
            find(&workshop, &run).await,
            over,
            "nothing of the run has changed"
        );
        nothing_is_half_there(&db, &workshop).await;
        assert_eq!(count_rows(&db, "logitd_model_version").await, 2);
        let said = client.get(QUERY).await.json();
        assert_eq!(said["model"]["version"], serves);
        // It serves what the other made, and works again.
        let client = ready(&mut sleeper).await;
        let said = client.get(QUERY).await.json();
        assert_eq!(said["model"]["version"], serves);
        other.kill();
        let next = ask(&workshop).await;
        let over = ended(&workshop, &next).await;
        assert_eq!(over.attempt, 1, "{over:?}");
        // All the while what served went on.
        stop.store(true, Ordering::Relaxed);
        assert!(predicting.await.unwrap() > 100);
    }
);

on_both!(
    a_command_that_wakes_too_late_tells_the_end_that_another_made,
    |database| async {
        let held = HeldDataset::new(&database, 300).await;
        let db = database.connect().await;
        let dataset = [("LOGITD_DATASET__URL", held.url())];
        let workshop = workshop(&two_features(&database.url(), &dataset)).await;
        let services = Services::on(&database.url(), &dataset);
        let hold = held.hold().await;
        let mut command = services.command(&["train", "--json"], &[]);
        let asked = async || {
            let newest = workshop.queue.find_newest().await.unwrap()?;
            (newest.attempt == 1).then_some(newest)
        };
        let run = eventually(PATIENCE, "the command has its run", asked).await;
        at_step(&workshop, &run, "read").await;
        pause(&command, &db).await;
        hold.rollback().await.unwrap();
        let _service = services.start(&[]);
        let over = ended(&workshop, &run).await;
        assert_eq!((over.status.as_str(), over.attempt), ("promoted", 2));
        command.resume();
        let code = command.wait_exit(PATIENCE).await.code();
        assert_eq!(code, Some(0), "{}", command.stderr());
        let told: serde_json::Value = serde_json::from_str(command.stdout().trim()).unwrap();
        assert_eq!(
            (&told["id"], &told["version"]),
            (&run.id.clone().into(), &1.into())
        );
        nothing_is_half_there(&db, &workshop).await;
    }
);
