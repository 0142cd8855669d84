//! Three services on one PostgreSQL, a schedule of every second, and rows that come meanwhile.

use crate::support::app::two_features;
use crate::support::client::Client;
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::process::Process;
use crate::support::rows::load_two_features;
use crate::support::services::{Services, ready};
use crate::support::tables::{count_rows, insert_rows, read_all};
use crate::support::training::train_champion;
use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use sea_orm::sea_query::Value as Cell;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const TICKS: u64 = 60;
/// A minute on a machine that has nothing else to do.
const LONG: Duration = Duration::from_secs(300);

/// Adds ten rows at a time until it is told to stop; gives how many came.
async fn write_rows(db: DatabaseConnection, stop: Arc<AtomicBool>) -> i32 {
    let mut written = 0;
    while !stop.load(Ordering::Relaxed) {
        let rows = (written..written + 10).map(|row| {
            let spread = f64::from(row * 37 % 1013) / 250.0 - 2.0;
            let other = f64::from(row * 53 % 997) / 250.0 - 2.0;
            vec![
                spread.into(),
                other.into(),
                Cell::from(i32::from(spread > other)),
            ]
        });
        let columns = ["feature_1", "feature_2", "class"];
        insert_rows(&db, "data", &columns, rows.collect()).await;
        written += 10;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    written
}

/// Every run, oldest first.
async fn runs(client: &Client) -> Vec<Value> {
    let (mut runs, mut query) = (Vec::new(), "?limit=100".to_owned());
    loop {
        let page = client.get(&format!("/v1/training-runs{query}")).await;
        let page = page.json();
        runs.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else {
            runs.reverse();
            return runs;
        };
        query = format!("?limit=100&cursor={next}");
    }
}

fn time(run: &Value, name: &str) -> DateTime<Utc> {
    let text = run[name].as_str();
    let text = text.unwrap_or_else(|| panic!("no {name} in {run}"));
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_sixty_ticks_makes_one_run_at_most_and_none_runs_beside_another() {
    let database = TestDatabase::new(Engine::Postgres).await;
    let db = database.connect().await;
    load_two_features(&db, 300, 7).await;
    train_champion(&two_features(&database.url(), &[])).await;
    let every_second = [("LOGITD_TRAINING__SCHEDULE", "* * * * * *")];
    let services = Services::on(&database.url(), &every_second);
    let mut processes: Vec<Process> = (0..3).map(|_| services.start(&[])).collect();
    let mut clients = Vec::new();
    for process in &mut processes {
        clients.push(ready(process).await);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(write_rows(db.clone(), Arc::clone(&stop)));
    // The first row is where the schedule began.
    let ticked = async || (count_rows(&db, "logitd_trigger").await > TICKS + 3).then_some(());
    eventually(LONG, "sixty ticks", ticked).await;
    stop.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 100);
    // One by one they leave; the last goes on, and every run that was begun ends.
    let listed = runs(&clients[0]).await;
    let ticks = read_all(&db, "logitd_trigger", &["key"]).await;
    let ticks: BTreeSet<_> = ticks.into_iter().map(|tick| tick[0].clone()).collect();
    let made: Vec<&str> = listed
        .iter()
        .filter_map(|run| run["scheduled_for"].as_str())
        .collect();
    assert!(
        made.len() > 20,
        "{} runs of {} ticks",
        made.len(),
        ticks.len()
    );
    let once: BTreeSet<&&str> = made.iter().collect();
    assert_eq!(once.len(), made.len(), "two runs of one tick");
    let ended: Vec<&Value> = listed
        .iter()
        .filter(|run| run["finished_at"].is_string())
        .collect();
    assert!(listed.len() - ended.len() <= 1, "one runs at most");
    for pair in ended.windows(2) {
        let (before, after) = (time(pair[0], "finished_at"), time(pair[1], "started_at"));
        assert!(
            before <= after,
            "beside each other: {} and {}",
            pair[0],
            pair[1]
        );
        assert_eq!(pair[1]["attempt"], 1, "{}", pair[1]);
    }
    let failed = ended.iter().find(|run| run["status"] == "failed");
    assert!(failed.is_none(), "{failed:?}");
    all_serve_the_last_version(&db, &clients, processes).await;
}

/// When the schedule is over, every service serves what was deployed last.
async fn all_serve_the_last_version(
    db: &DatabaseConnection,
    clients: &[Client],
    mut processes: Vec<Process>,
) {
    let deployed = async || {
        let deployments = clients[0].get("/v1/deployments?limit=1").await.json();
        deployments["items"][0]["version"].clone()
    };
    let agreed = eventually(LONG, "all serve the last version", async || {
        let last = deployed().await;
        for client in clients {
            let serving = client.get("/v1/predict?feature_1=1&feature_2=-1").await;
            if serving.json()["model"]["version"] != last {
                return None;
            }
        }
        (last == deployed().await).then_some(last)
    });
    let agreed = agreed.await.as_u64().unwrap();
    assert!(agreed >= 1 && agreed <= count_rows(db, "logitd_model_version").await);
    for process in &processes {
        process.terminate();
    }
    for process in &mut processes {
        let code = process.wait_exit(LONG).await.code();
        assert_eq!(code, Some(0), "{}", process.stderr());
    }
}
