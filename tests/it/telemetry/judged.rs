//! What the metrics say of runs, whichever process worked them off.

use super::metrics_page::value;
use crate::support::app::{PATIENCE, TestApp, config};
use crate::support::database::{TestDatabase, on_both};
use crate::support::eventually::eventually;
use crate::support::growing::{self, CONFIG, rows};
use crate::support::training::{train, train_champion};
use logitd::lifecycle::Stop;

/// The series of the newest run, once it is about a run that ended so.
async fn last_run(app: &TestApp, outcome: &str, reason: &str) -> String {
    let series = format!("training_run_outcome=\"{outcome}\",training_run_reason=\"{reason}\"}}");
    eventually(PATIENCE, &series, async || {
        let page = app.client.get("/metrics").await.text().to_owned();
        let mut told = page
            .lines()
            .filter(|line| line.starts_with("training_last_run_age_seconds{"));
        let (newest, more) = (told.next(), told.next());
        let found = newest.is_some_and(|line| line.contains(&series)) && more.is_none();
        found.then_some(page)
    })
    .await
}

async fn invert(database: &TestDatabase, many: i64) {
    let mut inverted = rows(0..many);
    inverted
        .iter_mut()
        .for_each(|row| row.class = 1 - row.class);
    growing::replace(&database.connect().await, &inverted).await;
}

on_both!(
    data_that_changed_is_told_until_a_person_has_decided_though_another_process_trains,
    |database| async {
        let db = database.connect().await;
        growing::create(&db).await;
        growing::add(&db, &rows(0..1_000)).await;
        let elsewhere = config(CONFIG, &database.url(), &[]);
        train_champion(&elsewhere).await;
        let follows = [("LOGITD_TRAINING__WORKER", "false")];
        let app = TestApp::start(config(CONFIG, &database.url(), &follows)).await;
        app.champion().await;
        let page = last_run(&app, "promoted", "first_version").await;
        assert_eq!(value(&page, "training_data_changed{"), 0.0);

        invert(&database, 1_200).await;
        let run = train(&elsewhere).await;
        let page = last_run(&app, "kept", "data_changed").await;
        assert_eq!(value(&page, "training_data_changed{"), 1.0);
        // Nothing new: the run is skipped, and what was judged stands.
        train(&elsewhere).await;
        let page = last_run(&app, "skipped", "unchanged").await;
        assert_eq!(value(&page, "training_data_changed{"), 1.0);

        let promote = format!("/v1/models/{}/promote", run.version.unwrap());
        let promoted = app.client.post_json(&promote, &serde_json::json!({})).await;
        assert_eq!(promoted.status, 200, "{}", promoted.text());
        eventually(PATIENCE, "the decision is seen", async || {
            let page = app.client.get("/metrics").await;
            (value(page.text(), "training_data_changed{") == 0.0).then_some(())
        })
        .await;
        assert!(app.stop(Stop::Now).await);
    }
);
