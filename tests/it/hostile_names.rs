//! A name is a name: whatever stands in it, it names one table or column and nothing else.

use crate::support::app::{PATIENCE, TestApp, config};
use crate::support::database::on_both;
use crate::support::tables::{ColumnKind, create_table, insert_rows, read_all};
use crate::support::training::train_champion;
use logitd::config::Config;
use sea_orm::DatabaseConnection;
use sea_orm::sea_query::Value;
use serde_json::json;

const TABLE: &str = "x\"; DROP TABLE data; --";
const FEATURES: [&str; 4] = [
    "Order Total",
    "select",
    "x\"; DROP TABLE data; --",
    "a.b'c`d\\e/ü",
];
const TARGET: &str = "from \"where\" 'or' 1=1";
const KEY: &str = "key; --";

async fn load(db: &DatabaseConnection) {
    let mut columns = vec![(KEY, ColumnKind::TextKey)];
    columns.extend(FEATURES.map(|name| (name, ColumnKind::Double)));
    columns.push((TARGET, ColumnKind::Text));
    create_table(db, TABLE, &columns).await;
    let rows = (0..150_i32).map(|i| {
        let value = |j: i32| f64::from((i * (7 + j) + j) % 23) / 10.0;
        let label = if value(0) + value(3) > 2.2 {
            "'yes\"; --"
        } else {
            "no"
        };
        let mut row = vec![Value::from(format!("{i}'; DROP TABLE data; --"))];
        row.extend((0..4).map(|j| Value::from(value(j))));
        row.push(Value::from(label));
        row
    });
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    insert_rows(db, TABLE, &names, rows.collect()).await;
}

fn hostile(url: &str) -> Config {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let features: String = FEATURES
        .iter()
        .map(|name| format!("[[dataset.features]]\nname = {}\n", quoted(name)))
        .collect();
    let text = format!(
        "[model]\nname = \"hostile\"\n[dataset]\ntable = {}\nkey = {}\ntarget = {}\n{features}",
        quoted(TABLE),
        quoted(KEY),
        quoted(TARGET)
    );
    config(&text, url, &[])
}

on_both!(
    hostile_names_train_and_serve_and_another_table_is_untouched,
    |database| async {
        let db = database.connect().await;
        create_table(
            &db,
            "data",
            &[("id", ColumnKind::IntegerKey), ("a", ColumnKind::Text)],
        )
        .await;
        let rows = vec![
            vec![Value::from(1), Value::from("kept")],
            vec![Value::from(2), Value::from("too")],
        ];
        insert_rows(&db, "data", &["id", "a"], rows).await;
        let before = read_all(&db, "data", &["id", "a"]).await;
        load(&db).await;
        let own = [&[KEY, TARGET][..], &FEATURES[..]].concat();
        let table_before = read_all(&db, TABLE, &own).await;

        let app = TestApp::start(hostile(&database.url())).await;
        app.champion().await;
        let instance: serde_json::Map<_, _> = FEATURES
            .iter()
            .map(|name| ((*name).to_owned(), json!(1.5)))
            .collect();
        let answer = app.client.post_json("/v1/predict", &instance.into()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let shares = answer.json()["probabilities"].clone();
        assert!(
            shares["'yes\"; --"].is_f64() && shares["no"].is_f64(),
            "{shares}"
        );
        let query = "/v1/predict?Order+Total=1&select=2&x%22%3B+DROP+TABLE+data%3B+--=3\
                 &a.b%27c%60d%5Ce%2F%C3%BC=4";
        assert_eq!(app.client.get(query).await.status, 200);
        let wrong = json!({"Order Total": "x", "a.b'c`d\\e/ü": null});
        let problem = app
            .client
            .post_json("/v1/predict", &wrong)
            .await
            .problem("invalid_instance");
        let pointers: Vec<&str> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["pointer"].as_str().unwrap())
            .collect();
        let all = [
            "/Order Total",
            "/a.b'c`d\\e~1ü",
            "/select",
            "/x\"; DROP TABLE data; --",
        ];
        assert_eq!(pointers, all);

        assert_eq!(read_all(&db, "data", &["id", "a"]).await, before);
        assert_eq!(read_all(&db, TABLE, &own).await, table_before);
        assert!(app.stop(logitd::lifecycle::Stop::Now).await);
    }
);

on_both!(a_table_of_300_columns_trains_and_serves, |database| async {
    let db = database.connect().await;
    let names: Vec<String> = (0..300).map(|j| format!("column {j}")).collect();
    let mut columns: Vec<(String, ColumnKind)> = names
        .iter()
        .map(|name| (name.clone(), ColumnKind::Double))
        .collect();
    columns.push(("class".into(), ColumnKind::Integer));
    create_table(&db, "wide", &columns).await;
    let all: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    let rows = (0..200_i64).map(|i| {
        let value = |j: i64| ((i * i + 31 * i * (j + 1) + j * j * 7) % 101) as f64 / 10.0;
        let class = i32::from(value(3) + value(200) > 10.0);
        (0..300)
            .map(|j| Value::from(value(j)))
            .chain([Value::from(class)])
            .collect()
    });
    insert_rows(&db, "wide", &all, rows.collect()).await;
    let features: String = names
        .iter()
        .map(|name| format!("[[dataset.features]]\nname = \"{name}\"\n"))
        .collect();
    let text = format!("[dataset]\ntable = \"wide\"\ntarget = \"class\"\n{features}");
    let config = config(&text, &database.url(), &[]);
    let champion = train_champion(&config).await;
    assert_eq!(champion.classifier().features(), 300);

    let app = TestApp::start(config).await;
    app.champion().await;
    let instance: serde_json::Map<_, _> =
        names.iter().map(|name| (name.clone(), json!(5))).collect();
    let answer = app
        .client
        .post_json("/v1/predict?explain=true", &instance.into())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        answer.json()["contributions"].as_object().unwrap().len(),
        300
    );
    assert!(
        tokio::time::timeout(PATIENCE, app.stop(logitd::lifecycle::Stop::Now))
            .await
            .unwrap()
    );
});
