//! What a person decides about the champion, over HTTP: promote, roll back, pin, and the history.

use crate::support::app::{PATIENCE, TestApp, config, example, two_features, workshop};
use crate::support::client::Answer;
use crate::support::database::on_both;
use crate::support::eventually::eventually;
use crate::support::rows::load_two_features;
use crate::support::training::train_champion;
use crate::support::versions::{add_version, publish, spoil};
use logitd::config::Config;
use serde_json::{Value, json};

const STILL: [(&str, &str); 2] = [
    ("LOGITD_TRAINING__WORKER", "false"),
    ("LOGITD_TRAINING__ON_START", "never"),
];

/// A service with this many versions, the first of which serves, and a configuration like its own.
async fn with_versions(url: &str, versions: i32) -> (TestApp, Config) {
    let config = two_features(url, &STILL);
    train_champion(&config).await;
    for _ in 1..versions {
        add_version(&config).await;
    }
    let app = TestApp::start(two_features(url, &STILL)).await;
    app.champion().await;
    (app, config)
}

async fn post(app: &TestApp, path: &str, body: &str) -> Answer {
    let body = body.to_owned();
    app.client.post(path, "application/json", body).await
}

/// Version and action of a deployment that was made.
fn made(answer: &Answer) -> (i64, String, bool) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let said = answer.json();
    let action = said["action"].as_str().unwrap().to_owned();
    (
        said["version"].as_i64().unwrap(),
        action,
        said["pinned"].as_bool().unwrap(),
    )
}

/// What the process that was asked serves, at once.
async fn serves(app: &TestApp) -> Value {
    let predicted = app.client.get("/v1/predict?feature_1=1&feature_2=-1").await;
    let champion = app.client.get("/v1/models/champion").await.json();
    let version = predicted.json()["model"]["version"].clone();
    assert_eq!(champion["version"], version);
    assert_eq!(champion["deployment"]["version"], version);
    assert_eq!(champion["serving"]["serves"], version);
    assert_eq!(champion["serving"]["should_serve"], version);
    assert_eq!(champion["champion"], true);
    version
}

