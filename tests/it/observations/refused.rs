//! What cannot be written: told at once and by its place, or before the service starts.

use super::{CONFIGURATION, listed, put, service};
use crate::support::app::{TestApp, clock, config, telemetry};
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::postgres::Cluster;
use crate::support::tables::{ColumnKind, count_rows, create_table};
use logitd::app::App;
use logitd::config::Config;
use sea_orm::sea_query::{ColumnDef, Expr, ExprTrait, Table};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};
use std::sync::Arc;

/// The faults of a refused request as `pointer: detail`.
pub(super) fn told(problem: &Value) -> Vec<String> {
    let faults = problem["errors"].as_array().unwrap().iter();
    faults
        .map(|fault| {
            let text = |member: &str| fault[member].as_str().unwrap_or_default().to_owned();
            format!("{}: {}", text("pointer"), text("detail"))
        })
        .collect()
}

on_both!(
    every_fault_is_told_at_once_and_nothing_is_written,
    |database| async {
        let app = service(&database, ColumnKind::IntegerKey, ColumnKind::Boolean).await;
        let many = json!({"observations": [
            {"key": 1, "features": {"size": 1, "age": 2}, "label": true},
            {"key": "x", "features": {"size": -1, "age": 2.5}, "label": "perhaps"},
            {"key": 2, "features": {"age": 0.5, "aeg": 1}, "label": "true"},
            {"key": 1, "features": {"size": 1}, "label": true, "note": "again"},
        ]});
        let problem = app.client.post_json("/v1/observations", &many).await;
        let problem = problem.problem("invalid_instance");
        let mut found = told(&problem);
        found.sort();
        let mut expected = [
            "/observations/1/features/size: must be at least 0, found -1",
            "/observations/1/key: expected an integer, as the column takes, found the text \"x\"",
            "/observations/1/features/age: expected an integer, as the column takes, found 2.5",
            "/observations/1/label: expected true or false, as the column takes, found \"perhaps\"",
            "/observations/2/features/size: is missing",
            "/observations/2/features/aeg: is not a feature; did you mean \"age\"?",
            "/observations/2/features/age: expected an integer, as the column takes, found 0.5",
            "/observations/3/note: is not expected here",
            "/observations/3/key: is the key of /observations/0 too",
        ];
        expected.sort_unstable();
        // SQLite keeps any number in any column and loses nothing.
        let of_age = |line: &&&str| database.engine() == Engine::Postgres || !line.contains("/age");
        let expected: Vec<&str> = expected.iter().filter(of_age).copied().collect();
        assert_eq!(found, expected);
        let words = format!(
            "{} values of the observations cannot be used",
            expected.len()
        );
        assert_eq!(problem["detail"], words);
        assert_eq!(count_rows(&database.connect().await, "rows").await, 0);
    }
);

