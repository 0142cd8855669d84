//! The same strings as names of columns and labels: made, imported, trained, predicted with.

use super::{bystander, strings};
use crate::support::app::{PATIENCE, TestApp, config};
use crate::support::database::on_both;
use crate::support::process::Launch;
use crate::support::tables::read_all;
use crate::support::training::train_champion;
use logitd::lifecycle::Stop;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

/// Twenty tables of ten columns and ten labels each: more would make a fit of minutes.
const A_TABLE: usize = 10;

/// Each as it is, but with a number where another has its letters: SQLite takes `null` and `NULL` for one
/// name. All are within the 63 bytes that PostgreSQL takes.
pub(super) fn distinct(texts: &[String]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let name = |(number, text): (usize, &String)| {
        let name = match taken.insert(text.to_lowercase()) {
            true => text.clone(),
            false => format!("{text}{number}"),
        };
        assert!(name.len() <= 50, "{name:?}");
        name
    };
    texts.iter().enumerate().map(name).collect()
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A table whose every name is hostile, and its labels.
struct Named {
    table: String,
    key: String,
    target: String,
    features: Vec<String>,
    labels: Vec<String>,
}

impl Named {
    fn of(number: usize, texts: &[String]) -> Self {
        let table = format!("{number} {}", texts[0]);
        Self {
            key: format!("key {table}"),
            target: format!("target {table}"),
            features: distinct(texts),
            labels: texts.to_vec(),
            table,
        }
    }

    fn configuration(&self, model: &str) -> String {
        let features = self.features.iter();
        let features =
            features.map(|name| format!("[[dataset.features]]\nname = {}\n", quoted(name)));
        format!(
            "[model]\nname = \"{model}\"\n[dataset]\ntable = {}\nkey = {}\ntarget = {}\n{}",
            quoted(&self.table),
            quoted(&self.key),
            quoted(&self.target),
            features.collect::<String>()
        )
    }

    /// Key and label of each row.
    fn row(&self, i: usize) -> (String, &String) {
        let label = &self.labels[value(i, 0) * A_TABLE / 23];
        (format!("{} {i}", self.table), label)
    }

    fn write(&self, file: &Path) {
        let mut csv = csv::Writer::from_path(file).unwrap();
        let mut header = vec![&self.key, &self.target];
        header.extend(&self.features);
        csv.write_record(&header).unwrap();
        for i in 0..230 {
            let (key, label) = self.row(i);
            let values = (0..A_TABLE).map(|j| value(i, j).to_string());
            let row = [key, label.clone()].into_iter().chain(values);
            csv.write_record(row).unwrap();
        }
        csv.flush().unwrap();
    }
}

fn value(i: usize, j: usize) -> usize {
    (i * (7 * j + 3) + j * j) % 23
}

async fn import(directory: &Path, url: &str) {
    let mut import = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(["import", "rows.csv"])
        .directory(directory)
        .env("LOGITD_DATABASE__URL", url)
        .start();
    let code = import.wait_exit(PATIENCE).await.code();
    assert_eq!(code, Some(0), "{}", import.stderr());
}

/// Every label has its share, whichever name the columns have.
async fn predicts(app: &TestApp, named: &Named) {
    let features = named.features.iter();
    let instance: serde_json::Map<_, _> = features.map(|name| (name.clone(), json!(11))).collect();
    let answer = app.client.post_json("/v1/predict", &instance.into()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let shares = answer.json()["probabilities"].clone();
    let total: f64 = named
        .labels
        .iter()
        .map(|label| shares[label].as_f64().unwrap())
        .sum();
    assert!((total - 1.0).abs() < 1e-9, "{shares}");
    let schema = app.client.get("/v1/schema").await.json();
    let told = schema["features"].as_array().unwrap().iter();
    let told = told.map(|feature| feature["name"].as_str().unwrap());
    assert_eq!(told.collect::<Vec<_>>(), named.features);
}

on_both!(
    columns_and_labels_of_any_name_are_imported_trained_and_predicted_with,
    |database| async {
        let db = database.connect().await;
        let before = bystander(&db).await;
        let directory = tempfile::tempdir().unwrap();
        for (number, texts) in strings().chunks(A_TABLE).enumerate() {
            let named = Named::of(number, texts);
            let text = named.configuration(&format!("names-{number}"));
            std::fs::write(directory.path().join("logitd.toml"), &text).unwrap();
            named.write(&directory.path().join("rows.csv"));
            import(directory.path(), &database.url()).await;
            let settings = [("LOGITD_TRAINING__PENALTIES", "[1.0]")];
            let config = config(&text, &database.url(), &settings);
            train_champion(&config).await;
            let app = TestApp::start(config).await;
            app.champion().await;
            predicts(&app, &named).await;
            assert!(app.stop(Stop::Now).await);
            let columns = [&named.key, &named.target];
            let kept = read_all(&db, &named.table, &columns).await;
            let kept: BTreeSet<_> = kept.into_iter().collect();
            let rows = (0..230).map(|i| named.row(i));
            let rows = rows.map(|(key, label)| vec![Some(key), Some(label.clone())]);
            assert_eq!(kept, rows.collect(), "{text}");
        }
        assert_eq!(read_all(&db, "data", &["id", "a"]).await, before);
    }
);
