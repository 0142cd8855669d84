//! A bug makes something panic in the midst of the service: that one thing fails, and is told; the
//! process, and what is asked of it next, go on.

use crate::support::app::{PATIENCE, TestApp, two_features};
use crate::support::clock::FaultyClock;
use crate::support::database::{TestDatabase, on_both};
use crate::support::eventually::eventually;
use crate::support::rows::load_two_features;
use logitd::config::Config;
use logitd::health::{CheckName, CheckState};
use logitd::lifecycle::Stop;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PREDICT: &str = "/v1/predict?feature_1=1&feature_2=-1";
const RUNS: &str = "/v1/training-runs";

/// A service with rows to learn from.
async fn service(
    database: &TestDatabase,
    overrides: &[(&str, &str)],
    clock: &FaultyClock,
) -> TestApp {
    load_two_features(&database.connect().await, 300, 7).await;
    start(two_features(&database.url(), overrides), clock).await
}

async fn start(config: Config, clock: &FaultyClock) -> TestApp {
    TestApp::start_at(config, Arc::new(clock.clone())).await
}

async fn panicked(clock: &FaultyClock) {
    let panicked = async || clock.has_panicked().then_some(());
    eventually(PATIENCE, "the panic", panicked).await;
}

/// Asks for a run; gives it as it ended.
async fn run(app: &TestApp) -> Value {
    let asked = app.client.post_json(RUNS, &json!({})).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    ended(app, asked.header("location").unwrap()).await
}

async fn ended(app: &TestApp, path: &str) -> Value {
    eventually(PATIENCE, "the run ends", async || {
        let run = app.client.get(path).await.json();
        run["finished_at"].is_string().then_some(run)
    })
    .await
}

async fn predicts(app: &TestApp) {
    for path in [PREDICT, "/readyz", "/livez"] {
        let answer = app.client.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

async fn training_is(app: &TestApp, what: &str, expected: impl Fn(&CheckState) -> bool) {
    eventually(PATIENCE, what, async || {
        let checks = app.health.checks();
        let mut training = checks
            .iter()
            .filter(|(name, _)| *name == CheckName::Training);
        training.any(|(_, state)| expected(state)).then_some(())
    })
    .await;
}

on_both!(
    a_panic_in_a_training_run_is_one_failed_run,
    |database| async {
        let clock = FaultyClock::default();
        let app = service(&database, &[], &clock).await;
        app.champion().await;

        // The rows are the same as before, and it panics as it is about to say so.
        clock.panic_in("src/retraining/retrainer.rs");
        let failed = run(&app).await;
        assert!(clock.has_panicked());
        assert_eq!(failed["status"], "failed", "{failed}");
        assert_eq!(failed["error"]["code"], "internal", "{failed}");
        assert_eq!(
            failed["attempt"], 1,
            "it is over, and no worker takes it over"
        );
        let told = failed["error"]["detail"].as_str().unwrap();
        assert!(
            told.contains("panicked") && !told.contains("a bug"),
            "{told}"
        );
        training_is(&app, "the failure is told", |state| {
            matches!(state, CheckState::Warning(_))
        })
        .await;
        predicts(&app).await;

        let next = run(&app).await;
        assert_eq!(next["status"], "skipped", "{next}");
        training_is(&app, "all is well", |state| *state == CheckState::Up).await;
        assert!(app.stop(Stop::Now).await);
    }
);

on_both!(
    a_panic_as_a_version_is_published_publishes_nothing,
    |database| async {
        let clock = FaultyClock::default();
        clock.panic_in("src/retraining/judgement.rs");
        let app = service(&database, &[], &clock).await;
        // The run of the start is asked for again while nothing serves.
        assert_eq!(app.champion().await.number(), 1);
        assert!(clock.has_panicked());
        let listed = app.client.get(RUNS).await.json();
        let runs = listed["items"].as_array().unwrap();
        let told: Vec<_> = runs
            .iter()
            .map(|run| (&run["status"], &run["version"]))
            .collect();
        let expected = [
            (&json!("promoted"), &json!(1)),
            (&json!("failed"), &Value::Null),
        ];
        assert_eq!(told, expected, "{listed}");
        assert_eq!(runs[1]["error"]["code"], "internal");
        predicts(&app).await;
        assert!(app.stop(Stop::Now).await);
    }
);

on_both!(
    a_job_of_the_background_that_panics_begins_anew,
    |database| async {
        let clock = FaultyClock::default();
        // First whoever asks for the run of the start, or the worker that would claim it.
        clock.panic_in("src/retraining/queue.rs");
        let every_second = [("LOGITD_TRAINING__SCHEDULE", "* * * * * *")];
        let app = service(&database, &every_second, &clock).await;
        app.champion().await;
        assert!(clock.has_panicked());
        // Then whoever keeps the schedule.
        clock.panic_in("src/retraining/schedule.rs");
        panicked(&clock).await;
        let newest =
            || async { app.client.get(RUNS).await.json()["items"][0]["scheduled_for"].clone() };
        let before = newest().await;
        let ticked = async || {
            let now = newest().await;
            (now.is_string() && now != before).then_some(())
        };
        eventually(PATIENCE, "another tick makes a run", ticked).await;
        predicts(&app).await;
        assert!(app.stop(Stop::Now).await);
    }
);

/// Sends the request on a connection that is kept, and gives the answer: status line, headers, body.
async fn ask(kept: &mut tokio::net::TcpStream, method: &str, path: &str) -> String {
    let request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
    kept.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let read = kept.read_buf(&mut answer).await.unwrap();
        assert!(
            read > 0,
            "the connection ended: {}",
            String::from_utf8_lossy(&answer)
        );
        let text = String::from_utf8(answer.clone()).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.to_lowercase();
        let length = length.split("content-length: ").nth(1).unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        if body.len() == length {
            return text;
        }
    }
}

on_both!(
    a_panic_in_a_handler_is_one_500_and_its_connection_goes_on,
    |database| async {
        let clock = FaultyClock::default();
        let app = service(&database, &[], &clock).await;
        app.champion().await;
        let mut kept = app.client.open(b"").await;
        for (method, path, file) in [
            ("POST", "/v1/models/1/promote", "src/serving/promoter.rs"),
            ("DELETE", "/v1/models/pin", "src/serving/promoter.rs"),
            ("POST", "/v1/training-runs", "src/retraining/queue.rs"),
            ("GET", "/metrics", "src/telemetry/gauges.rs"),
        ] {
            clock.panic_in(file);
            let answer = ask(&mut kept, method, path).await;
            assert!(clock.has_panicked(), "{path}");
            assert!(answer.starts_with("HTTP/1.1 500 "), "{path}: {answer}");
            assert!(
                answer.contains("application/problem+json"),
                "{path}: {answer}"
            );
            assert!(answer.contains("\"code\":\"internal\""), "{path}: {answer}");
            assert!(!answer.contains("a bug"), "{path}: {answer}");
            let again = ask(&mut kept, method, path).await;
            assert!(again.starts_with("HTTP/1.1 20"), "{path}: {again}");
        }
        predicts(&app).await;
        assert!(app.stop(Stop::Now).await);
    }
);
