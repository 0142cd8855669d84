//! `logitd import`: what a file holds is in the table, and nothing else is touched.

use crate::support::app::{PATIENCE, example};
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::process::Launch;
use crate::support::tables::{ColumnKind, count_rows, create_table, insert_rows, read_all};
use sea_orm::sea_query::{Index, Value};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::fmt::Write as _;
use std::time::Duration;
use tempfile::TempDir;

mod enumeration;
mod large;
mod ordered;
mod watched;

const CONFIGURATION: &str = "[dataset]\ntable = \"rows\"\nkey = \"id\"\ntarget = \"class\"\n\
    [[dataset.features]]\nname = \"a\"\n[[dataset.features]]\nname = \"b\"\n";
const COLUMNS: [&str; 4] = ["id", "a", "b", "class"];

/// A directory with a configuration, and the database it names.
struct Desk {
    directory: TempDir,
    url: String,
}

impl Desk {
    fn new(database: &TestDatabase, configuration: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("logitd.toml"), configuration).unwrap();
        let url = database.url();
        Self { directory, url }
    }

    fn launch(&self, arguments: &[&str]) -> Launch {
        Launch::clean(env!("CARGO_BIN_EXE_logitd"))
            .args(arguments)
            .directory(self.directory.path())
            .env("LOGITD_DATABASE__URL", &self.url)
    }

    fn write(&self, csv: impl AsRef<[u8]>) {
        std::fs::write(self.directory.path().join("rows.csv"), csv).unwrap();
    }

    async fn run(&self, arguments: &[&str], code: i32) -> (String, String) {
        let mut process = self.launch(arguments).start();
        let status = process.wait_exit(PATIENCE).await;
        let (said, told) = (process.stdout(), process.stderr());
        assert_eq!(status.code(), Some(code), "{said}\n{told}");
        (said, told)
    }

    /// Imports the text: what was said and told.
    async fn import(&self, csv: impl AsRef<[u8]>, code: i32) -> (String, String) {
        self.write(csv);
        self.run(&["import", "rows.csv"], code).await
    }
}

fn texts(row: &[&str]) -> Vec<Option<String>> {
    let cell = |text: &&str| (*text != "null").then(|| (*text).to_owned());
    row.iter().map(cell).collect()
}

async fn unique_index(db: &DatabaseConnection, table: &str, columns: &[&str]) {
    let mut index = Index::create();
    index.unique().name("unique_index").table(table.to_owned());
    for column in columns {
        index.col((*column).to_owned());
    }
    db.execute(&index).await.unwrap();
}

on_both!(
    an_example_is_imported_trained_on_and_imported_again,
    |database| async {
        let desk = Desk::new(&database, &example("breast-cancer"));
        let command = ["import", "--example", "breast-cancer"];
        let (said, told) = desk.run(&command, 0).await;
        assert_eq!(said, "imported 569 rows into breast_cancer");
        assert_eq!(told, "cells are separated by commas");
        let db = database.connect().await;
        assert_eq!(count_rows(&db, "breast_cancer").await, 569);
        let columns = ["id", "mean_radius", "diagnosis"];
        let rows = read_all(&db, "breast_cancer", &columns).await;
        assert_eq!(rows[0], texts(&["1", "17.99", "malignant"]));
        assert_eq!(desk.run(&command, 0).await.0, said);
        assert_eq!(read_all(&db, "breast_cancer", &columns).await, rows);
        let (trained, _) = desk.run(&["train"], 0).await;
        assert!(trained.contains("569 rows read, 569 used"), "{trained}");
    }
);

on_both!(
    a_new_table_has_types_that_fit_and_rows_replace_by_key,
    |database| async {
        let desk = Desk::new(&database, CONFIGURATION);
        let csv = "\u{feff}class;b;id;a;note\r\n1;0.5;1;-2e3;\"x;\r\ny\"\r\n;;2;.25;\r\n";
        let (said, told) = desk.import(csv, 0).await;
        assert_eq!(said, "imported 2 rows into rows");
        assert_eq!(
            told,
            "cells are separated by semicolons\ncolumns left out: \"note\""
        );
        let db = database.connect().await;
        let first = texts(&["1", "-2000.0", "0.5", "1"]);
        let second = texts(&["2", "0.25", "null", "null"]);
        let mut read = read_all(&db, "rows", &COLUMNS).await;
        // As each engine writes a whole double.
        read[0][1] = Some("-2000.0".to_owned());
        assert_eq!(read, [first.clone(), second]);
        let tabs = "id\ta\tb\tclass\n2\t1.5\t2.5\t0\n3\t1.5\t2.5\t1\n";
        desk.import(tabs, 0).await;
        let read = read_all(&db, "rows", &COLUMNS).await;
        assert_eq!(
            read[1..],
            [
                texts(&["2", "1.5", "2.5", "0"]),
                texts(&["3", "1.5", "2.5", "1"]),
            ]
        );
        // The key and the target are integers now: text is refused, the rest is loaded.
        let (said, told) = desk
            .import("id,a,b,class\nx,1,2,0\n4,1.5,2.5,yes\n5,1.5,2.5,1\n", 1)
            .await;
        assert_eq!(said, "imported 1 rows into rows");
        let expected = "expected an integer, as the column takes, found";
        assert!(
            told.contains(&format!("line 2, column \"id\": {expected} \"x\"")),
            "{told}"
        );
        assert!(
            told.contains(&format!("line 3, column \"class\": {expected} \"yes\"")),
            "{told}"
        );
        assert_eq!(count_rows(&db, "rows").await, 4);
    }
);

