//! Observations of a table whose rows a column orders: what it takes is written, and answered so that
//! it can be sent back.

use super::refused::told;
use super::{CONFIGURATION, listed, put};
use crate::support::app::{TestApp, clock, config, telemetry};
use crate::support::client::Answer;
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::tables::count_rows;
use crate::support::training::train_champion;
use logitd::app::App;
use logitd::config::Config;
use logitd::learning::OrderValue;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{ColumnDef, Table};
use serde_json::{Value, json};

/// Only the tests work off runs.
fn ordered(database: &TestDatabase, order: &str) -> Config {
    let overrides = [
        ("LOGITD_DATASET__ORDER", order),
        ("LOGITD_TRAINING__WORKER", "false"),
    ];
    config(CONFIGURATION, &database.url(), &overrides)
}

/// The table of [`CONFIGURATION`] with this column besides, which must be given.
async fn make(database: &TestDatabase, at: &mut ColumnDef) {
    let mut table = Table::create();
    table
        .table("rows")
        .col(ColumnDef::new("id").big_integer().primary_key())
        .col(ColumnDef::new("size").double())
        .col(ColumnDef::new("age").integer())
        .col(ColumnDef::new("class").text())
        .col(at.not_null());
    database.connect().await.execute(&table).await.unwrap();
}

async fn service(database: &TestDatabase, at: &mut ColumnDef) -> TestApp {
    make(database, at).await;
    TestApp::start(ordered(database, "at")).await
}

fn row(key: i64, order: &Value) -> Value {
    json!({"key": key, "features": {"size": 1}, "label": "x", "order": order})
}

async fn write(app: &TestApp, body: &Value) -> Answer {
    app.client.post_json("/v1/observations", body).await
}

/// Writes the order under a key of its own, and gives it as it is shown.
async fn shown(app: &TestApp, key: i64, order: &Value) -> Value {
    let answer = write(app, &row(key, order)).await;
    assert_eq!(answer.status, 200, "{order}: {}", answer.text());
    let path = format!("/v1/observations/{key}");
    let stored = app.client.get(&path).await.json();
    // What was read can be sent back.
    let again = put(app, &key.to_string(), &stored).await;
    assert_eq!(
        (again.status, again.json()),
        (200, stored.clone()),
        "{order}"
    );
    stored["order"].clone()
}

fn at() -> ColumnDef {
    ColumnDef::new("at")
}

on_both!(a_time_is_taken_and_answered_as_rfc_3339, |database| async {
    let app = service(&database, at().timestamp_with_time_zone()).await;
    for (key, (given, expected)) in (1..).zip([
        ("2026-11-22T04:00:04.12+01:00", "2026-11-22T03:00:04.120Z"),
        ("2026-11-22T03:00:04Z", "2026-11-22T03:00:04Z"),
        ("2026-11-22t03:00:04.000001z", "2026-11-22T03:00:04.000001Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z"),
    ]) {
        assert_eq!(shown(&app, key, &given.into()).await, expected, "{given}");
    }
    let replaced = write(&app, &row(1, &"2027-01-01T00:00:00Z".into())).await;
    assert_eq!(replaced.status, 200);
    let rows = listed(&app, 2).await;
    assert_eq!(
        (rows.len(), &rows[0]["order"]),
        (5, &json!("2027-01-01T00:00:00Z"))
    );
});

on_both!(
    times_without_a_zone_and_dates_keep_what_they_can,
    |database| async {
        let times = service(&database, at().timestamp()).await;
        let given = "2026-11-22T04:00:04.5+01:00".into();
        assert_eq!(shown(&times, 1, &given).await, "2026-11-22T03:00:04.500Z");

        let database = TestDatabase::new(database.engine()).await;
        let dates = service(&database, at().date()).await;
        assert_eq!(shown(&dates, 1, &"2026-11-22".into()).await, "2026-11-22");
        let midnight = "2026-11-22T00:00:00Z".into();
        assert_eq!(shown(&dates, 2, &midnight).await, "2026-11-22");
        let hours = write(&dates, &row(3, &"2026-11-22T03:00:00Z".into())).await;
        let refused = told(&hours.problem("invalid_instance"));
        let expected = "/order: expected a date, such as 2026-11-22, as the column takes, found \
        \"2026-11-22T03:00:00Z\"";
        assert_eq!(refused, [expected]);
    }
);

on_both!(numbers_and_texts_are_as_the_column_is, |database| async {
    let large = 9_007_199_254_740_993_i64;
    for (mut column, given, expected) in [
        (at().big_integer().take(), json!(large), json!(large)),
        (at().big_integer().take(), json!(7.0), json!(7)),
        (at().double().take(), json!(0.1), json!(0.1)),
        (at().double().take(), json!(-7), json!(-7.0)),
        (at().decimal_len(30, 10).take(), json!(0.5), json!(0.5)),
        (at().text().take(), json!("2026-W47"), json!("2026-W47")),
        (at().text().take(), json!("07"), json!("07")),
        (at().text().take(), json!(7), json!("7")),
    ] {
        let database = TestDatabase::new(database.engine()).await;
        let app = service(&database, &mut column).await;
        let found = shown(&app, 1, &given).await;
        assert_eq!(found, expected, "{given} in {column:?}");
    }
});

