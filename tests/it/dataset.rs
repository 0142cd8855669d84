//! Any table becomes a training set, and every row that cannot be used is told.

mod dialects;

use crate::support::app::{breast_cancer, config, two_features, workshop};
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::rows::{load_breast_cancer, load_two_features};
use crate::support::tables::{ColumnKind, count_rows, create_table, insert_rows};
use crate::support::training::{train, train_champion};
use logitd::config::Config;
use sea_orm::sea_query::Value;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::sync::atomic::{AtomicBool, Ordering};

/// A configuration over the table `mixed` with these features (as TOML) and this target.
fn mixed(url: &str, key: &str, target: &str, features: &str) -> Config {
    let text = format!(
        "[model]\nname = \"mixed\"\n[database]\nurl = \"sqlite://x\"\n[dataset]\ntable = \"mixed\"\n\
         {key}\ntarget = \"{target}\"\n[training]\nminimum_rows = 20\n{features}"
    );
    config(&text, url, &[])
}

fn features(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("[[dataset.features]]\nname = \"{name}\"\n"))
        .collect()
}

/// A number in [-1, 1) that depends on nothing but its place.
fn noise(place: i32) -> f64 {
    let mixed = u64::from(place.unsigned_abs()).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11;
    mixed as f64 / (1_u64 << 52) as f64 - 1.0
}

const KINDS: [(&str, ColumnKind); 6] = [
    ("small", ColumnKind::SmallInteger),
    ("whole", ColumnKind::Integer),
    ("big", ColumnKind::BigInteger),
    ("single", ColumnKind::Real),
    ("double", ColumnKind::Double),
    ("exact", ColumnKind::Numeric),
];

async fn load_every_kind(db: &DatabaseConnection) {
    let mut columns = vec![("name", ColumnKind::TextKey)];
    columns.extend(KINDS);
    columns.push(("good", ColumnKind::Boolean));
    create_table(db, "mixed", &columns).await;
    let rows = (0..200).map(|i: i32| {
        let (a, b) = (noise(i), noise(i + 1000));
        vec![
            Value::from(format!("row {i}")),
            Value::from((a * 100.0) as i16),
            Value::from((b * 1000.0) as i32),
            Value::from(i64::from(i % 7)),
            Value::from((a * 0.5) as f32),
            Value::from(b),
            Value::from(noise(i + 5000)),
            Value::from(a + b + noise(i + 9000) > 0.0),
        ]
    });
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    insert_rows(db, "mixed", &names, rows.collect()).await;
}

on_both!(
    every_numeric_type_is_a_feature_and_a_boolean_a_label,
    |database| async {
        load_every_kind(&database.connect().await).await;
        let names = KINDS.map(|(name, _)| name);
        let config = mixed(&database.url(), "key = \"name\"", "good", &features(&names));
        let champion = train_champion(&config).await;
        assert_eq!(champion.classifier().classes().names(), ["false", "true"]);
        assert_eq!(champion.classifier().classes().positive(), "true");
        let rows = champion.version().content.trained.rows;
        assert_eq!((rows.fitted, rows.refused, rows.unlabelled), (200, 0, 0));
        let evaluation = champion
            .version()
            .content
            .trained
            .evaluation
            .clone()
            .unwrap();
        assert!(evaluation.roc_auc.unwrap() > 0.8, "{evaluation:?}");
    }
);

