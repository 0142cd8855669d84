//! The same strings as the names of keys and as reasons, which stand on what was done.

use super::{CONFIG, WITH_NUL, bystander, escaped, strings, told};
use crate::support::app::{TestApp, config};
use crate::support::client::Answer;
use crate::support::database::on_both;
use crate::support::tables::read_all;
use crate::support::training::train_champion;
use logitd::config::{Config, Environment, KeyDigest};
use logitd::lifecycle::Stop;
use serde_json::json;

/// A key of this name; the name is what is sent for it too.
fn line(name: &str) -> String {
    let digits = KeyDigest::of(secret(name).as_bytes()).digits();
    let name = serde_json::to_string(name).unwrap();
    format!("{{ name = {name}, role = \"operate\", sha256 = \"{digits}\" }}")
}

fn secret(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The service in which each of these names has a key.
fn configuration(url: &str, names: &[String]) -> Config {
    let lines: Vec<String> = names.iter().map(|name| line(name)).collect();
    let text = format!("{}\n[auth]\nkeys = [{}]\n", CONFIG, lines.join(",\n"));
    config(&text, url, &[("LOGITD_TRAINING__WORKER", "false")])
}

async fn ask(app: &TestApp, who: &str, method: &str, path: &str, body: String) -> Answer {
    let key = secret(who);
    let headers = [
        ("x-api-key", key.as_str()),
        ("content-type", "application/json"),
    ];
    app.client.request(method, path, &headers, body).await
}

/// A decision is told with who made it and why, at once and in the history.
async fn decides(app: &TestApp, who: &str, reason: &str, pin: bool) {
    let decided = if pin {
        let body = json!({ "reason": reason }).to_string();
        ask(app, who, "PUT", "/v1/models/pin", body).await
    } else {
        let path = format!("/v1/models/pin?reason={}", escaped(reason));
        ask(app, who, "DELETE", &path, String::new()).await
    };
    assert_eq!(decided.status, 200, "{}", decided.text());
    let listed = ask(app, who, "GET", "/v1/deployments?limit=1", String::new()).await;
    let newest = listed.json()["items"][0].clone();
    assert_eq!(newest, decided.json());
    let found = (&newest["deployed_by"], &newest["reason"], &newest["pinned"]);
    assert_eq!(found, (&json!(who), &json!(reason), &json!(pin)));
}

/// A run is told with who asked for it, and taken back.
async fn asks_for_a_run(app: &TestApp, who: &str) {
    let asked = ask(app, who, "POST", "/v1/training-runs", String::new()).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let path = asked.header("location").unwrap();
    let run = ask(app, who, "GET", path, String::new()).await.json();
    assert_eq!(run["requested_by"], json!(who));
    let taken = ask(app, who, "DELETE", path, String::new()).await;
    assert_eq!(taken.json()["status"], "cancelled", "{}", taken.text());
}

on_both!(
    whoever_decides_and_why_is_told_as_it_was,
    |database| async {
        let db = database.connect().await;
        let before = bystander(&db).await;
        told(&db).await;
        train_champion(&config(CONFIG, &database.url(), &[])).await;
        let all = strings();
        let is_plain = |name: &&String| !name.chars().any(char::is_control);
        let names: Vec<String> = all.iter().filter(is_plain).cloned().collect();
        assert_eq!(names.len(), all.len() - 1, "the one with a tab is refused");
        let app = TestApp::start(configuration(&database.url(), &names)).await;
        app.champion().await;
        for (number, reason) in all.iter().enumerate() {
            let who = &names[number.min(names.len() - 1)];
            decides(&app, who, reason, number % 2 == 0).await;
        }
        for who in names.iter().step_by(5) {
            asks_for_a_run(&app, who).await;
        }
        for reason in WITH_NUL {
            let body = json!({ "reason": reason }).to_string();
            for path in ["/v1/models/1/promote", "/v1/models/rollback"] {
                let refused = ask(&app, &names[0], "POST", path, body.clone()).await;
                refused.problem("invalid_parameter");
            }
            let path = format!("/v1/models/pin?reason={}", escaped(reason));
            let refused = ask(&app, &names[0], "DELETE", &path, String::new()).await;
            refused.problem("invalid_parameter");
        }
        assert_eq!(read_all(&db, "data", &["id", "a"]).await, before);
        assert!(app.stop(Stop::Now).await);
    }
);

#[test]
fn a_key_is_not_called_by_a_control_character() {
    let none = std::iter::empty::<(String, String)>;
    for name in ["a\tb", "a\u{0}b", "a\u{7f}"] {
        let name = serde_json::to_string(name)
            .unwrap()
            .replace('\u{7f}', "\\u007f");
        let digits = KeyDigest::of(b"x").digits();
        let line = format!("{{ name = {name}, role = \"operate\", sha256 = \"{digits}\" }}");
        let text = format!("{}\n[auth]\nkeys = [{line}]\n", CONFIG);
        let refused = Config::parse(&text, "test", &Environment::from_pairs(none()));
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("without control characters"), "{refused}");
    }
}
