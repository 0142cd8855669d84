//! What only one of the two databases has.

use super::{features, mixed};
use crate::support::app::two_features;
use crate::support::database::{Engine, TestDatabase};
use crate::support::rows::load_two_features;
use crate::support::training::{champion, train, train_champion};
use sea_orm::ConnectionTrait;

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_in_a_file_of_another_program_is_only_read() {
    let (own, other) = (
        TestDatabase::new(Engine::Sqlite).await,
        TestDatabase::new(Engine::Sqlite).await,
    );
    let db = other.connect().await;
    load_two_features(&db, 300, 7).await;
    db.close().await.unwrap();
    let path = other.url().trim_start_matches("sqlite://").to_owned();
    let before = std::fs::read(&path).unwrap();
    let url = other.url();
    train_champion(&two_features(&own.url(), &[("LOGITD_DATASET__URL", &url)])).await;
    assert!(
        std::fs::read(&path).unwrap() == before,
        "the file was written to"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn decimals_beyond_a_double_are_refused_rows() {
    let database = TestDatabase::new(Engine::Postgres).await;
    let db = database.connect().await;
    load_two_features(&db, 200, 7).await;
    db.execute_unprepared("CREATE TABLE mixed AS SELECT feature_1::numeric AS a, class FROM data")
        .await
        .unwrap();
    db.execute_unprepared("INSERT INTO mixed VALUES ('1e400'::numeric, 1), ('NaN'::numeric, 0)")
        .await
        .unwrap();
    let run = train(&mixed(&database.url(), "", "class", &features(&["a"]))).await;
    assert_eq!(run.status, "promoted", "{:?}", run.error);
    let rows = run.rows.unwrap();
    assert_eq!((rows.read, rows.refused), (202, 2), "{:?}", run.refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn enumerations_domains_and_a_schema_of_its_own_are_read_on_postgresql() {
    let database = TestDatabase::new(Engine::Postgres).await;
    let db = database.connect().await;
    load_two_features(&db, 200, 7).await;
    for statement in [
        "CREATE SCHEMA \"My Schema\"",
        "CREATE TYPE \"My Schema\".verdict AS ENUM ('bad', 'good')",
        "CREATE DOMAIN \"My Schema\".share AS double precision CHECK (value < 1e9)",
        "CREATE MATERIALIZED VIEW \"My Schema\".mixed AS SELECT feature_1::\"My Schema\".share AS a, \
         (CASE class WHEN 1 THEN 'good' ELSE 'bad' END)::\"My Schema\".verdict AS verdict FROM data",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let key = "schema = \"My Schema\"";
    let champion = train_champion(&mixed(&database.url(), key, "verdict", &features(&["a"]))).await;
    assert_eq!(champion.classifier().classes().names(), ["bad", "good"]);
    assert_eq!(champion.version().content.split.table, "My Schema.mixed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boolean_of_sqlite_is_one_however_it_is_declared() {
    for declared in ["bool", "BOOLEAN", "Bool"] {
        let database = TestDatabase::new(Engine::Sqlite).await;
        let db = database.connect().await;
        load_two_features(&db, 200, 7).await;
        let made = format!("CREATE TABLE mixed (a REAL, seen {declared}, class {declared})");
        db.execute_unprepared(&made).await.unwrap();
        let filled = "INSERT INTO mixed SELECT feature_1, class, class FROM data";
        db.execute_unprepared(filled).await.unwrap();
        let poor = "INSERT INTO mixed VALUES (0.5, 1, 'perhaps'), (0.5, 1, 2)";
        db.execute_unprepared(poor).await.unwrap();
        let config = mixed(&database.url(), "", "class", &features(&["a"]));
        let run = train(&config).await;
        let told: Vec<&str> = run.refused.iter().map(|row| row.reason.as_str()).collect();
        let expected = "expected a text, an integer or a boolean, found";
        let poor = [
            "the text \"perhaps\" in a boolean column",
            "2 in a boolean column",
        ];
        assert_eq!(
            told,
            poor.map(|found| format!("{expected} {found}")),
            "{declared}"
        );
        let champion = champion(&config).await.unwrap();
        assert_eq!(champion.classifier().classes().names(), ["false", "true"]);
    }
}
