//! The column that orders the rows is imported with them.

use super::Desk;
use crate::support::app::config;
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::tables::{ColumnKind, count_rows, create_table, read_all};
use crate::support::training::train_champion;
use logitd::learning::OrderValue;
use std::fmt::Write as _;

const ORDERED: &str = "[dataset]\ntable = \"rows\"\nkey = \"id\"\ntarget = \"class\"\norder = \"at\"\n\
    [[dataset.features]]\nname = \"a\"\n[training]\npenalties = [1.0]\n";

/// Two hundred rows that this orders, the newest first.
fn file(at: impl Fn(u32) -> String) -> String {
    let mut csv = "at;id;a;class\n".to_owned();
    for step in (0..200).rev() {
        let class = u32::from((step * 7) % 10 < 4);
        let a = f64::from(step % 10) + 2.5 * f64::from(class);
        writeln!(csv, "{};{};{a};{class}", at(step), 1000 - step).unwrap();
    }
    csv
}

fn micros(text: &str) -> i64 {
    let moment = chrono::DateTime::parse_from_rfc3339(text).unwrap();
    moment.timestamp_micros()
}

/// The cut of a version trained on a table that the import of this file made.
async fn cut(engine: Engine, file: &str) -> OrderValue {
    let database = TestDatabase::new(engine).await;
    let desk = Desk::new(&database, ORDERED);
    let (_, told) = desk.import(file, 0).await;
    assert!(!told.contains("left out"), "{told}");
    let again = desk.import(file, 0).await;
    assert!(again.0.contains("imported 200 rows"), "{}", again.0);
    assert_eq!(count_rows(&database.connect().await, "rows").await, 200);
    let champion = train_champion(&config(ORDERED, &database.url(), &[])).await;
    let content = &champion.version().content;
    assert_eq!(content.trained.rows.held_out, 40);
    content.split.division.cut.clone().unwrap()
}

on_both!(
    a_new_table_has_an_order_of_a_fitting_type,
    |database| async {
        let engine = database.engine();
        let whole = cut(engine, &file(|step| format!("{}", step * 3))).await;
        assert!(matches!(whole, OrderValue::Integer(477)), "{whole:?}");
        let number = cut(engine, &file(|step| format!("{}", f64::from(step) / 4.0))).await;
        assert!(matches!(number, OrderValue::Number(39.75)), "{number:?}");
        let text = cut(engine, &file(|step| format!("week {step:03}"))).await;
        assert_eq!(text, OrderValue::Text("week 159".into()));
        // A time to the hour, in the spellings of databases.
        let hours = |step: u32| (step / 24 + 1, step % 24);
        let time = file(|step| {
            let (day, hour) = hours(step);
            match step % 3 {
                0 => format!("2026-11-{day:02}T{hour:02}:00:00Z"),
                1 => format!("2026-11-{day:02} {hour:02}:00:00"),
                _ => format!("2026-11-{day:02} {hour:02}:30:00+00:30"),
            }
        });
        let expected = match engine {
            Engine::Postgres => OrderValue::Moment(micros("2026-11-07T15:00:00Z")),
            Engine::Sqlite => OrderValue::Text("2026-11-07T15:00:00.000000Z".into()),
        };
        assert_eq!(cut(engine, &time).await, expected);
        let date = |step: u32| {
            let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            (first + chrono::Days::new(u64::from(step))).to_string()
        };
        let expected = match engine {
            Engine::Postgres => OrderValue::Moment(micros("2026-06-09T00:00:00Z")),
            Engine::Sqlite => OrderValue::Text("2026-06-09".into()),
        };
        assert_eq!(cut(engine, &file(date)).await, expected);
    }
);

on_both!(
    a_row_without_a_place_is_refused_by_its_line,
    |database| async {
        let columns = [
            ("id", ColumnKind::IntegerKey),
            ("a", ColumnKind::Double),
            ("class", ColumnKind::Text),
            ("at", ColumnKind::Timestamp),
        ];
        let db = database.connect().await;
        create_table(&db, "rows", &columns).await;
        let desk = Desk::new(&database, ORDERED);
        let csv = "id,a,class,at\n1,1,x,2026-11-22 03:00:00+00\n2,1,x,\n3,1,x,22.11.2026\n";
        let (said, told) = desk.import(csv, 1).await;
        assert!(said.contains("imported 1 rows into rows"), "{said}");
        for line in [
            "line 3, column \"at\": must not be empty: a row without it is neither newer nor older",
            "line 4, column \"at\": expected a time as RFC 3339, such as 2026-11-22T03:00:04Z, as the \
         column takes, found \"22.11.2026\"",
        ] {
            assert!(told.contains(line), "{line:?} in {told}");
        }
        // A later row with its key takes the place of this one, and of its time.
        desk.import("id,a,class,at\n1,1,x,2027-01-01T00:00:00Z\n", 0)
            .await;
        let rows = read_all(&db, "rows", &["id", "at"]).await;
        assert_eq!(rows.len(), 1);
        let moment = rows[0][1].as_deref().unwrap();
        assert!(moment.starts_with("2027-01-01"), "{moment}");

        let (_, told) = desk.import("id,a,class,when\n1,1,x,2\n", 1).await;
        assert!(
            told.contains("find the column \"at\" in the header"),
            "{told}"
        );
    }
);
