//! Our own tables: up, down, up; by many at once; beside a newer binary.

use crate::support::app::{two_features, workshop};
use crate::support::database::{TestDatabase, on_both};
use crate::support::tables::{count_rows, insert_rows};
use logitd::store::{Database, StoreError};
use sea_orm::sea_query::Value;

async fn unmigrated(url: &str) -> Database {
    let config = two_features(url, &[]);
    logitd::app::Workshop::build(
        &config,
        crate::support::app::clock(),
        logitd::app::Cores::All,
        &crate::support::app::telemetry(&config),
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

/// As a newer logitd leaves it: a step in the list that this binary does not know.
pub(crate) async fn newer_step(database: &TestDatabase, name: &str) {
    let row = vec![vec![Value::from(name), Value::from(0_i64)]];
    let columns = ["version", "applied_at"];
    insert_rows(&database.connect().await, "logitd_migration", &columns, row).await;
}

on_both!(steps_of_a_newer_binary_are_left_alone, |database| async {
    let store = workshop(&two_features(&database.url(), &[])).await.database;
    let harmless = [
        "m29991231_000001_add_what_is_not_known_yet",
        "m29991231_000002_breaks_before_0_1_drop_what_nobody_uses",
    ];
    for step in harmless {
        newer_step(&database, step).await;
    }
    assert_eq!(store.migrate_up().await.unwrap(), Vec::<String>::new());
    assert_eq!(store.newer_steps().await.unwrap(), harmless);
    assert!(store.require_migrated().await.is_ok());
    let refused = store.migrate_down(1).await.unwrap_err().to_string();
    assert!(refused.contains(harmless[1]), "{refused}");
});

on_both!(
    a_step_that_breaks_this_binary_is_a_refusal,
    |database| async {
        let store = workshop(&two_features(&database.url(), &[])).await.database;
        newer_step(&database, "m29991231_000001_breaks_before_9_0_drop_a_table").await;
        for refused in [
            store.migrate_up().await.map(drop),
            store.require_migrated().await,
        ] {
            let refused = refused.unwrap_err();
            assert!(matches!(refused, StoreError::Newer(_)), "{refused:?}");
            assert!(
                refused.to_string().contains("run 9.0 or newer"),
                "{refused}"
            );
        }
    }
);

on_both!(
    what_is_missing_is_applied_beside_newer_steps,
    |database| async {
        let store = unmigrated(&database.url()).await;
        let all = store.migrate_up().await.unwrap();
        store.migrate_down(1).await.unwrap();
        newer_step(&database, "m29991231_000001_add_what_is_not_known_yet").await;
        assert_eq!(store.migrate_up().await.unwrap(), all[all.len() - 1..]);
        assert!(store.require_migrated().await.is_ok());
    }
);

on_both!(migrate_false_checks_and_changes_nothing, |database| async {
    let config = two_features(&database.url(), &[("LOGITD_DATABASE__MIGRATE", "false")]);
    drop(database.connect().await);
    let workshop = logitd::app::Workshop::build(
        &config,
        crate::support::app::clock(),
        logitd::app::Cores::All,
        &crate::support::app::telemetry(&config),
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
