//! Our own tables: up, down, up; by many at once; beside a newer binary.

use crate::support::app::{two_features, workshop};
use crate::support::database::on_both;
use crate::support::tables::{count_rows, insert_rows};
use logitd::store::{Database, StoreError};
use sea_orm::sea_query::Value;

async fn unmigrated(url: &str) -> Database {
    let config = two_features(url, &[]);
    logitd::app::Workshop::build(
        &config,
        crate::support::app::clock(),
        logitd::app::Cores::All,
    )
    .await
    .unwrap()
    .database
}

on_both!(up_and_down_and_up_again, |database| async {
    let store = unmigrated(&database.url()).await;
    assert!(
        store
            .migration_status()
            .await
            .unwrap()
            .iter()
            .all(|step| !step.applied)
    );
    let applied = store.migrate_up().await.unwrap();
    assert!(!applied.is_empty());
    assert_eq!(
        store.migrate_up().await.unwrap(),
        Vec::<String>::new(),
        "nothing is left to do"
    );
    assert!(
        store
            .migration_status()
            .await
            .unwrap()
            .iter()
            .all(|step| step.applied && step.known)
    );
    let steps = u32::try_from(applied.len()).unwrap();
    store.migrate_down(steps).await.unwrap();
    assert!(
        store
            .migration_status()
            .await
            .unwrap()
            .iter()
            .all(|step| !step.applied)
    );
    assert_eq!(store.migrate_up().await.unwrap(), applied);
    assert!(store.find_deployment("m", "f").await.unwrap().is_none());
});

on_both!(
    eight_at_once_all_succeed_and_one_applies,
    |database| async {
        let url = database.url();
        // The file itself is made first: eight processes find it there.
        drop(database.connect().await);
        let tasks = (0..8).map(|_| {
            let url = url.clone();
            tokio::spawn(async move { unmigrated(&url).await.migrate_up().await.unwrap().len() })
        });
        let mut applied = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            applied.push(task.await.unwrap());
        }
        assert_eq!(
            applied.iter().filter(|steps| **steps > 0).count(),
            1,
            "{applied:?}"
        );
        let db = database.connect().await;
        assert_eq!(
            count_rows(&db, "logitd_migration").await as usize,
            applied.iter().sum::<usize>()
        );
    }
);

on_both!(steps_of_a_newer_binary_are_left_alone, |database| async {
    let store = workshop(&two_features(&database.url(), &[])).await.database;
    let newer = vec![vec![
        Value::from("m29991231_000001_add_what_is_not_known_yet"),
        Value::from(0_i64),
    ]];
    insert_rows(
        &database.connect().await,
        "logitd_migration",
        &["version", "applied_at"],
        newer,
    )
    .await;
    assert_eq!(store.migrate_up().await.unwrap(), Vec::<String>::new());
    let status = store.migration_status().await.unwrap();
    assert_eq!(status.iter().filter(|step| !step.known).count(), 1);
    assert!(store.require_migrated().await.is_ok());
});

on_both!(migrate_false_checks_and_changes_nothing, |database| async {
    let config = two_features(&database.url(), &[("LOGITD_DATABASE__MIGRATE", "false")]);
    drop(database.connect().await);
    let workshop = logitd::app::Workshop::build(
        &config,
        crate::support::app::clock(),
        logitd::app::Cores::All,
    )
    .await
    .unwrap();
    let refused = workshop.migrate().await.unwrap_err();
    assert!(matches!(refused, StoreError::NotMigrated { missing } if missing > 0));
    assert!(
        refused.to_string().contains("logitd migrate up"),
        "{refused}"
    );
    assert!(
        workshop
            .database
            .migration_status()
            .await
            .unwrap()
            .iter()
            .all(|step| !step.applied)
    );
    workshop.database.migrate_up().await.unwrap();
    workshop.migrate().await.unwrap();
});
