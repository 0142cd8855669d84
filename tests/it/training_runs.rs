//! Training over HTTP: asked for, followed, taken back.

use crate::support::app::{PATIENCE, TestApp, two_features};
use crate::support::client::{Answer, Client};
use crate::support::database::{TestDatabase, on_both};
use crate::support::eventually::eventually;
use crate::support::held::HeldDataset;
use crate::support::rows::load_two_features;
use crate::support::tables::insert_rows;
use chrono::{DateTime, Timelike, Utc};
use logitd::config::Config;
use logitd::lifecycle::Stop;
use sea_orm::sea_query::Value as Cell;
use serde_json::Value;
use std::time::{Duration, Instant};

const RUNS: &str = "/v1/training-runs";
const NEVER: (&str, &str) = ("LOGITD_TRAINING__ON_START", "never");
const NO_WORKER: (&str, &str) = ("LOGITD_TRAINING__WORKER", "false");

/// A service whose tables are there.
async fn started(config: Config) -> TestApp {
    let app = TestApp::start(config).await;
    let migrated = async || (app.client.get(RUNS).await.status == 200).then_some(());
    eventually(PATIENCE, "the tables are there", migrated).await;
    app
}

async fn ask(client: &Client) -> Answer {
    client.request("POST", RUNS, &[], "").await
}

async fn delete(client: &Client, path: &str) -> Answer {
    client.request("DELETE", path, &[], "").await
}

/// Where the run that this answer accepted is followed.
fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.header("location").unwrap().to_owned()
}

async fn until(client: &Client, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually(PATIENCE, &format!("{path} as wanted"), async || {
        Some(client.get(path).await.json()).filter(&wanted)
    })
    .await
}

async fn ended(client: &Client, path: &str) -> Value {
    until(client, path, |run| run["finished_at"].is_string()).await
}

fn held_config(database: &TestDatabase, held: &HeldDataset) -> Config {
    let dataset = ("LOGITD_DATASET__URL", held.url());
    two_features(&database.url(), &[NEVER, dataset])
}

on_both!(
    of_ten_that_ask_at_once_one_gets_a_run_and_nine_its_link,
    |database| async {
        let held = HeldDataset::new(&database, 300).await;
        let app = started(held_config(&database, &held)).await;
        let hold = held.hold().await;
        let asking = (0..10).map(|_| {
            let client = app.client.clone();
            tokio::spawn(async move { ask(&client).await })
        });
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for asked in asking.collect::<Vec<_>>() {
            let answer = asked.await.unwrap();
            if answer.status == 202 {
                accepted.push(answer);
            } else {
                refused.push(answer);
            }
        }
        assert_eq!((accepted.len(), refused.len()), (1, 9));
        let link = location(&accepted[0]);
        let run = accepted[0].json();
        assert_eq!(link, format!("{RUNS}/{}", run["id"].as_str().unwrap()));
        assert_eq!(
            (&run["trigger"], &run["requested_by"]),
            (&"request".into(), &"anonymous".into())
        );
        for refused in &refused {
            let problem = refused.problem("training_in_progress");
            assert_eq!(problem["link"], link.as_str());
            assert_eq!(refused.header("location"), Some(link.as_str()));
            assert_eq!(refused.header("retry-after"), Some("10"));
        }
        // The worker has it, and cannot get at the rows.
        let shown = until(&app.client, &link, |run| run["status"] == "running").await;
        assert_eq!(
            (&shown["attempt"], &shown["covers"]),
            (&1.into(), &Value::Array(vec![]))
        );
        let again = ask(&app.client).await.problem("training_in_progress");
        assert_eq!(again["link"], link.as_str());
        hold.rollback().await.unwrap();
        let run = ended(&app.client, &link).await;
        assert_eq!(
            (&run["status"], &run["version"]),
            (&"promoted".into(), &1.into()),
            "{run}"
        );
        assert_eq!(run["rows"]["read"], 300);
        assert!(
            run["evaluation"]["log_loss"].as_f64().unwrap() < 0.69,
            "{run}"
        );
        assert_eq!(run["gate"]["decision"], "promoted");
        assert!(run["gate"]["reasons"][0]["detail"].is_string(), "{run}");
        assert!(
            run.get("step").is_none() && run.get("progress").is_none(),
            "{run}"
        );
        let listed = app.client.get(RUNS).await.json();
        assert_eq!(listed["items"][0]["evaluation"], run["evaluation"]);
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        assert!(listed.get("next_tick").is_none(), "there is no schedule");
        assert!(app.stop(Stop::Now).await);
    }
);