on_both!(
    an_order_that_is_missing_or_wrong_is_told_with_the_rest,
    |database| async {
        let app = service(&database, at().timestamp_with_time_zone()).await;
        let mut without = row(1, &Value::Null);
        without.as_object_mut().unwrap().remove("order");
        let many = json!({"observations": [
            without,
            row(2, &Value::Null),
            row(3, &"yesterday".into()),
            row(4, &"2026-11-22T03:00:04".into()),
            row(5, &true.into()),
            row(6, &"2026-02-30T00:00:00Z".into()),
            row(7, &"2026-11-22T03:00:04Z".into()),
        ]});
        let problem = write(&app, &many).await.problem("invalid_instance");
        let kinds = "expected a time as RFC 3339, a number or a text, found";
        let time =
            "expected a time as RFC 3339, such as 2026-11-22T03:00:04Z, as the column takes, found";
        let mut found = told(&problem);
        found.sort();
        let expected = [
            "/observations/0/order: is missing".to_owned(),
            format!("/observations/1/order: {kinds} null"),
            format!("/observations/2/order: {time} \"yesterday\""),
            format!("/observations/3/order: {time} \"2026-11-22T03:00:04\""),
            format!("/observations/4/order: {kinds} true"),
            format!("/observations/5/order: {time} \"2026-02-30T00:00:00Z\""),
        ];
        assert_eq!(found, expected);
        assert_eq!(count_rows(&database.connect().await, "rows").await, 0);
    }
);

on_both!(
    what_clients_wrote_is_held_out_by_its_order,
    |database| async {
        let app = service(&database, at().timestamp_with_time_zone()).await;
        // The keys fall while the time rises, in more than one offset.
        let rows = (0..200_i64).map(|step| {
            let class = if (step * 7) % 10 < 4 { "a" } else { "b" };
            let size = (step % 10) as f64 + if class == "a" { 2.5 } else { 0.0 };
            let (minute, hour) = (step % 60, step / 60 + 10);
            let order = match step % 2 {
                0 => format!("2026-11-22T{hour}:{minute:02}:00Z"),
                _ => format!("2026-11-22T{}:{minute:02}:00+02:00", hour + 2),
            };
            json!({"key": 1000 - step, "features": {"size": size, "age": step % 7}, "label": class,
            "order": order})
        });
        let answer = write(&app, &json!({"observations": rows.collect::<Vec<_>>()})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let champion = train_champion(&ordered(&database, "at")).await;
        let content = &champion.version().content;
        let cut = match database.engine() {
            Engine::Sqlite => OrderValue::Text("2026-11-22T12:39:00.000000Z".into()),
            Engine::Postgres => OrderValue::Moment(1_795_351_140_000_000),
        };
        assert_eq!(content.split.division.cut, Some(cut));
        let rows = content.trained.rows;
        assert_eq!((rows.gate_training, rows.held_out), (160, 40));
    }
);

on_both!(
    a_column_that_is_written_anyway_is_not_asked_for_again,
    |database| async {
        make(&database, at().text().default("none")).await;
        for order in ["id", "age"] {
            let app = TestApp::start(ordered(&database, order)).await;
            let mut body = json!({"key": 1, "features": {"size": 1, "age": 3}, "label": "x"});
            let answer = write(&app, &body).await;
            assert_eq!(answer.status, 200, "{order}: {}", answer.text());
            body["order"] = 7.into();
            let problem = write(&app, &body).await.problem("invalid_instance");
            assert_eq!(told(&problem), ["/order: is not expected here"], "{order}");
            let stored = app.client.get("/v1/observations/1").await.json();
            assert_eq!(stored.get("order"), None, "{order}");
        }
    }
);

on_both!(
    a_column_that_orders_nothing_is_refused_at_the_start,
    |database| async {
        make(&database, at().boolean()).await;
        let config = ordered(&database, "at");
        let measured = telemetry(&config);
        let Err(error) = App::build(config, clock(), measured).await else {
            panic!("it started");
        };
        let told = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            told.starts_with("use the column \"at\" of type bool"),
            "{told}"
        );
        assert!(told.ends_with("the order, which takes a time, a date, a number or text"));
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn the_document_asks_for_an_order_where_there_is_one() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, at().timestamp_with_time_zone()).await;
    let schemas = app.client.get("/openapi.json").await.json()["components"]["schemas"].clone();
    let required = json!(["key", "features", "label", "order"]);
    assert_eq!(schemas["NewObservation"]["required"], required);
    assert_eq!(
        schemas["ObservationValue"]["required"],
        json!(["features", "label", "order"])
    );
    for name in ["NewObservation", "ObservationValue", "Observation"] {
        let order = &schemas[name]["properties"]["order"];
        assert_eq!(order["$ref"], "#/components/schemas/ObservationOrder");
        let order = &schemas["ObservationOrder"];
        assert!(
            order["description"].as_str().unwrap().contains("RFC 3339"),
            "{name}"
        );
    }
    let example = write(&app, &schemas["NewObservation"]["example"]).await;
    assert_eq!(example.status, 200, "{}", example.text());
    let database = TestDatabase::new(Engine::Sqlite).await;
    make(&database, at().text().default("none")).await;
    let without = TestApp::start(config(CONFIGURATION, &database.url(), &[])).await;
    let document = without.client.get("/openapi.json").await.json();
    let schemas = &document["components"]["schemas"];
    for name in ["NewObservation", "ObservationValue", "Observation"] {
        assert_eq!(schemas[name]["properties"].get("order"), None, "{name}");
    }
    assert_eq!(
        schemas["NewObservation"]["required"],
        json!(["key", "features", "label"])
    );
}