on_both!(
    what_only_the_database_refuses_is_told_by_its_row,
    |database| async {
        let db = database.connect().await;
        let at_most_five = Expr::col("size").lte(5.0);
        let mut column = ColumnDef::new("size");
        column.double().check(at_most_five);
        make(
            &db,
            ColumnDef::new("id").integer().primary_key(),
            vec![column],
        )
        .await;
        let app = TestApp::start(configuration(&database)).await;
        let row =
            |key: i32, size: f64| json!({"key": key, "features": {"size": size}, "label": "x"});
        let many = json!({"observations": [row(3, 1.0), row(2, 9.0), row(1, 5.0), row(0, 7.0)]});
        let problem = app.client.post_json("/v1/observations", &many).await;
        let found = told(&problem.problem("invalid_instance"));
        let places: Vec<&str> = found
            .iter()
            .filter_map(|line| line.split(':').next())
            .collect();
        assert_eq!(places, ["/observations/1", "/observations/3"], "{found:?}");
        assert!(listed(&app, 20).await.is_empty(), "all or nothing");
        let problem = put(&app, "1", &json!({"features": {"size": 6}, "label": "x"})).await;
        problem.problem("invalid_instance");
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_names_no_key_is_refused() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, ColumnKind::IntegerKey, ColumnKind::Text).await;
    let value = json!({"features": {"size": 1}, "label": "x"});
    for key in ["a", "07", "+7", "7.0", "99999999999999999999", "7%20"] {
        let path = format!("/v1/observations/{key}");
        for method in ["GET", "DELETE"] {
            let answer = app.client.request(method, &path, &[], "").await;
            let problem = answer.problem("invalid_parameter");
            assert_eq!(problem["errors"][0]["parameter"], "key", "{key}");
        }
        let json = [("content-type", "application/json")];
        let answer = app
            .client
            .request("PUT", &path, &json, value.to_string())
            .await;
        answer.problem("invalid_parameter");
    }
    let other = json!({"key": 8, "features": {"size": 1}, "label": "x"});
    let problem = put(&app, "7", &other).await.problem("invalid_instance");
    assert_eq!(
        told(&problem),
        ["/key: is another than the key in the address; leave it out"]
    );
    for query in [
        "limit=0",
        "cursor=7",
        "cursor=ox",
        "cursor=oi7x",
        "limit=x&cursor=x",
    ] {
        let path = format!("/v1/observations?{query}");
        app.client.get(&path).await.problem("invalid_parameter");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_enabled_is_not_there() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let columns = [("id", ColumnKind::IntegerKey), ("class", ColumnKind::Text)];
    create_table(&database.connect().await, "rows", &columns).await;
    let off = [("LOGITD_OBSERVATIONS__ENABLED", "false")];
    let app = TestApp::start(config(CONFIGURATION, &database.url(), &off)).await;
    app.client
        .get("/v1/observations")
        .await
        .problem("not_found");
    app.client
        .get("/v1/observations/1")
        .await
        .problem("not_found");
    let document = app.client.get("/openapi.json").await;
    assert!(!document.text().to_lowercase().contains("observation\""));
    assert!(!document.text().contains("/v1/observations"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_is_store_unavailable_and_faults_are_told_all_the_same() {
    let cluster = Arc::new(Cluster::private());
    let database = TestDatabase::within(&cluster);
    let app = service(&database, ColumnKind::IntegerKey, ColumnKind::Text).await;
    let row = json!({"key": 1, "features": {"size": 1}, "label": "x"});
    assert_eq!(
        app.client.post_json("/v1/observations", &row).await.status,
        200
    );
    cluster.stop();
    let value = json!({"features": {"size": 1}, "label": "x"});
    let answers = [
        app.client.post_json("/v1/observations", &row).await,
        app.client.get("/v1/observations").await,
        app.client.get("/v1/observations/1").await,
        put(&app, "1", &value).await,
        super::delete(&app, "1").await,
    ];
    for answer in answers {
        assert!(answer.header("retry-after").is_some());
        answer.problem("store_unavailable");
    }
    let wrong = json!({"key": 1, "features": {"size": "large"}, "label": "x"});
    let answer = app.client.post_json("/v1/observations", &wrong).await;
    answer.problem("invalid_instance");
    cluster.start();
    let again = async || {
        let answer = app.client.get("/v1/observations/1").await;
        (answer.status == 200).then_some(())
    };
    let patience = crate::support::app::PATIENCE;
    crate::support::eventually::eventually(patience, "the database is back", again).await;
}

fn configuration(database: &TestDatabase) -> Config {
    config(CONFIGURATION, &database.url(), &[])
}

/// The table `rows` with this key and these columns beside `age` and `class`.
async fn make(db: &DatabaseConnection, key: &mut ColumnDef, columns: Vec<ColumnDef>) {
    let mut table = Table::create();
    table.table("rows").col(key.take());
    for column in columns {
        table.col(column);
    }
    table.col(ColumnDef::new("age").double());
    table.col(ColumnDef::new("class").text());
    db.execute(&table).await.expect("create a table");
}

/// What the start says of the table.
async fn start(database: &TestDatabase) -> Option<String> {
    let config = configuration(database);
    let telemetry = telemetry(&config);
    let built = App::build(config, clock(), telemetry).await;
    let error = built.err()?;
    let source = std::error::Error::source(&error).map(ToString::to_string);
    Some(format!("{error}: {}", source.unwrap_or_default()))
}

fn size() -> Vec<ColumnDef> {
    vec![ColumnDef::new("size").double().take()]
}

on_both!(a_table_that_fits_is_not_refused, |database| async {
    let mut with_default = ColumnDef::new("made_at");
    with_default.text().not_null().default("now");
    let mut nullable = ColumnDef::new("remark");
    nullable.text();
    let more = [size(), vec![with_default, nullable]].concat();
    make(
        &database.connect().await,
        ColumnDef::new("id").big_integer().primary_key(),
        more,
    )
    .await;
    assert_eq!(start(&database).await, None);
});

on_both!(
    a_table_with_a_key_of_its_own_besides_fits,
    |database| async {
        let mut id = ColumnDef::new("id");
        id.text().not_null().unique_key();
        let mut own = ColumnDef::new("row_number");
        own.integer().not_null().auto_increment().primary_key();
        make(
            &database.connect().await,
            &mut id,
            [size(), vec![own]].concat(),
        )
        .await;
        assert_eq!(start(&database).await, None);
        let app = TestApp::start(configuration(&database)).await;
        let row = json!({"key": "a", "features": {"size": 1}, "label": "x"});
        let answer = app.client.post_json("/v1/observations", &row).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
);

on_both!(
    columns_that_must_be_given_are_refused_by_name,
    |database| async {
        let required =
            ["ward", "doctor \"x\""].map(|name| ColumnDef::new(name).text().not_null().take());
        let more = [size(), required.to_vec()].concat();
        make(
            &database.connect().await,
            ColumnDef::new("id").integer().primary_key(),
            more,
        )
        .await;
        let told = start(&database).await.unwrap();
        let expected = "serve observations: write observations into the table \"rows\": \"ward\", \
        \"doctor \\\"x\\\"\" must be given and is neither key, feature, target nor order; give \
        it a default, or let it be null";
        assert_eq!(told, expected);
    }
);

on_both!(a_key_that_is_not_unique_is_refused, |database| async {
    let db = database.connect().await;
    make(&db, ColumnDef::new("id").integer().not_null(), size()).await;
    let told = start(&database).await.unwrap();
    assert!(
        told.ends_with("its key \"id\" has no unique index of its own"),
        "{told}"
    );
});

on_both!(a_key_of_another_type_is_refused, |database| async {
    let db = database.connect().await;
    make(
        &db,
        ColumnDef::new("id").double().not_null().primary_key(),
        size(),
    )
    .await;
    let told = start(&database).await.unwrap();
    assert!(told.contains("use the column \"id\" of type"), "{told}");
    assert!(
        told.ends_with("as the key of observations, which takes an integer type, text or varchar")
    );
});

on_both!(a_view_is_refused, |database| async {
    let db = database.connect().await;
    let columns = [
        ("id", ColumnKind::IntegerKey),
        ("size", ColumnKind::Double),
        ("age", ColumnKind::Double),
        ("class", ColumnKind::Text),
    ];
    create_table(&db, "behind", &columns).await;
    db.execute_unprepared("CREATE VIEW rows AS SELECT * FROM behind")
        .await
        .unwrap();
    let told = start(&database).await.unwrap();
    assert!(
        told.ends_with("it is a view, and rows go into a table"),
        "{told}"
    );
});

on_both!(a_table_that_is_not_there_is_refused, |database| async {
    database.connect().await;
    let told = start(&database).await.unwrap();
    assert!(told.contains("find the table \"rows\""), "{told}");
});

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_asked_at_the_start_is_no_refusal() {
    let url = "postgres://nobody:secret@127.0.0.1:1/nothing";
    let quick = [("LOGITD_DATABASE__ACQUIRE_TIMEOUT_MS", "300")];
    let app = TestApp::start(config(CONFIGURATION, url, &quick)).await;
    let answer = app.client.get("/v1/observations").await;
    answer.problem("store_unavailable");
}