on_both!(
    a_run_is_cancelled_within_a_second_queued_or_running,
    |database| async {
        let held = HeldDataset::new(&database, 300).await;
        let app = started(held_config(&database, &held)).await;
        let hold = held.hold().await;
        let link = location(&ask(&app.client).await);
        until(&app.client, &link, |run| run["step"] == "read").await;
        let asked = Instant::now();
        let cancelled = delete(&app.client, &link).await;
        assert_eq!(
            (cancelled.status, &cancelled.json()["status"]),
            (200, &"cancelled".into())
        );
        let shown = app.client.get(&link).await.json();
        assert_eq!(shown["status"], "cancelled");
        let took = asked.elapsed();
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(
            delete(&app.client, &link).await.json(),
            shown,
            "twice is once"
        );
        // The queue is free at once, and the worker has let go of the run that it could not read.
        let next = location(&ask(&app.client).await);
        until(&app.client, &next, |run| run["status"] == "running").await;
        hold.rollback().await.unwrap();
        assert_eq!(ended(&app.client, &next).await["version"], 1);
        let over = delete(&app.client, &next).await.problem("conflict");
        assert_eq!(over["detail"], "the run is over: it was promoted");
        let other = app.client.get(&link).await.json();
        assert_eq!(other, shown, "nothing came of it");

        let another = ("LOGITD_MODEL__NAME", "another");
        let queues_only = two_features(&database.url(), &[NEVER, NO_WORKER, another]);
        let waiting = started(queues_only).await;
        let link = location(&ask(&waiting.client).await);
        let cancelled = delete(&waiting.client, &link).await.json();
        assert_eq!(
            (&cancelled["status"], &cancelled["attempt"]),
            (&"cancelled".into(), &0.into())
        );
        assert!(cancelled.get("started_at").is_none(), "{cancelled}");
        let unknown = format!("{RUNS}/{}", shown["id"].as_str().unwrap());
        delete(&waiting.client, &unknown).await.problem("not_found");
    }
);

on_both!(
    a_service_that_stops_gives_its_run_back_in_time,
    |database| async {
        let held = HeldDataset::new(&database, 300).await;
        let app = started(held_config(&database, &held)).await;
        let hold = held.hold().await;
        let link = location(&ask(&app.client).await);
        until(&app.client, &link, |run| run["step"] == "read").await;
        // The database does not answer the worker, and the service ends all the same.
        let asked = Instant::now();
        assert!(app.stop(Stop::Now).await, "everything ended in time");
        let took = asked.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}");
        hold.rollback().await.unwrap();
        let queues_only = two_features(&database.url(), &[NEVER, NO_WORKER]);
        let other = started(queues_only).await;
        let run = other.client.get(&link).await.json();
        assert_eq!(
            (&run["status"], &run["attempt"]),
            (&"queued".into(), &0.into())
        );
        assert!(
            run.get("started_at").is_none() && run.get("step").is_none(),
            "{run}"
        );
    }
);

on_both!(
    the_rows_that_could_not_be_used_are_listed,
    |database| async {
        let db = database.connect().await;
        load_two_features(&db, 300, 7).await;
        let columns = ["feature_1", "feature_2", "class"];
        let wrong = [vec![
            Cell::from(None::<f64>),
            Cell::from(1.0),
            Cell::from(1),
        ]];
        insert_rows(&db, "data", &columns, wrong.to_vec()).await;
        let app = started(two_features(&database.url(), &[NEVER])).await;
        let link = location(&ask(&app.client).await);
        let run = ended(&app.client, &link).await;
        assert_eq!(
            (&run["rows"]["read"], &run["rows"]["refused"]),
            (&301.into(), &1.into())
        );
        let refused = app.client.get(&format!("{link}/refused")).await.json();
        assert_eq!(refused["items"].as_array().unwrap().len(), 1);
        assert_eq!(refused["items"][0]["column"], "feature_1");
        assert!(
            refused["items"][0]["reason"]
                .as_str()
                .unwrap()
                .contains("null")
        );
        assert!(refused.get("next_cursor").is_none());
    }
);

on_both!(
    runs_are_listed_in_pages_with_the_next_tick,
    |database| async {
        let daily = [
            NEVER,
            NO_WORKER,
            ("LOGITD_TRAINING__SCHEDULE", "15 4 * * *"),
            ("LOGITD_TRAINING__TIME_ZONE", "Asia/Kolkata"),
        ];
        let app = started(two_features(&database.url(), &daily)).await;
        let mut asked = Vec::new();
        for _ in 0..5 {
            let link = location(&ask(&app.client).await);
            delete(&app.client, &link).await;
            asked.push(link);
        }
        asked.reverse();
        let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
        loop {
            let page = app.client.get(&format!("{RUNS}{query}")).await.json();
            let items = page["items"].as_array().unwrap().iter();
            seen.extend(items.map(|run| format!("{RUNS}/{}", run["id"].as_str().unwrap())));
            let tick: DateTime<Utc> = page["next_tick"].as_str().unwrap().parse().unwrap();
            // A quarter past four in Kolkata, five and a half hours ahead.
            assert_eq!((tick.hour(), tick.minute(), tick.second()), (22, 45, 0));
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            query = format!("?limit=2&cursor={next}");
        }
        assert_eq!(seen, asked);
    }
);
