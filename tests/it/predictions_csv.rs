//! A table in, a table out: `POST /v1/predict/csv`.

use crate::support::app::{TestApp, config, example};
use crate::support::client::Answer;
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::rows::load_two_features;
use crate::support::tables::{ColumnKind, create_table, insert_rows};
use sea_orm::sea_query::Value;
use serde_json::json;

const PATH: &str = "/v1/predict/csv";
const TABLE: &str = include_str!("../../examples/breast-cancer/breast_cancer.csv");

/// The records of an answer, the header first.
fn records(answer: &Answer, delimiter: u8) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("text/csv"));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(answer.body.as_ref());
    let records = reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect());
    records.collect()
}

/// The built-in table without its label, columns from the last to the first: the names, the rows.
fn without_labels() -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(TABLE.as_bytes());
    let records = reader.records().map(|record| {
        let record = record.unwrap();
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        cells.into_iter().rev().skip(1).collect()
    });
    records.collect()
}

fn written(rows: &[Vec<String>], delimiter: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

on_both!(
    a_table_is_answered_as_its_rows_one_by_one,
    |database| async {
        let app = TestApp::with_breast_cancer(&database).await;
        let table = without_labels();
        let answer = app
            .client
            .post(PATH, "text/csv", written(&table, b','))
            .await;
        assert_eq!(answer.header("x-model-version"), Some("1"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let answered = records(&answer, b',');
        let header = ["id", "label", "probability_benign", "probability_malignant"];
        assert_eq!(answered[0], header);
        assert_eq!(answered.len(), 570);
        for place in [1, 2, 100, 569] {
            let features = table[0].iter().zip(&table[place]);
            let features = features.filter(|(name, _)| *name != "id");
            let number = |cell: &String| json!(cell.parse::<f64>().unwrap());
            let instance = features.map(|(name, cell)| (name.clone(), number(cell)));
            let instance = serde_json::Value::Object(instance.collect());
            let single = app.client.post_json("/v1/predict", &instance).await.json();
            let shares =
                ["benign", "malignant"].map(|class| single["probabilities"][class].to_string());
            let label = single["label"].as_str().unwrap().to_owned();
            let key = table[place].last().unwrap().clone();
            assert_eq!(answered[place], [&[key, label][..], &shares].concat());
        }

        // The same in each way that programs write a table.
        for (delimiter, media) in [
            (b';', "text/csv; charset=utf-8"),
            (b'\t', "application/octet-stream"),
        ] {
            let text = String::from_utf8(written(&table, delimiter)).unwrap();
            let text = format!("\u{feff}{}", text.replace('\n', "\r\n"));
            let again = app.client.post(PATH, media, text).await;
            assert_eq!(records(&again, delimiter), answered);
        }
        let without_key: Vec<Vec<String>> = table
            .iter()
            .map(|row| row[..row.len() - 1].to_vec())
            .collect();
        let keyless = app
            .client
            .post(PATH, "text/csv", written(&without_key, b','))
            .await;
        let keyless = records(&keyless, b',');
        assert!(keyless.iter().zip(&answered).all(|(a, b)| a[..] == b[1..]));
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn names_that_no_one_would_choose_and_missing_values_go_through() {
    const KEY: &str = "the \"key\";\nof it";
    let database = TestDatabase::new(Engine::Sqlite).await;
    let db = database.connect().await;
    let columns = [
        (KEY, ColumnKind::TextKey),
        ("a,b", ColumnKind::Double),
        ("=c", ColumnKind::Double),
        ("class", ColumnKind::Text),
    ];
    create_table(&db, "data", &columns).await;
    let rows = (0..200_i32).map(|i| {
        let value = f64::from(i * 7 % 23);
        let class = ["no", "\"yes\", or", "a\nb"][((i * 7 % 23 + i % 9) / 11) as usize];
        let key = Value::from(i.to_string());
        vec![
            key,
            Value::from(value),
            Value::from(f64::from(i % 17)),
            Value::from(class),
        ]
    });
    let names = columns.map(|(name, _)| name);
    insert_rows(&db, "data", &names, rows.collect()).await;
    let text = format!(
        "[dataset]\ntable = \"data\"\ntarget = \"class\"\nkey = {}\n\
         [[dataset.features]]\nname = \"a,b\"\n[[dataset.features]]\nname = \"=c\"\nmissing = \"mean\"\n",
        toml::Value::from(KEY)
    );
    let app = TestApp::start(config(&text, &database.url(), &[])).await;
    app.champion().await;
    let table = [["=c", KEY, "a,b"], ["3", " \"x\"\n", "4"], ["", "", "99"]];
    let table = table.map(|row| row.map(str::to_owned).to_vec());
    let answer = app
        .client
        .post(PATH, "text/csv", written(&table, b','))
        .await;
    // The second row has no value for one feature, and one outside the training range for the other.
    assert_eq!(answer.header("x-rows-with-warnings"), Some("1"));
    let answered = records(&answer, b',');
    assert_eq!(answered[0][..2], [KEY, "label"]);
    assert_eq!(
        answered[0][2..],
        [
            "probability_\"yes\", or",
            "probability_a\nb",
            "probability_no"
        ]
    );
    assert_eq!(
        (answered[1][0].as_str(), answered[2][0].as_str()),
        (" \"x\"\n", "")
    );
    for row in &answered[1..] {
        let shares = row[2..].iter().map(|share| share.parse::<f64>().unwrap());
        assert!((shares.sum::<f64>() - 1.0).abs() < 1e-12, "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_hundred_faults_are_told_and_all_are_counted() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let app = TestApp::start(config(&example("two-features"), &database.url(), &[])).await;
    app.champion().await;
    let table = "feature_2;feature_1;x\r\n".to_owned() + &"1,5;;0\r\n".repeat(75);
    let problem = app
        .client
        .post(PATH, "text/csv", table)
        .await
        .problem("invalid_csv");
    assert_eq!(problem["detail"], "151 places in the CSV cannot be used");
    let faults = problem["errors"].as_array().unwrap();
    assert_eq!(faults.len(), 100);
    assert_eq!(
        faults[..3],
        [
            json!({"line": 1, "column": "x", "detail": "is not a feature"}),
            json!({"line": 2, "column": "feature_1", "detail": "is missing"}),
            json!({"line": 2, "column": "feature_2",
                "detail": "has a decimal comma, found \"1,5\"; write 1.5"}),
        ]
    );
    // Nothing but the header is no fault: there is nothing to predict.
    let empty = app
        .client
        .post(PATH, "text/csv", "feature_2,feature_1")
        .await;
    assert_eq!(records(&empty, b',').len(), 1);
    let none = app.client.request("GET", PATH, &[], "").await;
    none.problem("method_not_allowed");
}
