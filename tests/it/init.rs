//! `logitd init`: from a table that nobody prepared to a prediction, with no file edited.

use crate::support::app::PATIENCE;
use crate::support::client::Client;
use crate::support::database::on_both;
use crate::support::eventually::eventually;
use crate::support::process::{Launch, Process};
use crate::support::tables::{ColumnKind, create_table, insert_rows};
use logitd::config::{Config, Environment};
use logitd::learning::Missing;
use sea_orm::sea_query::Value;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

mod keys;
mod other_programs;

const TABLE: &str = "Orders; DROP TABLE data; --";
const SCHEMA: &str = "Sales 2026";
const ROWS: i32 = 240;
const COLUMNS: [(&str, ColumnKind); 10] = [
    ("Order No", ColumnKind::TextKey),
    ("select", ColumnKind::Integer),
    ("Order Total", ColumnKind::Numeric),
    ("weight\n[http]", ColumnKind::Real),
    ("distance", ColumnKind::Double),
    ("customer_id", ColumnKind::BigInteger),
    ("constant", ColumnKind::Integer),
    ("no\"te", ColumnKind::Text),
    ("at", ColumnKind::Timestamp),
    ("returned?", ColumnKind::Boolean),
];
const FEATURES: [&str; 4] = ["select", "Order Total", "weight\n[http]", "distance"];

async fn load(db: &DatabaseConnection) {
    create_table(db, TABLE, &COLUMNS).await;
    let rows = (0..ROWS).map(|i| {
        let value = |j: i32| (i * (7 + j) + j * j) % 23;
        let returned = value(0) + value(3) + 5 * (i % 4) > 28;
        let whole = (i % 10 > 0).then(|| value(0));
        let single = (i % 8 > 0).then(|| value(2) as f32 / 4.0);
        vec![
            Value::from(format!("N{i}'--")),
            Value::from(whole),
            Value::from(f64::from(value(1)) / 2.0),
            Value::from(single),
            Value::from(f64::from(value(3)) * 1e3),
            Value::from(i64::from(i) * 13),
            Value::from(1),
            Value::from(format!("note {}", i % 7)),
            Value::from(sea_orm::prelude::DateTimeUtc::UNIX_EPOCH),
            Value::from(returned),
        ]
    });
    let names = COLUMNS.map(|(name, _)| name);
    insert_rows(db, TABLE, &names, rows.collect()).await;
}

fn logitd(directory: &Path, arguments: &[&str]) -> Process {
    Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(arguments)
        .env("LOGITD_HTTP__LISTEN", "127.0.0.1:0")
        .directory(directory)
        .start()
}

/// Runs it to its end: success, standard output, standard error.
async fn run(directory: &Path, arguments: &[&str]) -> (bool, String, String) {
    let mut process = logitd(directory, arguments);
    let status = process.wait_exit(PATIENCE).await;
    (status.success(), process.stdout(), process.stderr())
}

async fn init(directory: &Path, url: &str, more: &[&str]) -> (bool, String, String) {
    let arguments = [&["init", "--database-url", url][..], more].concat();
    run(directory, &arguments).await
}

fn written(directory: &Path) -> (String, Config) {
    let text = std::fs::read_to_string(directory.join("logitd.toml")).unwrap();
    let config = Config::parse(&text, "logitd.toml", &Environment::default());
    (
        text.clone(),
        config.unwrap_or_else(|error| panic!("{error}\n{text}")),
    )
}

/// Trains and serves the configuration as it was written, and asks it once.
async fn predict(directory: &Path, instance: &serde_json::Value) -> serde_json::Value {
    let (trained, said, told) = run(directory, &["train"]).await;
    assert!(trained && said.starts_with("promoted"), "{said}\n{told}");
    let mut service = logitd(directory, &["serve"]);
    let client = Client::new(service.address().await);
    let ready = async || (client.get("/readyz").await.status == 200).then_some(());
    eventually(PATIENCE, "the service is ready", ready).await;
    let answer = client.post_json("/v1/predict", instance).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    service.interrupt();
    assert!(service.wait_exit(PATIENCE).await.success());
    answer.json()
}

