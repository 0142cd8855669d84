//! The service answers before its own tables are up to date: what needs them says so, and nothing is
//! its fault.

use crate::documents::cases::{Operation, members, operations};
use crate::support::app::{PATIENCE, TestApp, config, workshop};
use crate::support::client::Answer;
use crate::support::database::{TestDatabase, on_both};
use crate::support::eventually::eventually;
use crate::support::growing::{self, CONFIG, rows};
use crate::support::training::train_champion;
use logitd::config::Config;

/// It does not bring the tables up to date: that moment lasts as long as the test wants.
fn waiting(database: &TestDatabase) -> Config {
    let overrides = [
        ("LOGITD_DATABASE__MIGRATE", "false"),
        ("LOGITD_OBSERVATIONS__ENABLED", "true"),
    ];
    config(CONFIG, &database.url(), &overrides)
}

/// Sends the request that the document shows, with 1 for whatever the path names.
async fn send(app: &TestApp, operation: &Operation<'_>) -> Answer {
    let parts = operation.path.split('/').map(|part| match part {
        "{version}" | "{key}" => "1",
        // What could be a run's: nobody is asked for another.
        "{id}" => "0198f6a2-3b7e-7c11-8d52-6a3f0e9b4c77",
        "{model}" => "default",
        "{code}" => "internal",
        part if part.starts_with('{') => "0.5",
        part => part,
    });
    let mut path = parts.collect::<Vec<_>>().join("/");
    if operation.id == "predict_from_query" {
        path += "?a=1&b=2";
    }
    let method = operation.method.to_uppercase();
    let body = &operation.value["requestBody"]["content"];
    let Some((media, content)) = members(body).next() else {
        return app.client.request(&method, &path, &[], "").await;
    };
    let example = &content["example"];
    let body = example.as_str().map_or(example.to_string(), str::to_owned);
    let headers = [("content-type", media)];
    app.client.request(&method, &path, &headers, body).await
}

/// Asks for everything; gives the calls that were told to come again.
async fn nothing_is_the_services_fault(app: &TestApp) -> Vec<String> {
    let started = async || (app.client.get("/startupz").await.status == 200).then_some(());
    eventually(PATIENCE, "the first attempt is over", started).await;
    let document = app.client.get("/openapi.json").await.json();
    let mut told = Vec::new();
    for operation in operations(&document) {
        let answer = send(app, &operation).await;
        let said = format!("{}: {}", operation.id, answer.text());
        assert!(answer.status < 500 || answer.status == 503, "{said}");
        if answer.status == 503 {
            assert!(answer.header("retry-after").is_some(), "{said}");
            assert!(operation.value["responses"]["503"].is_object(), "{said}");
            let code = answer.json()["code"].clone();
            told.push(format!("{} {}", operation.id, code.as_str().unwrap()));
        }
    }
    told
}

const TABLES: [&str; 14] = [
    "list_models",
    "get_model",
    "get_champion",
    "list_deployments",
    "promote_model",
    "roll_back_model",
    "pin_model",
    "unpin_model",
    "request_training_run",
    "list_training_runs",
    "get_training_run",
    "cancel_training_run",
    "list_refused_rows",
    "predict",
];

on_both!(
    a_call_before_the_tables_are_there_is_told_to_come_again,
    |database| async {
        growing::create(&database.connect().await).await;
        let app = TestApp::start(waiting(&database)).await;
        let told = nothing_is_the_services_fault(&app).await;
        for id in TABLES {
            let said = told
                .iter()
                .find_map(|said| said.strip_prefix(&format!("{id} ")));
            let code = said.unwrap_or_else(|| panic!("{id} is not among {told:?}"));
            assert!(
                ["store_unavailable", "model_not_ready"].contains(&code),
                "{id}: {code}"
            );
        }
        // What the service learns from is there, and does not wait for anything.
        let listed = app.client.get("/v1/observations").await;
        assert_eq!(listed.status, 200, "{}", listed.text());
        workshop(&config(CONFIG, &database.url(), &[])).await;
        let served =
            async || (app.client.get("/v1/training-runs").await.status == 200).then_some(());
        eventually(PATIENCE, "the tables are seen", served).await;
    }
);

on_both!(
    tables_of_the_release_before_are_no_fault_either,
    |database| async {
        let db = database.connect().await;
        growing::create(&db).await;
        growing::add(&db, &rows(0..200)).await;
        let before = config(CONFIG, &database.url(), &[]);
        train_champion(&before).await;
        let workshop = workshop(&before).await;
        let steps = workshop.database.migration_status().await.unwrap();
        for back in 1..steps.len() {
            workshop.database.migrate_down(1).await.unwrap();
            let app = TestApp::start(waiting(&database)).await;
            let told = nothing_is_the_services_fault(&app).await;
            let asked = told
                .iter()
                .any(|said| said == "request_training_run store_unavailable");
            assert!(asked || back == 1, "{back} steps back: {told:?}");
        }
    }
);