/// The rows that can be used, and some that cannot, each in a way both databases have.
async fn load_faulty(db: &DatabaseConnection, engine: Engine) {
    let columns = [
        ("id", ColumnKind::IntegerKey),
        ("a", ColumnKind::Double),
        ("b", ColumnKind::Double),
        ("class", ColumnKind::Integer),
    ];
    create_table(db, "mixed", &columns).await;
    let row = |id: i32, a: Value, b: Value, class: Value| vec![Value::from(id), a, b, class];
    let mut rows: Vec<Vec<Value>> = (0..100)
        .map(|i| {
            let a = noise(i);
            let class = i32::from(a + noise(i + 100) > 0.0);
            row(
                i,
                Value::from(a),
                Value::from(noise(i + 50)),
                Value::from(class),
            )
        })
        .collect();
    let null = || Value::from(None::<f64>);
    rows.push(row(1000, null(), 0.5.into(), 1.into()));
    rows.push(row(1001, f64::INFINITY.into(), 0.5.into(), 1.into()));
    rows.push(row(1002, 0.5.into(), 7.5.into(), 1.into()));
    rows.push(row(1003, 0.5.into(), 0.5.into(), Value::from(None::<i32>)));
    rows.push(row(1004, 0.5.into(), null(), 0.into()));
    rows.push(row(1005, 0.5.into(), 0.5.into(), 9.into()));
    if engine == Engine::Sqlite {
        for (id, text) in [(2000, "abc"), (2001, "12,5"), (2002, "")] {
            rows.push(row(id, text.into(), 0.5.into(), 1.into()));
        }
        rows.push(row(2003, Value::from(vec![1_u8, 2]), 0.5.into(), 1.into()));
        rows.push(row(2004, 0.5.into(), 0.5.into(), 1.5.into()));
    }
    let names = columns.map(|(name, _)| name);
    insert_rows(db, "mixed", &names, rows).await;
}

on_both!(
    a_row_that_cannot_be_used_is_told_with_its_key_and_reason,
    |database| async {
        load_faulty(&database.connect().await, database.engine()).await;
        let features = "[[dataset.features]]\nname = \"a\"\nmaximum = 5\n\
                    [[dataset.features]]\nname = \"b\"\nmaximum = 5\nmissing = \"mean\"\n";
        let config = mixed(
            &database.url(),
            "key = \"id\"\nclasses = [\"0\", \"1\"]",
            "class",
            features,
        );
        let run = train(&config).await;
        let mut told: Vec<String> = run
            .refused
            .iter()
            .map(|row| {
                format!(
                    "{} {}: {}",
                    row.key.as_deref().unwrap(),
                    row.column,
                    row.reason
                )
            })
            .collect();
        told.sort();
        let rows = run.rows.unwrap();
        assert_eq!((rows.unlabelled, rows.usable), (1, 101), "{told:?}");
        assert_eq!(rows.refused as usize, told.len());
        let both = told
            .iter()
            .filter(|line| line.starts_with('1'))
            .cloned()
            .collect::<Vec<_>>();
        insta::assert_snapshot!("refused_on_both", both.join("\n"));
        if database.engine() == Engine::Sqlite {
            let only: Vec<_> = told
                .iter()
                .filter(|line| line.starts_with('2'))
                .cloned()
                .collect();
            insta::assert_snapshot!("refused_on_sqlite", only.join("\n"));
        }
    }
);