on_both!(
    a_table_with_its_own_schema_and_hostile_names_is_served_unedited,
    |database| async {
        let db = database.connect().await;
        load(&db).await;
        let mut words = vec!["--table", TABLE, "--target", "returned?"];
        if database.engine() == Engine::Postgres {
            db.execute_unprepared(&format!("CREATE SCHEMA \"{SCHEMA}\""))
                .await
                .unwrap();
            let moved = format!("ALTER TABLE \"{TABLE}\" SET SCHEMA \"{SCHEMA}\"");
            db.execute_unprepared(&moved).await.unwrap();
            words.extend(["--schema", SCHEMA]);
        }
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let (done, said, told) = init(directory, &database.url(), &words).await;
        assert!(done, "{told}");
        assert!(said.contains("240 rows, 2 classes, 4 features"), "{said}");
        assert!(
            told.contains(r#""select" is null in 24 rows (10.0%)"#),
            "{told}"
        );
        let (text, config) = written(directory);
        let dataset = &config.dataset;
        assert_eq!(dataset.key.as_deref(), Some("Order No"));
        assert_eq!(config.model.name, "Orders-DROP-TABLE-data");
        let features = dataset.learning_schema.features();
        let names: Vec<&str> = features.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, FEATURES);
        let missing = features.iter().map(|f| f.missing == Missing::Mean);
        assert_eq!(missing.collect::<Vec<_>>(), [true, false, true, false]);
        let examples: Vec<f64> = features.iter().filter_map(|f| f.example).collect();
        assert_eq!(examples.len(), 4);
        for seen in [
            "# - looks like an identifier: \"customer_id\"",
            "# - one value only: \"constant\"",
            "# - text: \"no\\\"te\"",
            "# - a date or a time; a view can make a number of it: \"at\"",
            "# observed: 0 to 22000, 23 different values, 0 nulls",
            "# observed: 0 to 5.5, 23 different values, 30 nulls",
        ] {
            assert!(text.contains(seen), "{seen} is missing in\n{text}");
        }
        let mode = std::fs::metadata(directory.join("logitd.toml"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);

        let instance = json!({"Order Total": 3.5, "weight\n[http]": 2.0, "distance": 4000});
        let answer = predict(directory, &instance).await;
        let shares = &answer["probabilities"];
        assert!(
            shares["true"].is_f64() && shares["false"].is_f64(),
            "{answer}"
        );
        assert_eq!(answer["warnings"][0]["kind"], "imputed", "{answer}");
    }
);

on_both!(a_view_without_a_key_is_served_unedited, |database| async {
    let db = database.connect().await;
    load(&db).await;
    let view = format!(
        "CREATE VIEW shown AS SELECT \"select\" AS whole, distance, \"returned?\" AS returned, \
         'x' AS same FROM \"{TABLE}\""
    );
    db.execute_unprepared(&view).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let words = ["--table", "shown", "--target", "returned"];
    let (done, _, told) = init(directory, &database.url(), &words).await;
    assert!(done, "{told}");
    let (text, config) = written(directory);
    assert_eq!(config.dataset.key, None);
    assert!(
        text.contains("# - text, and one value only: \"same\""),
        "{text}"
    );
    let answer = predict(directory, &json!({"whole": 3, "distance": 12_000.0})).await;
    assert!(answer["label"].is_string(), "{answer}");
});

on_both!(
    medians_and_rare_classes_are_those_of_the_rows,
    |database| async {
        let db = database.connect().await;
        let columns = [
            ("a", ColumnKind::Numeric),
            ("b", ColumnKind::Real),
            ("class", ColumnKind::Integer),
        ];
        create_table(&db, "data", &columns).await;
        let rows = (0..50_i32).map(|i| {
            let label = (i != 7).then_some(i32::from(i == 3) + 9);
            let odd = f64::from((i * 7) % 50) * f64::from(i % 2 * 2 - 1);
            vec![
                Value::from(odd),
                Value::from(0.25_f32 * i as f32),
                Value::from(label),
            ]
        });
        insert_rows(&db, "data", &["a", "b", "class"], rows.collect()).await;
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let words = [
            "--table",
            "data",
            "--target",
            "class",
            "--feature",
            "b",
            "--feature",
            "a",
        ];
        let (done, _, told) = init(directory, &database.url(), &words).await;
        assert!(done, "{told}");
        assert!(
            told.contains("49 labelled rows, and training takes 100"),
            "{told}"
        );
        assert!(told.contains(r#"the class "10" is rare: 2.0%"#), "{told}");
        let (text, config) = written(directory);
        let mut odd: Vec<f64> = (0..50_i32)
            .map(|i| f64::from((i * 7) % 50) * f64::from(i % 2 * 2 - 1))
            .collect();
        odd.sort_by(f64::total_cmp);
        let features = config.dataset.learning_schema.features();
        let examples: Vec<_> = features
            .iter()
            .map(|f| (f.name.as_str(), f.example))
            .collect();
        assert_eq!(examples, [("b", Some(6.0)), ("a", Some(odd[24]))]);
        assert!(text.contains("# - \"9\": 48 rows, 98.0%"), "{text}");
        assert!(text.contains("# 1 row has no label"), "{text}");
    }
);

on_both!(
    what_cannot_be_done_is_told_with_what_to_do,
    |database| async {
        let db = database.connect().await;
        load(&db).await;
        let key = if database.engine() == Engine::Postgres {
            "float8"
        } else {
            "REAL"
        };
        let pairs = format!(
            "CREATE TABLE pairs (a INTEGER, b INTEGER, c {key}, d TEXT, PRIMARY KEY (a, b))"
        );
        db.execute_unprepared(&pairs).await.unwrap();
        db.execute_unprepared("INSERT INTO pairs VALUES (1, 1, 0.5, 'x'), (1, 2, 1.5, 'y')")
            .await
            .unwrap();
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        for (words, expected) in [
            (
                &["--table", "pair", "--target", "d"][..],
                "the nearest there is: \"pairs\"",
            ),
            (
                &["--table", "pairs", "--target", "dd"],
                "find the column \"dd\"",
            ),
            (
                &["--table", "pairs", "--target", "d", "--feature", "cc"],
                "find the column \"cc\"",
            ),
            (
                &["--table", "pairs", "--target", "d", "--key", "a"],
                "1 different values in 2 rows",
            ),
            (
                &["--table", "pairs", "--target", "d", "--feature", "d"],
                "as a feature and as the target",
            ),
        ] {
            let (done, said, told) = init(directory, &database.url(), words).await;
            assert!(!done && said.is_empty(), "{words:?}: {said}");
            assert!(told.contains(expected), "{words:?}: {told}");
            assert!(!directory.join("logitd.toml").exists(), "{words:?}");
        }
        let (done, _, told) = init(
            directory,
            &database.url(),
            &["--table", "pairs", "--target", "c", "--feature", "a"],
        )
        .await;
        match database.engine() {
            Engine::Postgres => {
                let why = "the target, which takes text, an integer or a boolean; a view can make";
                assert!(!done && told.contains(why), "{told}");
            }
            // Only the values tell.
            Engine::Sqlite => {
                assert!(
                    done && told.contains("the target is a fraction or a blob in 2 rows"),
                    "{told}"
                );
                std::fs::remove_file(directory.join("logitd.toml")).unwrap();
            }
        }
        let words = ["--table", "pairs", "--target", "d"];
        let (done, _, told) = init(directory, &database.url(), &words).await;
        assert!(
            done && told.contains("the primary key has 2 columns"),
            "{told}"
        );
        let (before, config) = written(directory);
        assert_eq!(
            (
                config.dataset.key,
                config.dataset.learning_schema.features().len()
            ),
            (None, 1)
        );

        let words = ["--table", TABLE, "--target", "returned?"];
        let (done, _, told) = init(directory, &database.url(), &words).await;
        assert!(
            !done && told.contains("there already; --force does it"),
            "{told}"
        );
        assert_eq!(written(directory).0, before);
        let forced = [&words[..], &["--force"]].concat();
        assert!(init(directory, &database.url(), &forced).await.0);
        assert_ne!(written(directory).0, before);
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_lets_nobody_in_is_told_without_the_password() {
    let cluster = crate::support::postgres::Cluster::shared();
    let url = cluster.url(&cluster.create_database());
    let url = url.replace("logitd@", "nobody:hunter2@");
    let directory = tempfile::tempdir().unwrap();
    let words = ["--table", "data", "--target", "class"];
    let missing = "sqlite://missing.db";
    for (url, shown) in [
        (url.as_str(), "reach postgres://nobody:***@"),
        (missing, missing),
        ("mysql://u:hunter2@h/db", "take --database-url"),
    ] {
        let (done, _, told) = init(directory.path(), url, &words).await;
        assert!(!done && told.contains(shown), "{told}");
        assert!(
            told.contains("--database-url") && !told.contains("hunter2"),
            "{told}"
        );
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