on_both!(
    refused_rows_are_told_by_line_and_column_and_the_others_loaded,
    |database| async {
        let desk = Desk::new(&database, CONFIGURATION);
        let mut csv =
            "id,a,b,class\nk1,1.5,2.5,yes\nk2,\"1,5\",2,no\nk3,1\n,1,2,no\nk5,1,x,no\n".to_owned();
        for line in 0..120 {
            writeln!(csv, "bad{line},oops,1,no").unwrap();
        }
        csv += "k6,3.5,4.5,no";
        let (said, told) = desk.import(csv, 1).await;
        assert_eq!(said, "imported 2 rows into rows");
        for line in [
            "line 3, column \"a\": has a decimal comma, found \"1,5\"; write 1.5",
            "line 4: has 2 cells where the header has 4",
            "line 5, column \"id\": a key must not be empty",
            "line 6, column \"b\": expected a finite number, found \"x\"",
            "further refused rows are only counted",
            "124 rows were refused",
        ] {
            assert!(told.lines().any(|told| told == line), "{line:?} in\n{told}");
        }
        let by_line = told.lines().filter(|told| told.starts_with("line "));
        assert_eq!(by_line.count(), 100);
        let db = database.connect().await;
        let rows = [
            texts(&["k1", "1.5", "2.5", "yes"]),
            texts(&["k6", "3.5", "4.5", "no"]),
        ];
        assert_eq!(read_all(&db, "rows", &COLUMNS).await, rows);
    }
);

on_both!(
    the_later_of_two_rows_with_one_key_wins_and_is_told,
    |database| async {
        let desk = Desk::new(&database, CONFIGURATION);
        // In one batch, and in two.
        let mut csv = "id,a,b,class\n1,0.5,0.5,0\n1,1.5,1.5,1\n".to_owned();
        for key in 2..1500 {
            writeln!(csv, "{key},0.5,0.5,0").unwrap();
        }
        csv += "2,2.5,2.5,1\n";
        let (_, told) = desk.import(csv, 0).await;
        for line in [
            "line 2: replaced by line 3, which has the same key",
            "line 4: replaced by line 1502, which has the same key",
            "2 rows have a key that a later row repeats",
        ] {
            assert!(told.lines().any(|told| told == line), "{line:?} in\n{told}");
        }
        let db = database.connect().await;
        let rows = read_all(&db, "rows", &["class", "a", "b"]).await;
        assert_eq!(rows.len(), 1499);
        assert_eq!(
            rows[1497..],
            [texts(&["1", "1.5", "1.5"]), texts(&["1", "2.5", "2.5"])]
        );
    }
);

on_both!(
    a_table_without_a_unique_key_is_appended_to,
    |database| async {
        let desk = Desk::new(&database, CONFIGURATION);
        let db = database.connect().await;
        let kinds = [
            ColumnKind::Text,
            ColumnKind::Numeric,
            ColumnKind::Integer,
            ColumnKind::Boolean,
        ];
        let columns: Vec<_> = COLUMNS.into_iter().zip(kinds).collect();
        create_table(&db, "rows", &columns).await;
        // Unique only together: the key alone names no row.
        unique_index(&db, "rows", &["id", "a"]).await;
        let csv = "id,a,b,class\n1,0.125,3,true\n1,0.25,4,FALSE\n";
        let (_, told) = desk.import(csv, 0).await;
        assert!(
            told.contains("\"id\" has no unique index: rows are appended"),
            "{told}"
        );
        assert!(told.contains("line 2: kept beside line 3"), "{told}");
        assert_eq!(count_rows(&db, "rows").await, 2);
        // The same again breaks the index: the database's own refusals are told by line.
        let (said, told) = desk.import(format!("{csv}7,0.5,5,true\n"), 1).await;
        assert_eq!(said, "imported 1 rows into rows");
        assert!(
            told.contains("line 2: ") && told.contains("line 3: "),
            "{told}"
        );
        assert_eq!(count_rows(&db, "rows").await, 3);
    }
);