on_both!(
    what_is_not_there_is_refused_by_name_with_the_nearest,
    |database| async {
        load_breast_cancer(&database.connect().await).await;
        let fault = async |overrides: &[(&str, &str)]| {
            let run = train(&breast_cancer(&database.url(), overrides)).await;
            assert_eq!(run.status, "failed");
            let error = run.error.unwrap();
            assert_eq!(error.code, "not_trainable");
            error.detail
        };
        let table = fault(&[("LOGITD_DATASET__TABLE", "brest_cancer")]).await;
        let said =
            r#"failed to find the table "brest_cancer"; the nearest there is: "breast_cancer""#;
        assert_eq!(table, said);
        let target = fault(&[("LOGITD_DATASET__TARGET", "diagnose")]).await;
        assert!(target.contains(r#"column "diagnose""#), "{target}");
        assert!(
            target.contains(r#"the nearest there is: "diagnosis""#),
            "{target}"
        );
        let feature = fault(&[("LOGITD_DATASET__FEATURES", "[{name=\"mean_aria\"}]")]).await;
        assert!(feature.contains(r#"column "mean_aria""#), "{feature}");
        assert!(
            feature.contains(r#"the nearest there is: "mean_area""#),
            "{feature}"
        );
    }
);

on_both!(
    a_table_without_a_key_and_a_view_are_read_too,
    |database| async {
        let db = database.connect().await;
        load_two_features(&db, 300, 7).await;
        let champion = train_champion(&two_features(&database.url(), &[])).await;
        assert_eq!(champion.version().content.split.column, None);
        assert_eq!(champion.version().content.trained.rows.fitted, 300);
        let elsewhere = [
            ("LOGITD_DATASET__TABLE", "shown"),
            ("LOGITD_MODEL__NAME", "of-the-view"),
        ];
        // The one thing that the query builder cannot make, and only a test needs.
        db.execute_unprepared("CREATE VIEW shown AS SELECT * FROM data")
            .await
            .unwrap();
        let viewed = train_champion(&two_features(&database.url(), &elsewhere)).await;
        let of =
            |model: &logitd::serving::ServedModel| model.version().content.data_fingerprint.clone();
        assert_eq!(of(&viewed), of(&champion));
    }
);

on_both!(a_target_of_an_unfit_type_is_refused, |database| async {
    let db = database.connect().await;
    load_two_features(&db, 300, 7).await;
    let swapped = [
        ("LOGITD_DATASET__TARGET", "feature_1"),
        ("LOGITD_DATASET__FEATURES", "[{name=\"class\"}]"),
    ];
    let run = train(&two_features(&database.url(), &swapped)).await;
    assert_eq!(run.status, "failed");
    let error = run.error.unwrap();
    assert_eq!(error.code, "not_trainable");
    if database.engine() == Engine::Postgres {
        let said = "failed to use the column \"feature_1\" of type float8 as the target, \
                    which takes text, an integer or a boolean";
        assert_eq!(error.detail, said);
    } else {
        assert_eq!(
            run.rows.unwrap().refused,
            300,
            "each value has a type of its own there"
        );
    }
});

on_both!(
    rows_that_come_while_reading_are_not_seen,
    |database| async {
        let db = database.connect().await;
        load_two_features(&db, 3000, 7).await;
        let config = two_features(&database.url(), &[]);
        let workshop = workshop(&config).await;
        let added = AtomicBool::new(false);
        let (runtime, writer) = (tokio::runtime::Handle::current(), db.clone());
        let read =
            workshop
                .database
                .read_observations(&workshop.table, &workshop.schema, 0, |_| {
                    if !added.swap(true, Ordering::Relaxed) {
                        let (runtime, writer) = (runtime.clone(), writer.clone());
                        let adding =
                            std::thread::spawn(move || runtime.block_on(add_rows(&writer)));
                        tokio::task::block_in_place(|| adding.join().unwrap());
                    }
                    true
                });
        let rows = read.await.unwrap().expect("nobody stopped it");
        assert!(added.load(Ordering::Relaxed));
        assert_eq!(rows.counts().read, 3000);
        assert_eq!(count_rows(&db, "data").await, 3500);
    }
);

async fn add_rows(db: &DatabaseConnection) {
    let rows = (0..500).map(|i| {
        vec![
            Value::from(noise(i)),
            Value::from(noise(i + 1)),
            Value::from(i % 2),
        ]
    });
    insert_rows(
        db,
        "data",
        &["feature_1", "feature_2", "class"],
        rows.collect(),
    )
    .await;
}

on_both!(reading_stops_when_it_is_told_to, |database| async {
    load_two_features(&database.connect().await, 3000, 7).await;
    let workshop = workshop(&two_features(&database.url(), &[])).await;
    let read = workshop
        .database
        .read_observations(&workshop.table, &workshop.schema, 0, |_| false);
    assert!(read.await.unwrap().is_none());
});

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_give_the_same_split_and_the_same_model() {
    let mut learned = Vec::new();
    for engine in Engine::BOTH {
        let database = TestDatabase::new(engine).await;
        load_breast_cancer(&database.connect().await).await;
        let champion = train_champion(&breast_cancer(&database.url(), &[])).await;
        let content = &champion.version().content;
        let row: Vec<f64> = champion
            .feature_profiles()
            .iter()
            .map(|of| of.maximum)
            .collect();
        let odds = champion.classifier().scores(&row)[0].to_bits();
        learned.push((content.data_fingerprint.clone(), content.trained.rows, odds));
    }
    assert_eq!(learned[0], learned[1]);
}
