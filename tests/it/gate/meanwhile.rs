//! Somebody deploys another version between the judgement and the publication.

use super::decision;
use crate::support::app::{clock, config, workshop};
use crate::support::database::on_both;
use crate::support::growing::{self, CONFIG, rows};
use crate::support::training::{champion, train_champion};
use crate::support::versions::add_version;
use logitd::retraining::{RunStep, Trigger, WhenStopped};
use sea_orm::sea_query::{Alias, Expr, Query, Value};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A deployment of version 2 that is written and not yet seen; nobody else can deploy meanwhile.
async fn deploying(db: &DatabaseConnection, schema: &str) -> DatabaseTransaction {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = db.begin_with_options(options).await.unwrap();
    let columns = [
        "model",
        "schema_fingerprint",
        "sequence",
        "version",
        "deployed_at",
        "deployed_by",
        "reason",
        "action",
        "pinned",
    ];
    let values = [
        Value::from("default"),
        Value::from(schema),
        Value::from(2),
        Value::from(2),
        Value::from(clock().now()),
        Value::from("ann"),
        Value::from("a test"),
        Value::from("promote"),
        Value::from(false),
    ];
    let mut insert = Query::insert();
    insert.into_table(Alias::new("logitd_deployment"));
    insert.columns(columns.map(Alias::new));
    insert.values_panic(values.map(Expr::val));
    transaction.execute(&insert).await.unwrap();
    transaction
}

on_both!(
    a_fit_is_judged_anew_beside_the_version_that_came_first,
    |database| async {
        let db = database.connect().await;
        growing::create(&db).await;
        growing::add(&db, &rows(0..200)).await;
        let config = config(CONFIG, &database.url(), &[]);
        train_champion(&config).await;
        assert_eq!(add_version(&config).await, 2);
        growing::add(&db, &rows(200..3_000)).await;

        let workshop = workshop(&config).await;
        workshop.queue.enqueue(Trigger::Command).await.unwrap();
        let run = workshop.queue.claim().await.unwrap().unwrap();
        let mut watched = workshop.retrainer.watch_progress();
        let held = deploying(&db, &run.schema_fingerprint).await;
        let (worker, claimed) = (workshop.retrainer.clone(), run.clone());
        let working = tokio::spawn(async move {
            let stop = Arc::new(AtomicBool::new(false));
            worker.work_off(&claimed, &stop, WhenStopped::Requeue).await
        });
        let publishes = |told: &Option<logitd::retraining::RunProgress>| {
            told.is_some_and(|told| told.step == RunStep::Publish)
        };
        watched.wait_for(publishes).await.unwrap();
        held.commit().await.unwrap();
        let ended = working.await.unwrap().unwrap().expect("the run ended");
        assert_eq!((ended.status.as_str(), ended.attempt), ("promoted", 1));
        assert_eq!(
            ended.judged_version,
            Some(2),
            "not the first, which served when it was judged first"
        );
        assert_eq!(decision(&ended).champion.unwrap().version, Some(2));
        let serving = champion(&config).await.unwrap();
        assert_eq!((serving.number(), serving.deployment().sequence), (3, 3));
        workshop.database.close().await.unwrap();
    }
);
