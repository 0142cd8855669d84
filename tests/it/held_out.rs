//! Which rows are held out: by a column that orders them, on both databases, and of a sample.

use crate::support::app::config;
use crate::support::database::{TestDatabase, on_both};
use crate::support::tables::{ColumnKind, create_table, insert_rows};
use crate::support::training::{train, train_champion};
use chrono::{DateTime, TimeDelta, Utc};
use logitd::config::Config;
use logitd::learning::OrderValue;
use sea_orm::Value;

const ORDERED: &str = r#"
[dataset]
table = "events"
key = "id"
target = "class"
order = "at"
[[dataset.features]]
name = "x"
"#;

/// A moment of 2026 with microseconds, an hour further with every step.
fn moment(step: i64) -> DateTime<Utc> {
    let first = DateTime::from_timestamp_micros(1_767_225_600_000_123).unwrap();
    first + TimeDelta::hours(step)
}

/// Two hundred rows whose keys fall while `at` rises; two rows share each value of `at`.
async fn load(database: &TestDatabase, kind: ColumnKind, at: impl Fn(i64) -> Value) {
    let db = database.connect().await;
    let columns = [
        ("id", ColumnKind::IntegerKey),
        ("x", ColumnKind::Double),
        ("class", ColumnKind::Text),
        ("at", kind),
    ];
    create_table(&db, "events", &columns).await;
    let row = |row: i64| {
        let class = if (row * 7) % 10 < 4 { "a" } else { "b" };
        let x = (row % 10) as f64 + if class == "a" { 2.5 } else { 0.0 };
        vec![
            Value::from(1_000 - row),
            Value::from(x),
            Value::from(class),
            at(row / 2),
        ]
    };
    let names = ["id", "x", "class", "at"];
    insert_rows(&db, "events", &names, (0..200).map(row).collect()).await;
}

fn ordered(database: &TestDatabase, overrides: &[(&str, &str)]) -> Config {
    config(ORDERED, &database.url(), overrides)
}

/// Trains and checks that what `cut` is not above is what was fitted on.
async fn holds_out_the_newest(database: &TestDatabase, cut: OrderValue) {
    let champion = train_champion(&ordered(database, &[])).await;
    let content = &champion.version().content;
    let split = &content.split;
    assert_eq!(
        (split.rule.as_str(), split.column.as_deref()),
        ("order", Some("at"))
    );
    assert_eq!(split.division.cut, Some(cut));
    assert_eq!(
        (
            content.trained.rows.gate_training,
            content.trained.rows.held_out
        ),
        (160, 40)
    );
}

on_both!(times_order_rows, |database| async {
    load(&database, ColumnKind::Timestamp, |step| moment(step).into()).await;
    // SQLite keeps a time as the text that was written.
    let cut = match database.engine() {
        Engine::Sqlite => OrderValue::Text("2026-01-04T07:00:00.000123+00:00".into()),
        Engine::Postgres => OrderValue::Moment(moment(79).timestamp_micros()),
    };
    holds_out_the_newest(&database, cut).await;
});

on_both!(whole_numbers_order_rows, |database| async {
    let large = 9_007_199_254_740_993;
    load(&database, ColumnKind::BigInteger, |step| {
        Value::from(large + step)
    })
    .await;
    holds_out_the_newest(&database, OrderValue::Integer(large + 79)).await;
});

on_both!(decimals_order_rows, |database| async {
    load(&database, ColumnKind::Double, |step| {
        Value::from(step as f64 / 4.0)
    })
    .await;
    holds_out_the_newest(&database, OrderValue::Number(19.75)).await;
});

on_both!(texts_order_rows_by_their_bytes, |database| async {
    let text = |step: i64| format!("2026-{:03}", step);
    load(&database, ColumnKind::Text, |step| Value::from(text(step))).await;
    holds_out_the_newest(&database, OrderValue::Text(text(79))).await;
});

on_both!(a_null_in_the_order_is_a_refused_row, |database| async {
    load(&database, ColumnKind::BigInteger, |step| match step {
        0 => Value::BigInt(None),
        step => Value::from(step),
    })
    .await;
    let run = train(&ordered(&database, &[])).await;
    assert_eq!((run.rows.unwrap().refused, run.refused.len()), (2, 2));
    let refused = &run.refused[0];
    assert_eq!(
        (refused.column.as_str(), refused.reason.as_str()),
        ("at", "is null")
    );
});

on_both!(
    a_column_that_orders_nothing_is_refused_by_name,
    |database| async {
        load(&database, ColumnKind::Boolean, |step| {
            Value::from(step % 2 == 0)
        })
        .await;
        let run = train(&ordered(&database, &[])).await;
        match database.engine() {
            // Its booleans are the numbers 0 and 1.
            Engine::Sqlite => assert_eq!(run.status, "promoted"),
            Engine::Postgres => {
                let error = run.error.unwrap();
                assert_eq!(error.code, "not_trainable");
                assert!(
                    error
                        .detail
                        .contains("takes a time, a date, a number or text"),
                    "{error:?}"
                );
            }
        }
    }
);

on_both!(a_sample_has_its_size_and_says_so, |database| async {
    load(&database, ColumnKind::BigInteger, Value::from).await;
    let overrides = [("LOGITD_TRAINING__MAXIMUM_ROWS", "120")];
    let champion = train_champion(&ordered(&database, &overrides)).await;
    let content = &champion.version().content;
    let rows = content.trained.rows;
    assert_eq!(rows.gate_training + rows.held_out, 120);
    assert!(content.split.division.sample_below.is_some());
    assert_eq!(content.split.key.as_deref(), Some("id"));
});
