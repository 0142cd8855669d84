//! Labelled rows written and read by clients, in the user's own table.

mod ordered;
mod refused;

use crate::support::app::{TestApp, config};
use crate::support::client::Answer;
use crate::support::database::{TestDatabase, on_both};
use crate::support::tables::{ColumnKind, count_rows, create_table, read_all};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A feature that must be there, one whose mean may stand in, and the class.
const CONFIGURATION: &str = "[dataset]\ntable = \"rows\"\nkey = \"id\"\ntarget = \"class\"\n\
    [[dataset.features]]\nname = \"size\"\nminimum = 0.0\n\
    [[dataset.features]]\nname = \"age\"\nmissing = \"mean\"\n\
    [training]\non_start = \"never\"\n[observations]\nenabled = true\n";

/// The table of [`CONFIGURATION`] with a key and a target of these kinds, and a service over it.
async fn service(database: &TestDatabase, key: ColumnKind, target: ColumnKind) -> TestApp {
    let columns = [
        ("id", key),
        ("size", ColumnKind::Double),
        ("age", ColumnKind::Integer),
        ("class", target),
        ("remark", ColumnKind::Text),
    ];
    create_table(&database.connect().await, "rows", &columns).await;
    TestApp::start(config(CONFIGURATION, &database.url(), &[])).await
}

fn encoded(key: &str) -> String {
    format!(
        "/v1/observations/{}",
        utf8_percent_encode(key, NON_ALPHANUMERIC)
    )
}

async fn put(app: &TestApp, key: &str, body: &Value) -> Answer {
    let json = [("content-type", "application/json")];
    app.client
        .request("PUT", &encoded(key), &json, body.to_string())
        .await
}

async fn delete(app: &TestApp, key: &str) -> Answer {
    app.client.request("DELETE", &encoded(key), &[], "").await
}

/// Every observation, in pages of this many.
async fn listed(app: &TestApp, limit: usize) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/observations?limit={limit}{cursor}");
        let page = app.client.get(&path).await.json();
        let items = page["items"].as_array().unwrap().clone();
        assert!(items.len() <= limit);
        all.extend(items);
        let Some(next) = page["next_cursor"].as_str() else {
            return all;
        };
        cursor = format!("&cursor={}", utf8_percent_encode(next, NON_ALPHANUMERIC));
    }
}

on_both!(
    an_observation_is_written_read_replaced_and_deleted,
    |database| async {
        let app = service(&database, ColumnKind::IntegerKey, ColumnKind::Text).await;
        let one = json!({"key": 7, "features": {"size": 1.5, "age": 40}, "label": "yes"});
        let answer = app.client.post_json("/v1/observations", &one).await;
        assert_eq!(
            (answer.status, answer.json()),
            (200, json!({"written": 1})),
            "{}",
            answer.text()
        );
        let stored = json!({"key": 7, "features": {"size": 1.5, "age": 40.0}, "label": "yes"});
        let path = "/v1/observations/7";
        assert_eq!(app.client.get(path).await.json(), stored);

        let many = json!({"observations": [
            {"key": 7, "features": {"size": 2, "age": null}, "label": "no"},
            {"key": -1, "features": {"size": 0.1}, "label": "yes"},
        ]});
        let answer = app.client.post_json("/v1/observations", &many).await;
        assert_eq!(
            (answer.status, answer.json()),
            (200, json!({"written": 2})),
            "{}",
            answer.text()
        );
        let replaced = json!({"key": 7, "features": {"size": 2.0}, "label": "no"});
        let other = json!({"key": -1, "features": {"size": 0.1}, "label": "yes"});
        assert_eq!(listed(&app, 20).await, [other.clone(), replaced]);
        let db = database.connect().await;
        let rows = read_all(&db, "rows", &["id", "age", "remark"]).await;
        assert!(
            rows.iter().all(|row| row[1].is_none() && row[2].is_none()),
            "{rows:?}"
        );

        let value = json!({"key": 9, "features": {"size": 3, "age": 5}, "label": "no"});
        let answer = put(&app, "9", &value).await;
        let stored = json!({"key": 9, "features": {"size": 3.0, "age": 5.0}, "label": "no"});
        assert_eq!(
            (answer.status, answer.json()),
            (200, stored.clone()),
            "{}",
            answer.text()
        );
        // What was read can be sent back.
        assert_eq!(put(&app, "9", &stored).await.json(), stored);

        // The last of its class goes like any other.
        let answer = delete(&app, "-1").await;
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        delete(&app, "-1").await.problem("not_found");
        app.client
            .get("/v1/observations/-1")
            .await
            .problem("not_found");
        assert_eq!(count_rows(&db, "rows").await, 2);
    }
);

/// Texts that break what is careless; none is dot or dot-dot, which no client sends as they are.
const KEYS: [&str; 16] = [
    "7",
    "07",
    "a/b",
    "%2F",
    "a?b#c",
    "x\"; DROP TABLE rows; --",
    "it's",
    " a ",
    "null",
    "größe 身長",
    "\u{1f9ea}",
    "\\",
    "a\tb\nc",
    "{key}",
    ":key",
    "...",
];

