//! Each of the same strings as the name of a table: made, imported into, trained on, predicted with.

use super::names::{distinct, quoted};
use super::{bystander, strings};
use crate::support::app::{config, workshop};
use crate::support::database::on_both;
use crate::support::tables::read_all;
use logitd::app::database_options;
use logitd::learning::Schema;
use logitd::retraining::{Trigger, WhenStopped};
use logitd::serving::{Follower, ModelSlot, Predictor};
use logitd::store::labelled_rows::{DatasetWriter, IncomingRow, NewColumns};
use logitd::store::{DatabaseOptions, DatasetTable, OrderKind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const ROWS: u64 = 40;

/// Of the row with this number: its feature and its label.
fn content(row: u64) -> (f64, &'static str) {
    let value = (row * 7) % 20;
    let label = if value + row % 3 > 10 { "yes" } else { "no" };
    (value as f64 / 10.0, label)
}

/// As `logitd import` writes them.
async fn import(options: &DatabaseOptions, table: &DatasetTable, schema: &Schema) {
    let rows: Vec<IncomingRow> = (0..ROWS)
        .map(|row| IncomingRow {
            line: row + 2,
            key: Some(format!("{} {row}", table.table)),
            features: vec![Some(content(row).0)],
            label: Some(content(row).1.to_owned()),
            order: None,
        })
        .collect();
    let mut writer = DatasetWriter::open(options, table, schema).await.unwrap();
    assert!(!writer.has_table(), "{:?}", table.table);
    let kinds = NewColumns {
        integer_key: false,
        integer_target: false,
        order: OrderKind::of(std::iter::empty()),
    };
    let refused = writer.create(kinds, &rows).await.unwrap();
    assert_eq!(refused, Some(Vec::new()), "{:?}", table.table);
    writer.close().await.unwrap();
}

/// Imports, trains and predicts; the three columns are called as the table is.
async fn is_a_table_like_another(url: &str, number: usize, name: &str) {
    let column = |what: &str| quoted(&format!("{what}{name}"));
    let text = format!(
        "[model]\nname = \"table-{number}\"\n[dataset]\ntable = {}\nkey = {}\ntarget = {}\n\
         [[dataset.features]]\nname = {}\n",
        quoted(name),
        column("k"),
        column("t"),
        column("")
    );
    let settings = [
        ("LOGITD_TRAINING__PENALTIES", "[1.0]"),
        ("LOGITD_TRAINING__MINIMUM_ROWS", "20"),
    ];
    let config = config(&text, url, &settings);
    let workshop = workshop(&config).await;
    import(
        &database_options(&config),
        &workshop.table,
        &workshop.schema,
    )
    .await;
    workshop.queue.enqueue(Trigger::Command).await.unwrap();
    let run = workshop.queue.claim().await.unwrap().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let retrainer = &workshop.retrainer;
    let ended = retrainer.work_off(&run, &stop, WhenStopped::Requeue).await;
    let ended = ended.unwrap().unwrap();
    assert_eq!(ended.status, "promoted", "{name:?}: {:?}", ended.error);
    assert_eq!(ended.rows.unwrap().read, ROWS);
    let slot = Arc::new(ModelSlot::default());
    let follower = Follower::new(workshop.registry.clone(), Arc::clone(&slot));
    follower.look().await.unwrap();
    let champion = slot.snapshot().unwrap();
    let predicted = Predictor::predict(&champion, &[1.9]).prediction;
    assert!(predicted.probabilities[1] > 0.5, "{name:?}: {predicted:?}");
    workshop.database.close().await.unwrap();
}

on_both!(
    a_table_of_any_name_is_imported_trained_and_predicted_with,
    |database| async {
        let db = database.connect().await;
        let before = bystander(&db).await;
        let names = distinct(&strings());
        for (number, name) in names.iter().enumerate() {
            is_a_table_like_another(&database.url(), number, name).await;
        }
        for name in &names {
            let columns = [format!("k{name}"), format!("t{name}")];
            let rows = read_all(&db, name, &columns).await;
            assert_eq!(rows.len() as u64, ROWS, "{name:?}");
            let own = |row: &Vec<Option<String>>| row[0].as_deref().unwrap().starts_with(name);
            assert!(rows.iter().all(own), "{name:?}");
        }
        assert_eq!(read_all(&db, "data", &["id", "a"]).await, before);
    }
);
