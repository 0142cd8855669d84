//! What names a row: the primary key, another unique column, or nothing.

use super::{init, predict, written};
use crate::support::database::on_both;
use crate::support::tables::{ColumnKind, create_table, insert_rows};
use sea_orm::sea_query::{Index, Value};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;

const COLUMNS: [(&str, ColumnKind); 5] = [
    ("name", ColumnKind::Text),
    ("E-Mail", ColumnKind::Text),
    ("a", ColumnKind::Double),
    ("b", ColumnKind::Integer),
    ("class", ColumnKind::Text),
];

async fn load(db: &DatabaseConnection) {
    create_table(db, "people", &COLUMNS).await;
    let rows = (0..240_i32).map(|i| {
        let (a, b) = (f64::from(i * 7 % 31), i * 5 % 17);
        let class = ["no", "yes"][usize::from(a + f64::from(b + i % 6) > 26.0)];
        vec![
            Value::from(format!("Ada {i}")),
            Value::from(format!("ada{i}@example.org")),
            Value::from(a),
            Value::from(b),
            Value::from(class),
        ]
    });
    insert_rows(db, "people", &COLUMNS.map(|(name, _)| name), rows.collect()).await;
}

on_both!(a_table_without_a_key_is_served_unedited, |database| async {
    load(&database.connect().await).await;
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let words = ["--table", "people", "--target", "class"];
    let (done, _, told) = init(directory, &database.url(), &words).await;
    assert!(done, "{told}");
    let (text, config) = written(directory);
    assert_eq!(config.dataset.key, None);
    assert!(
        text.contains("# No key: a row is known by a hash of its features."),
        "{text}"
    );
    let answer = predict(directory, &json!({"a": 3.5, "b": 4})).await;
    assert!(answer["label"].is_string(), "{answer}");
});

on_both!(
    a_column_that_is_unique_by_an_index_is_the_key,
    |database| async {
        let db = database.connect().await;
        load(&db).await;
        let index = |name: &'static str, columns: &[&'static str]| {
            let mut index = Index::create();
            index.unique().name(name).table("people");
            columns.iter().for_each(|column| {
                index.col(*column);
            });
            index
        };
        // Together they are unique and neither is a key by that.
        db.execute(&index("both", &["name", "b"])).await.unwrap();
        db.execute(&index("one", &["E-Mail"])).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let words = ["--table", "people", "--target", "class"];
        let (done, _, told) = init(directory, &database.url(), &words).await;
        assert!(done, "{told}");
        let (text, config) = written(directory);
        assert_eq!(config.dataset.key.as_deref(), Some("E-Mail"));
        assert!(text.contains("# unique by an index of its own"), "{text}");
        let answer = predict(directory, &json!({"a": 3.5, "b": 4})).await;
        assert!(answer["label"].is_string(), "{answer}");
    }
);