on_both!(
    promoted_and_rolled_back_with_who_and_why,
    |database| async {
        load_two_features(&database.connect().await, 200, 1).await;
        let (app, _) = with_versions(&database.url(), 3).await;
        let body = r#"{"reason": "a better \"3\""}"#;
        let promoted = post(&app, "/v1/models/3/promote", body).await;
        assert_eq!(made(&promoted), (3, "promote".into(), true));
        assert_eq!(serves(&app).await, 3);
        let second = post(&app, "/v1/models/2/promote", r#"{"pin": false}"#).await;
        assert_eq!(made(&second), (2, "promote".into(), false));

        // Back to 3, then further back to 1, never forth to 2; then there is nothing before.
        let back = app.client.request("POST", "/v1/models/rollback", &[], "");
        assert_eq!(made(&back.await), (3, "roll_back".into(), true));
        assert_eq!(serves(&app).await, 3);
        let back = post(&app, "/v1/models/rollback", r#"{"pin": false}"#).await;
        assert_eq!(made(&back), (1, "roll_back".into(), false));
        let none = post(&app, "/v1/models/rollback", "{}").await;
        none.problem("conflict");
        assert_eq!(serves(&app).await, 1);

        let history = app.client.get("/v1/deployments").await.json();
        let items = history["items"].as_array().unwrap();
        let sequences: Vec<i64> = items
            .iter()
            .map(|d| d["sequence"].as_i64().unwrap())
            .collect();
        assert_eq!(sequences, [5, 4, 3, 2, 1]);
        assert_eq!(items[3], promoted.json());
        assert_eq!(items[3]["reason"], "a better \"3\"");
        assert_eq!(items[3]["deployed_by"], "anonymous");
        assert_eq!(items[4]["deployed_by"], "command");
        assert!(history.get("next_cursor").is_none());
    }
);

on_both!(a_pin_is_put_on_once_and_taken_off_once, |database| async {
    load_two_features(&database.connect().await, 200, 1).await;
    let (app, _) = with_versions(&database.url(), 1).await;
    let put = async |body: &'static str| {
        let headers = [("content-type", "application/json")];
        app.client
            .request("PUT", "/v1/models/pin", &headers, body)
            .await
    };
    let pinned = put(r#"{"reason": "an audit"}"#).await;
    assert_eq!(made(&pinned), (1, "pin".into(), true));
    assert_eq!(serves(&app).await, 1);
    let champion = app.client.get("/v1/models/champion").await.json();
    assert_eq!(champion["serving"]["pinned"], true);
    assert_eq!(champion["deployment"], pinned.json());
    let again = put("").await.json();
    assert_eq!(again, pinned.json(), "it was on already");
    let off = "/v1/models/pin?reason=the%20audit%20is%20over";
    let unpinned = app.client.request("DELETE", off, &[], "").await;
    assert_eq!(made(&unpinned), (1, "unpin".into(), false));
    assert_eq!(unpinned.json()["reason"], "the audit is over");
    let again = app
        .client
        .request("DELETE", "/v1/models/pin", &[], "")
        .await;
    assert_eq!(again.json(), unpinned.json());
    let history = app.client.get("/v1/deployments").await.json();
    assert_eq!(history["items"].as_array().unwrap().len(), 3);
});

on_both!(
    what_cannot_serve_is_refused_and_nothing_changes,
    |database| async {
        load_two_features(&database.connect().await, 200, 1).await;
        let (app, ours) = with_versions(&database.url(), 1).await;
        let other = example("two-features").replacen(
            "name = \"feature_1\"",
            "name = \"feature_1\"\nmissing = \"mean\"",
            1,
        );
        let other = config(&other, &database.url(), &STILL);
        let (ours, other) = (workshop(&ours).await, workshop(&other).await);
        let mut content = ours
            .registry
            .find_version(1)
            .await
            .unwrap()
            .unwrap()
            .content;
        content.schema = (*other.schema).clone();
        assert_eq!(publish(&other, content).await, 2);

        let refused = post(&app, "/v1/models/2/promote", "{}").await;
        let detail = refused.problem("conflict")["detail"].clone();
        assert!(
            detail.as_str().unwrap().contains("another schema"),
            "{detail}"
        );
        post(&app, "/v1/models/9/promote", "{}")
            .await
            .problem("not_found");
        post(&app, "/v1/models/x/promote", "{}")
            .await
            .problem("invalid_parameter");
        let faults = post(&app, "/v1/models/1/promote", r#"{"pin": 1, "why": ""}"#).await;
        let faults = faults.problem("invalid_parameter")["errors"].clone();
        assert_eq!(faults[0]["pointer"], "/pin");
        assert_eq!(faults[1]["pointer"], "/why");
        let text = app
            .client
            .post("/v1/models/rollback", "text/plain", "x")
            .await;
        text.problem("unsupported_media_type");
        post(&app, "/v1/models/rollback", "{")
            .await
            .problem("invalid_json");
        let allowed = app.client.get("/v1/models/pin").await;
        allowed.problem("method_not_allowed");
        assert_eq!(allowed.header("allow"), Some("DELETE, PUT"));
        app.health.start_draining();
        for path in ["/v1/models/1/promote", "/v1/models/rollback"] {
            post(&app, path, "{}").await.problem("conflict");
        }
        for method in ["PUT", "DELETE"] {
            let refused = app.client.request(method, "/v1/models/pin", &[], "").await;
            refused.problem("conflict");
        }
        let history = app.client.get("/v1/deployments").await.json();
        assert_eq!(history["items"].as_array().unwrap().len(), 1);
    }
);

on_both!(
    without_a_champion_there_is_nothing_to_decide,
    |database| async {
        load_two_features(&database.connect().await, 200, 1).await;
        let app = TestApp::start(two_features(&database.url(), &STILL)).await;
        let migrated = async || app.health.is_started().then_some(());
        eventually(PATIENCE, "the tables are there", migrated).await;
        post(&app, "/v1/models/rollback", "{}")
            .await
            .problem("conflict");
        let pin = app.client.request("PUT", "/v1/models/pin", &[], "").await;
        pin.problem("conflict");
        let none = app.client.get("/v1/deployments").await.json();
        assert_eq!(none, json!({"items": []}));
    }
);

on_both!(
    of_many_that_promote_at_once_each_wins_or_conflicts,
    |database| async {
        load_two_features(&database.connect().await, 200, 1).await;
        let (app, _) = with_versions(&database.url(), 3).await;
        let asked = (0..24).map(|n| {
            let client = app.client.clone();
            let path = format!("/v1/models/{}/promote", 1 + n % 3);
            tokio::spawn(async move { client.post(&path, "application/json", "{}").await })
        });
        let mut won = 0;
        for answer in asked.collect::<Vec<_>>() {
            let answer = answer.await.unwrap();
            if answer.status == 200 {
                won += 1;
            } else {
                answer.problem("conflict");
            }
        }
        assert!(won > 0);
        let mut seen = Vec::new();
        let mut path = "/v1/deployments?limit=5".to_owned();
        loop {
            let page = app.client.get(&path).await.json();
            let items = page["items"].as_array().unwrap().clone();
            seen.extend(items.iter().map(|d| d["sequence"].as_i64().unwrap()));
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("/v1/deployments?limit=5&cursor={cursor}");
        }
        let expected: Vec<i64> = (1..=1 + won).rev().collect();
        assert_eq!(seen, expected);
        // Whoever was answered last, the newest deployment is what serves.
        let newest = app.client.get("/v1/deployments?limit=1").await.json();
        assert_eq!(serves(&app).await, newest["items"][0]["version"]);
    }
);

on_both!(
    a_version_that_cannot_be_read_takes_nothing_from_the_others,
    |database| async {
        let db = database.connect().await;
        load_two_features(&db, 200, 1).await;
        let (app, _) = with_versions(&database.url(), 3).await;
        spoil(&db, 2).await;
        let listed = app.client.get("/v1/models").await;
        assert_eq!(listed.status, 200, "{}", listed.text());
        let listed = listed.json();
        let numbers: Vec<_> = listed["items"].as_array().unwrap().iter().collect();
        assert_eq!(numbers.len(), 2);
        assert_eq!(
            (&numbers[0]["version"], &numbers[1]["version"]),
            (&json!(3), &json!(1))
        );
        assert_eq!(listed["unreadable"], json!([2]));

        // A page of nothing else goes on behind it.
        let mut seen = Vec::new();
        let mut path = "/v1/models?limit=1".to_owned();
        loop {
            let page = app.client.get(&path).await.json();
            seen.push((
                page["items"][0]["version"].clone(),
                page.get("unreadable").cloned(),
            ));
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("/v1/models?limit=1&cursor={cursor}");
        }
        let expected = [
            (json!(3), None),
            (Value::Null, Some(json!([2]))),
            (json!(1), None),
        ];
        assert_eq!(seen, expected);

        let problem = app.client.get("/v1/models/2").await.problem("not_found");
        let detail = "version 2 is stored in a form that this process cannot read";
        assert_eq!(problem["detail"], detail);
        let runs = app.client.get("/v1/training-runs").await;
        assert_eq!(runs.status, 200, "{}", runs.text());
        for run in runs.json()["items"].as_array().unwrap() {
            let path = format!("/v1/training-runs/{}", run["id"].as_str().unwrap());
            let shown = app.client.get(&path).await;
            assert_eq!(shown.status, 200, "{}", shown.text());
            let evaluated = shown.json()["evaluation"].is_object();
            assert_eq!(evaluated, run["version"] != 2, "{run}");
        }
    }
);