on_both!(
    a_unique_index_on_the_key_is_enough_to_replace,
    |database| async {
        let desk = Desk::new(&database, CONFIGURATION);
        let db = database.connect().await;
        let kinds = [
            ColumnKind::Text,
            ColumnKind::Real,
            ColumnKind::Double,
            ColumnKind::Text,
        ];
        let columns: Vec<_> = COLUMNS.into_iter().zip(kinds).collect();
        create_table(&db, "rows", &columns).await;
        unique_index(&db, "rows", &["id"]).await;
        desk.import("id,a,b,class\nx,0.5,3.5,no\n", 0).await;
        let (_, told) = desk.import("id,a,b,class\nx,1.5,2.5,yes\n", 0).await;
        assert!(!told.contains("appended"), "{told}");
        let rows = read_all(&db, "rows", &COLUMNS).await;
        assert_eq!(rows, [texts(&["x", "1.5", "2.5", "yes"])]);
    }
);

on_both!(
    hostile_names_and_values_are_loaded_and_another_table_is_untouched,
    |database| async {
        const HOSTILE: &str = "x\"; DROP TABLE data; --";
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let configuration = format!(
            "[dataset]\ntable = {0}\nkey = \"key; --\"\ntarget = \"from 'x' or 1=1\"\n\
             [[dataset.features]]\nname = {0}\n[[dataset.features]]\nname = \"a,b;c\"\n",
            quoted(HOSTILE)
        );
        let desk = Desk::new(&database, &configuration);
        let db = database.connect().await;
        create_table(
            &db,
            "data",
            &[("id", ColumnKind::IntegerKey), ("a", ColumnKind::Text)],
        )
        .await;
        let kept = vec![vec![Value::from(1), Value::from("kept")]];
        insert_rows(&db, "data", &["id", "a"], kept).await;
        let before = read_all(&db, "data", &["id", "a"]).await;
        let key = "1'; DROP TABLE data; --";
        let csv = format!(
            "\"x\"\"; DROP TABLE data; --\",\"a,b;c\",key; --,from 'x' or 1=1\n0.5,1.5,{key},'yes\n"
        );
        let (said, _) = desk.import(csv, 0).await;
        assert_eq!(said, format!("imported 1 rows into {HOSTILE}"));
        let columns = ["key; --", HOSTILE, "a,b;c", "from 'x' or 1=1"];
        let rows = read_all(&db, HOSTILE, &columns).await;
        assert_eq!(rows, [texts(&[key, "0.5", "1.5", "'yes"])]);
        assert_eq!(read_all(&db, "data", &["id", "a"]).await, before);
    }
);

on_both!(
    what_does_not_fit_is_refused_before_anything_is_written,
    |database| async {
        let desk = Desk::new(&database, CONFIGURATION);
        let (_, told) = desk.import("id,a,klass\n1,2,3\n", 1).await;
        let missing = "logitd: failed to import: find the column \"b\" in the header; \
                       the column \"class\" in the header; the nearest there is: \"klass\"";
        assert!(told.contains(missing), "{told}");
        let (_, told) = desk.run(&["import", "none.csv"], 1).await;
        assert!(
            told.contains("failed to import: open none.csv: No such file"),
            "{told}"
        );
        desk.run(&["import"], 2).await;
        desk.run(&["import", "rows.csv", "--example", "breast-cancer"], 2)
            .await;
        let db = database.connect().await;
        create_table(
            &db,
            "rows",
            &[("id", ColumnKind::TextKey), ("a", ColumnKind::Double)],
        )
        .await;
        let (_, told) = desk.import("id,a,b,class\n1,2,3,4\n", 1).await;
        assert!(
            told.contains("find the column \"b\" in the table \"rows\""),
            "{told}"
        );
        assert_eq!(count_rows(&db, "rows").await, 0);
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_elsewhere_is_written_and_its_file_keeps_its_journal() {
    let [own, elsewhere] = [
        TestDatabase::new(Engine::Sqlite).await,
        TestDatabase::new(Engine::Sqlite).await,
    ];
    let desk = Desk::new(&own, CONFIGURATION);
    desk.write("id,a,b,class\n1,2.5,3.5,4\n");
    let launch = desk.launch(&["import", "rows.csv"]);
    let mut process = launch.env("LOGITD_DATASET__URL", elsewhere.url()).start();
    let status = process.wait_exit(Duration::from_secs(60)).await;
    assert!(status.success(), "{}", process.stderr());
    assert_eq!(count_rows(&elsewhere.connect().await, "rows").await, 1);
    let file = elsewhere.url().replace("sqlite://", "");
    // Bytes 18 and 19 of a SQLite file: 1 is a rollback journal, 2 is WAL.
    assert_eq!(std::fs::read(file).unwrap()[18..20], [1, 1]);
    let own_file = own.url().replace("sqlite://", "");
    assert!(!std::path::Path::new(&own_file).exists());
}
