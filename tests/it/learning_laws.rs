//! What must hold of any training, through a real database and the real service.

use crate::support::app::breast_cancer;
use crate::support::database::{TestDatabase, on_both};
use crate::support::rows::load_breast_cancer_as;
use crate::support::training::train_champion;
use logitd::config::Config;
use logitd::serving::ServedModel;
use sea_orm::sea_query::{Alias, CaseStatement, Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::Value;

/// The published numbers, of class benign on standardised features, fitted on all rows.
fn reference() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/reference.json");
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["breast_cancer"].clone()
}

fn on_table(database: &TestDatabase, table: &str, more: &[(&str, &str)]) -> Config {
    let model = format!("of-{table}");
    let mut overrides = vec![
        ("LOGITD_DATASET__TABLE", table),
        ("LOGITD_MODEL__NAME", &model),
    ];
    overrides.extend(more);
    breast_cancer(&database.url(), &overrides)
}

async fn rows(db: &DatabaseConnection, config: &Config) -> Vec<Vec<f64>> {
    let schema = &config.dataset.learning_schema;
    let names = schema
        .features()
        .iter()
        .map(|feature| Alias::new(&feature.name));
    let select = Query::select()
        .columns(names)
        .from(Alias::new("breast_cancer"))
        .order_by(Alias::new("id"), Order::Asc)
        .take();
    let rows = db.query_all(&select).await.unwrap();
    let width = schema.features().len();
    let row = |row: &sea_orm::QueryResult| {
        (0..width)
            .map(|j| row.try_get_by_index(j).unwrap())
            .collect()
    };
    rows.iter().map(row).collect()
}

fn odds(model: &ServedModel, rows: &[Vec<f64>]) -> Vec<f64> {
    rows.iter()
        .map(|row| model.classifier().scores(row)[0])
        .collect()
}

fn probabilities(model: &ServedModel, class: &str, rows: &[Vec<f64>]) -> Vec<f64> {
    let index = model.classifier().classes().index_of(class).unwrap();
    rows.iter()
        .map(|row| model.classifier().predict(row).probabilities[index])
        .collect()
}

fn furthest(left: &[f64], right: impl IntoIterator<Item = f64>) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| (left - right).abs())
        .fold(0.0, f64::max)
}

on_both!(
    breast_cancer_agrees_with_the_published_numbers,
    |database| async {
        let db = database.connect().await;
        load_breast_cancer_as(&db, "breast_cancer").await;
        let positive = [("LOGITD_DATASET__POSITIVE", "benign")];
        let config = on_table(&database, "breast_cancer", &positive);
        let model = train_champion(&config).await;
        let reference = reference();
        let report = &model.version().content.trained.served.report;
        assert!(report.converged && report.rows == 569);
        let ours: Vec<f64> = model.classifier().equations()[0]
            .coefficients
            .iter()
            .map(|coefficient| coefficient.standardized)
            .collect();
        let theirs = reference["standardized_coefficients"][0]
            .as_array()
            .unwrap()
            .iter();
        let apart = furthest(&ours, theirs.map(|number| number.as_f64().unwrap()));
        assert!(apart < 1e-6, "coefficients: {apart}");
        let means: Vec<f64> = model.classifier().equations()[0]
            .coefficients
            .iter()
            .map(|of| of.mean)
            .collect();
        let constant =
            model.classifier().scores(&means)[0] - reference["intercept"][0].as_f64().unwrap();
        assert!(constant.abs() < 1e-6, "constant: {constant}");
        let rows = rows(&db, &config).await;
        for (row, theirs) in rows
            .iter()
            .zip(reference["probabilities_of_first_rows"].as_array().unwrap())
        {
            let ours = model.classifier().predict(row);
            let malignant = theirs[0].as_f64().unwrap();
            let index = model.classifier().classes().index_of("malignant").unwrap();
            assert!((ours.probabilities[index] - malignant).abs() < 1e-6);
        }
    }
);

on_both!(no_probability_flips_its_meaning, |database| async {
    let db = database.connect().await;
    for table in ["breast_cancer", "swapped", "renamed", "shuffled"] {
        load_breast_cancer_as(&db, table).await;
    }
    relabel(
        &db,
        "swapped",
        &[("malignant", "benign"), ("benign", "malignant")],
    )
    .await;
    relabel(&db, "renamed", &[("malignant", "a"), ("benign", "z")]).await;
    shuffle(&db).await;
    let plain = train_champion(&on_table(&database, "breast_cancer", &[])).await;
    let rows = rows(&db, &on_table(&database, "breast_cancer", &[])).await;
    let malignant = probabilities(&plain, "malignant", &rows);

    let swapped = train_champion(&on_table(&database, "swapped", &[])).await;
    let apart = furthest(
        &malignant,
        probabilities(&swapped, "malignant", &rows)
            .iter()
            .map(|p| 1.0 - p),
    );
    assert!(apart < 1e-9, "swapped: {apart}");

    let names = [
        ("LOGITD_DATASET__CLASSES", "[\"a\", \"z\"]"),
        ("LOGITD_DATASET__POSITIVE", "a"),
    ];
    let renamed = train_champion(&on_table(&database, "renamed", &names)).await;
    let apart = furthest(&malignant, probabilities(&renamed, "a", &rows));
    assert!(apart < 1e-9, "renamed: {apart}");

    let shuffled = train_champion(&on_table(&database, "shuffled", &[])).await;
    let apart = furthest(&odds(&plain, &rows), odds(&shuffled, &rows));
    assert!(apart < 1e-9, "shuffled: {apart}");
});

async fn relabel(db: &DatabaseConnection, table: &str, names: &[(&str, &str)]) {
    let column = || Expr::col(Alias::new("diagnosis"));
    let cases = names
        .iter()
        .fold(CaseStatement::new(), |cases, (from, to)| {
            cases.case(column().eq(*from), Expr::val(*to))
        });
    let update = Query::update()
        .table(Alias::new(table))
        .value(Alias::new("diagnosis"), cases)
        .take();
    db.execute(&update).await.unwrap();
}

/// Takes every third row out and puts it back: it comes last from then on.
async fn shuffle(db: &DatabaseConnection) {
    let third = || Expr::col(Alias::new("id")).modulo(3).eq(0);
    let table = Alias::new("shuffled");
    let delete = Query::delete()
        .from_table(table.clone())
        .and_where(third())
        .take();
    db.execute(&delete).await.unwrap();
    let columns = crate::support::rows::breast_cancer_columns();
    let columns = || columns.iter().map(Alias::new);
    let back = Query::select()
        .columns(columns())
        .from(Alias::new("breast_cancer"))
        .and_where(third())
        .order_by(Alias::new("id"), Order::Desc)
        .take();
    let mut insert = Query::insert().into_table(table).columns(columns()).take();
    insert.select_from(back).unwrap();
    db.execute(&insert).await.unwrap();
}