on_both!(a_key_comes_back_as_it_was_sent, |database| async {
    let app = service(&database, ColumnKind::TextKey, ColumnKind::Text).await;
    let longest = "é".repeat(512);
    let keys: Vec<&str> = KEYS.into_iter().chain([longest.as_str()]).collect();
    let rows = keys
        .iter()
        .map(|key| json!({"key": key, "features": {"size": 1}, "label": key}));
    let many = json!({"observations": rows.collect::<Vec<_>>()});
    let answer = app.client.post_json("/v1/observations", &many).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for key in &keys {
        let expected = json!({"key": key, "features": {"size": 1.0}, "label": key});
        let answer = app.client.get(&encoded(key)).await;
        assert_eq!((answer.status, answer.json()), (200, expected), "{key:?}");
        let value = json!({"features": {"size": 2}, "label": "x"});
        let expected = json!({"key": key, "features": {"size": 2.0}, "label": "x"});
        let answer = put(&app, key, &value).await;
        assert_eq!((answer.status, answer.json()), (200, expected), "{key:?}");
    }
    let one_by_one = listed(&app, 1).await;
    assert_eq!(one_by_one, listed(&app, 100).await);
    let found = one_by_one.iter().map(|row| row["key"].as_str().unwrap());
    assert_eq!(
        found.collect::<BTreeSet<_>>(),
        keys.iter().copied().collect()
    );
    for key in &keys {
        assert_eq!(delete(&app, key).await.status, 204, "{key:?}");
    }
    assert!(listed(&app, 20).await.is_empty());
    // A text column takes an integer as its digits.
    let integer = json!({"key": 5, "features": {"size": 1}, "label": "x"});
    assert_eq!(
        app.client
            .post_json("/v1/observations", &integer)
            .await
            .status,
        200
    );
    assert_eq!(
        app.client.get("/v1/observations/5").await.json()["key"],
        "5"
    );
});

on_both!(integer_keys_are_in_order_and_whole, |database| async {
    let app = service(&database, ColumnKind::IntegerKey, ColumnKind::Text).await;
    let keys = [10, 9, -3, 0, 2_147_483_647, -2_147_483_648, 100];
    for key in keys {
        let row = json!({"key": key, "features": {"size": 1}, "label": "x"});
        assert_eq!(
            app.client.post_json("/v1/observations", &row).await.status,
            200
        );
    }
    let mut sorted = keys;
    sorted.sort_unstable();
    for limit in [1, 2, 3, 100] {
        let found = listed(&app, limit).await;
        let found: Vec<i64> = found
            .iter()
            .map(|row| row["key"].as_i64().unwrap())
            .collect();
        assert_eq!(found, sorted, "in pages of {limit}");
    }
});

on_both!(a_label_is_a_class_whatever_its_column, |database| async {
    for (target, given, shown) in [
        (ColumnKind::Integer, json!(1), "1"),
        (ColumnKind::Integer, json!("1"), "1"),
        (ColumnKind::Boolean, json!(true), "true"),
        (ColumnKind::Boolean, json!("false"), "false"),
        (ColumnKind::Text, json!(1), "1"),
        (ColumnKind::Text, json!(""), ""),
    ] {
        let database = TestDatabase::new(database.engine()).await;
        let app = service(&database, ColumnKind::IntegerKey, target).await;
        let row = json!({"key": 1, "features": {"size": 1}, "label": given});
        let answer = app.client.post_json("/v1/observations", &row).await;
        assert_eq!(answer.status, 200, "{target:?} {given}: {}", answer.text());
        let stored = app.client.get("/v1/observations/1").await.json();
        assert_eq!(stored["label"], shown, "{target:?} {given}");
    }
});

on_both!(
    many_writers_of_the_same_keys_wait_for_each_other,
    |database| async {
        let app = service(&database, ColumnKind::IntegerKey, ColumnKind::Text).await;
        let batch = |writer: u32| {
            let keys = (0..50).map(|n| if writer.is_multiple_of(2) { n } else { 49 - n });
            let rows = keys.map(|key| {
            json!({"key": key, "features": {"size": writer}, "label": writer.to_string()})
        });
            json!({"observations": rows.collect::<Vec<_>>()})
        };
        let requests = (0..12).map(|writer| {
            let (client, batch) = (app.client.clone(), batch(writer));
            tokio::spawn(async move { client.post_json("/v1/observations", &batch).await })
        });
        for request in requests.collect::<Vec<_>>() {
            let answer = request.await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        // Each batch was written whole: one of them was the last.
        let rows = listed(&app, 100).await;
        assert_eq!(rows.len(), 50);
        assert!(
            rows.iter().all(|row| row["label"] == rows[0]["label"]),
            "{rows:?}"
        );
    }
);

on_both!(
    a_row_of_somebody_else_is_shown_as_far_as_it_can_be,
    |database| async {
        let app = service(&database, ColumnKind::TextKey, ColumnKind::Text).await;
        let db = database.connect().await;
        let row = vec![
            "other".into(),
            None::<f64>.into(),
            None::<i32>.into(),
            None::<String>.into(),
        ];
        let columns = ["id", "size", "age", "class"];
        crate::support::tables::insert_rows(&db, "rows", &columns, vec![row]).await;
        assert_eq!(
            listed(&app, 20).await,
            [json!({"key": "other", "features": {}})]
        );
    }
);
