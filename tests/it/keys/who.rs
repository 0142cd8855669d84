//! Who asked stands on what was asked for: the name of the key.

use super::line;
use crate::support::app::{PATIENCE, TestApp, two_features};
use crate::support::client::Answer;
use crate::support::database::on_both;
use crate::support::eventually::eventually;
use crate::support::rows::load_two_features;
use serde_json::Value;

async fn ask(app: &TestApp, key: &str, call: (&str, &str), body: &str) -> Answer {
    let headers = [("x-api-key", key), ("content-type", "application/json")];
    app.client
        .request(call.0, call.1, &headers, body.to_owned())
        .await
}

async fn get(app: &TestApp, path: &str) -> Value {
    ask(app, "operate", ("GET", path), "").await.json()
}

on_both!(
    the_name_of_the_key_stands_on_runs_and_deployments,
    |database| async {
        load_two_features(&database.connect().await, 300, 7).await;
        let ann = line("operate", "ann's").replace("name = \"operate\"", "name = \"Ann\"");
        let keys = format!("[{ann}, {}]", line("operate", "operate"));
        let settings = [
            ("LOGITD_AUTH__KEYS", keys.as_str()),
            ("LOGITD_TRAINING__ON_START", "never"),
        ];
        let app = TestApp::start(two_features(&database.url(), &settings)).await;
        let asked = eventually(PATIENCE, "a run is made", async || {
            let asked = ask(&app, "ann's", ("POST", "/v1/training-runs"), "").await;
            (asked.status == 202).then_some(asked)
        });
        let asked = asked.await;
        assert_eq!(asked.json()["requested_by"], "Ann");
        let link = asked.header("location").unwrap().to_owned();
        let over = async || {
            let run = get(&app, &link).await;
            run["finished_at"].is_string().then_some(run)
        };
        let run = eventually(PATIENCE, "the run ends", over).await;
        let found = (&run["status"], &run["requested_by"]);
        assert_eq!(found, (&"promoted".into(), &"Ann".into()));
        app.champion().await;

        // One that a run made is of whoever asked for the run; one that a person made, of that person.
        let promote = ("POST", "/v1/models/1/promote");
        let promoted = ask(&app, "operate", promote, r#"{"reason":"an audit"}"#).await;
        assert_eq!(promoted.status, 200, "{}", promoted.text());
        let unpinned = ask(&app, "ann's", ("DELETE", "/v1/models/pin"), "").await;
        assert_eq!(unpinned.status, 200, "{}", unpinned.text());
        let listed = get(&app, "/v1/deployments").await;
        let by = listed["items"].as_array().unwrap().iter();
        let by: Vec<&str> = by.map(|one| one["deployed_by"].as_str().unwrap()).collect();
        assert_eq!(by, ["Ann", "operate", "Ann"]);
        assert_eq!(listed["items"][1]["reason"], "an audit");
    }
);
