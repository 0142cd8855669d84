//! SQLite files that other programs made, with what only SQLite allows in them.

use super::{init, predict, written};
use crate::support::app::PATIENCE;
use crate::support::process::Launch;
use sea_orm::ConnectionTrait;
use serde_json::json;

/// As a script fills a file: a rollback journal, a generated column, text keys, a boolean of words, a
/// date, an index; nothing that we would have written so.
const SCRIPT: &str = r#"
import sqlite3
db = sqlite3.connect("made elsewhere.db")
db.execute("""CREATE TABLE "loan applications" (
    "application no" VARCHAR(20) NOT NULL, income DECIMAL(10, 2), [years employed] SMALLINT,
    `debt ratio` DOUBLE PRECISION, opened DATE, note, granted BOOLEAN,
    twice REAL GENERATED ALWAYS AS (income * 2) VIRTUAL)""")
db.execute('CREATE UNIQUE INDEX number ON "loan applications" ("application no")')
rows = []
for i in range(300):
    income = None if i % 29 == 0 else round(1000 + (i * 37 % 101) * 25.5, 2)
    years, ratio = i * 7 % 31, (i * 11 % 53) / 53
    granted = (income or 2000) / 2000 + years / 15 - 2 * ratio + (i % 5) / 5 > 1.6
    rows.append((f"A-{i:05}", income, years, ratio, f"2026-01-{i % 28 + 1:02}", b"\x00" if i % 9 == 0 else "seen", granted))
db.executemany('INSERT INTO "loan applications" VALUES (?, ?, ?, ?, ?, ?, ?)', rows)
db.commit()
db.close()
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_that_python_made_is_served_unedited() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let python = Launch::tool("python3")
        .args(["-c", SCRIPT])
        .directory(directory);
    let mut python = python.try_start().unwrap_or_else(|error| {
        panic!("start python3: {error}; install it with: apt-get install python3")
    });
    let made = python.wait_exit(PATIENCE).await;
    assert!(made.success(), "{}", python.stderr());
    let words = ["--table", "loan applications", "--target", "granted"];
    let (done, said, told) = init(directory, "sqlite://made elsewhere.db", &words).await;
    assert!(done, "{told}");
    assert!(said.contains("300 rows, 2 classes"), "{said}");
    let (text, config) = written(directory);
    assert!(
        text.contains("key = \"application no\"  # unique by an index of its own"),
        "{text}"
    );
    let features = config.dataset.learning_schema.features();
    let names: Vec<&str> = features.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["income", "years employed", "debt ratio"], "{text}");
    let instance = json!({"income": 2100.5, "years employed": 12, "debt ratio": 0.25});
    let answer = predict(directory, &instance).await;
    assert!(answer["probabilities"]["true"].is_f64(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_another_type_in_a_sqlite_column_are_counted() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let url = "sqlite://other.db";
    let file = format!("sqlite://{}?mode=rwc", directory.join("other.db").display());
    let db = sea_orm::Database::connect(file).await.unwrap();
    db.execute_unprepared("CREATE TABLE t (n INTEGER PRIMARY KEY, a, b REAL, word TEXT, y)")
        .await
        .unwrap();
    let rows = (0..120_i32).map(|i| {
        let a = if i == 5 {
            "'abc'".to_owned()
        } else {
            (i * 7 % 31).to_string()
        };
        let y = (i * 7 % 31 + i % 13) / 20;
        format!("({i}, {a}, {}.5, '{i}', {y})", i * 11 % 17)
    });
    let rows = rows.collect::<Vec<_>>().join(", ");
    db.execute_unprepared(&format!("INSERT INTO t VALUES {rows}"))
        .await
        .unwrap();
    db.close().await.unwrap();
    let (done, _, told) = init(directory, url, &["--table", "t", "--target", "y"]).await;
    assert!(
        done && told.contains(r#""a" is no number in 1 row"#),
        "{told}"
    );
    let (text, config) = written(directory);
    let features = config.dataset.learning_schema.features();
    let names: Vec<&str> = features.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(
        (names, config.dataset.key.as_deref()),
        (vec!["a", "b"], Some("n"))
    );
    assert!(text.contains("# observed: 0 to 30, "), "{text}");
    let answer = predict(directory, &json!({"a": 3, "b": 4.5})).await;
    assert!(answer["label"].is_string(), "{answer}");
}
