//! The same strings in a file that is imported, and in one that is predicted.

use super::{CONFIG, WITH_NUL, bystander, strings, told};
use crate::support::app::{PATIENCE, TestApp, config};
use crate::support::database::on_both;
use crate::support::process::{Launch, Process};
use crate::support::tables::read_all;
use crate::support::training::train_champion;
use logitd::lifecycle::Stop;
use std::collections::BTreeSet;
use std::path::Path;

/// A row a text, which is its key, its label, and what it is ordered by.
fn rows(texts: &[String]) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["key", "a", "label", "at"]).unwrap();
    for (number, text) in texts.iter().enumerate() {
        let value = (number % 23).to_string();
        csv.write_record([text, &value, text, text]).unwrap();
    }
    csv.into_inner().unwrap()
}

/// What is to be predicted, under its key.
fn keyed<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["key", "a"]).unwrap();
    for (key, value) in rows {
        csv.write_record([key, value]).unwrap();
    }
    csv.into_inner().unwrap()
}

async fn import(directory: &Path, url: &str, csv: Vec<u8>) -> Process {
    std::fs::write(directory.join("logitd.toml"), CONFIG).unwrap();
    std::fs::write(directory.join("rows.csv"), csv).unwrap();
    Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(["import", "rows.csv"])
        .directory(directory)
        .env("LOGITD_DATABASE__URL", url)
        .start()
}

on_both!(
    what_is_imported_is_in_the_table_as_it_was,
    |database| async {
        let db = database.connect().await;
        let before = bystander(&db).await;
        let (all, directory) = (strings(), tempfile::tempdir().unwrap());
        let mut imported = import(directory.path(), &database.url(), rows(&all)).await;
        let code = imported.wait_exit(PATIENCE).await.code();
        assert_eq!(code, Some(0), "{}", imported.stderr());
        let expected = |texts: &[String]| -> BTreeSet<Vec<Option<String>>> {
            texts
                .iter()
                .map(|text| vec![Some(text.clone()); 3])
                .collect()
        };
        let columns = ["key", "label", "at"];
        let kept: BTreeSet<_> = read_all(&db, "told", &columns).await.into_iter().collect();
        assert_eq!(kept, expected(&all));

        // PostgreSQL refuses these rows and no others; SQLite keeps them.
        let mut more: Vec<String> = WITH_NUL.map(str::to_owned).to_vec();
        more.push("the last".to_owned());
        let mut imported = import(directory.path(), &database.url(), rows(&more)).await;
        let code = imported.wait_exit(PATIENCE).await.code();
        let refused = database.engine() == Engine::Postgres;
        assert_eq!(code, Some(i32::from(refused)), "{}", imported.stderr());
        let now = read_all(&db, "told", &["key"]).await.len();
        assert_eq!(now, if refused { 201 } else { 204 });
        assert_eq!(read_all(&db, "data", &["id", "a"]).await, before);
    }
);

on_both!(
    what_is_predicted_in_a_file_comes_back_under_its_key,
    |database| async {
        let db = database.connect().await;
        let before = bystander(&db).await;
        told(&db).await;
        let config = config(CONFIG, &database.url(), &[]);
        train_champion(&config).await;
        let app = TestApp::start(config).await;
        app.champion().await;
        let all = strings();
        let asked = keyed(all.iter().map(|text| (text.as_str(), "1.5")));
        let answer = app.client.post("/v1/predict/csv", "text/csv", asked).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut lines = csv::Reader::from_reader(answer.body.as_ref());
        let keys: Vec<String> = lines
            .records()
            .map(|line| line.unwrap()[0].to_owned())
            .collect();
        assert_eq!(keys, all);
        for text in &all {
            let asked = keyed([(text.as_str(), text.as_str())]);
            let answer = app.client.post("/v1/predict/csv", "text/csv", asked).await;
            match text.as_str() {
                "-1" => assert_eq!(answer.status, 200, "{}", answer.text()),
                _ => drop(answer.problem("invalid_csv")),
            }
        }
        assert_eq!(read_all(&db, "data", &["id", "a"]).await, before);
        assert!(app.stop(Stop::Now).await);
    }
);
