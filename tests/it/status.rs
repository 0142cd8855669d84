//! The page at `/`: how the service stands, what becomes of it without its database, and what who
//! shows no key sees of it.

mod keys;

use crate::support::app::{PATIENCE, TestApp, two_features, workshop};
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::eventually::eventually;
use crate::support::postgres::Cluster;
use crate::support::rows::load_two_features;
use crate::support::tables::{count_rows, insert_rows};
use crate::support::training::train_champion;
use crate::support::versions::{add_version, promote_elsewhere};
use logitd::lifecycle::Stop;
use sea_orm::sea_query::Value;
use std::sync::Arc;

const STILL: [(&str, &str); 3] = [
    ("LOGITD_TRAINING__WORKER", "false"),
    ("LOGITD_TRAINING__ON_START", "never"),
    ("LOGITD_TRAINING__SCHEDULE", "0 3 * * *"),
];

const REPLICAS: &str = "logitd_replica";

/// The page's text, once every word is on it.
async fn shows(app: &TestApp, words: &[&str]) -> String {
    let looked = async || {
        let page = app.client.get("/").await;
        assert_eq!(page.status, 200, "{}", page.text());
        let html = page.text().to_owned();
        words.iter().all(|word| html.contains(word)).then_some(html)
    };
    eventually(PATIENCE, &format!("{words:?} on the page"), looked).await
}

on_both!(
    it_shows_what_serves_what_came_and_who_answers,
    |database| async {
        load_two_features(&database.connect().await, 200, 1).await;
        let config = || two_features(&database.url(), &STILL);
        train_champion(&config()).await;
        let second = add_version(&config()).await;
        let one = TestApp::start(config()).await;
        let other = TestApp::start(config()).await;
        for app in [&one, &other] {
            app.champion().await;
        }
        let db = database.connect().await;
        let both = async || (count_rows(&db, REPLICAS).await == 2).then_some(());
        eventually(PATIENCE, "two replicas", both).await;
        let html = shows(&one, &["ready", "version 1</a>"]).await;
        for told in [
            "href=\"/v1/models/1/card\"",
            "no version of this schema serves yet",
            "<span class=\"badge good\">promoted</span>",
            "<span class=\"badge\">kept</span>",
            "by the schedule",
            "the gate, after a run by logitd train",
            "href=\"/docs\"",
            "href=\"/metrics\"",
        ] {
            assert!(html.contains(told), "{told}: {html}");
        }
        assert_eq!(html.matches("version 1</a>").count(), 2, "{html}");
        assert!(!html.contains("<script") && !html.contains("refresh"));

        // Loaded again it shows what is known then, the other replica's version too.
        promote_elsewhere(&config(), second, false).await;
        let html = shows(&one, &["href=\"/v1/models/2/card\"", "a test"]).await;
        assert!(html.contains("<dd>another process</dd>"), "{html}");
        assert!(!html.contains("the gate, after"), "{html}");
        let followed = async || {
            let html = shows(&one, &[]).await;
            (html.matches("version 2</a>").count() == 2).then_some(())
        };
        eventually(PATIENCE, "both serve version 2", followed).await;

        // Who stops is taken off.
        assert!(other.stop(Stop::Now).await);
        assert_eq!(count_rows(&db, REPLICAS).await, 1);
    }
);

on_both!(who_ended_without_a_word_is_forgotten, |database| async {
    load_two_features(&database.connect().await, 200, 1).await;
    let config = two_features(&database.url(), &STILL);
    train_champion(&config).await;
    let workshop = workshop(&config).await;
    let db = database.connect().await;
    let columns = [
        "model",
        "instance",
        "schema_fingerprint",
        "code_version",
        "seen_at",
    ];
    let row = |instance: &str, seen_at: f64| {
        let text = ["two-features", instance, "sha256:other", "0.1.0"];
        let text = text.map(|text| Value::from(text.to_owned()));
        text.into_iter().chain([Value::from(seen_at)]).collect()
    };
    let now = crate::support::app::clock().now().timestamp() as f64;
    let rows = vec![row("long-gone", 1.0e9), row("there", now)];
    insert_rows(&db, REPLICAS, &columns, rows).await;
    let named = async || {
        let listed = workshop.registry.list_replicas().await.unwrap();
        let named = listed
            .into_iter()
            .map(|seen| (seen.replica.instance, seen.seconds_ago));
        named.collect::<Vec<_>>()
    };
    let before = named().await;
    assert_eq!(before[0].0, "long-gone");
    assert!(before[0].1 > 1e8, "{before:?}");
    assert!(before[1].0 == "there" && before[1].1 < 45.0, "{before:?}");
    let app = TestApp::start(two_features(&database.url(), &STILL)).await;
    app.champion().await;
    let told = async || {
        let names: Vec<String> = named().await.into_iter().map(|(name, _)| name).collect();
        let ours = names.iter().any(|name| name.contains('/'));
        (ours && !names.contains(&"long-gone".to_owned())).then_some(names)
    };
    let names = eventually(PATIENCE, "the old one is gone", told).await;
    assert!(names.contains(&"there".to_owned()), "{names:?}");
    shows(&app, &["there", "nothing yet, for another schema"]).await;
    workshop.database.close().await.unwrap();
});

#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_it_says_so_and_shows_what_serves() {
    let cluster = Arc::new(Cluster::private());
    let database = TestDatabase::within(&cluster);
    load_two_features(&database.connect().await, 300, 7).await;
    let quick = [("LOGITD_DATABASE__ACQUIRE_TIMEOUT_MS", "300")];
    let app = TestApp::start(two_features(&database.url(), &quick)).await;
    app.champion().await;
    cluster.stop();
    let gone = [
        "ready",
        "href=\"/v1/models/1/card\"",
        "The database does not answer now",
    ];
    shows(&app, &gone).await;
    cluster.start();
    shows(&app, &["promoted", "version 1</a>"]).await;
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_there_is_a_model_it_says_what_is_missing() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = TestApp::start(two_features(&database.url(), &STILL)).await;
    let html = shows(&app, &["not ready", "No trained model is loaded yet"]).await;
    assert!(html.contains("Nothing yet."), "{html}");
    shows(&app, &["There was none yet."]).await;
}
