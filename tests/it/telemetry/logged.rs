//! The log: what stands in it at each level, and that its fields and the spans are those of the page.

use super::{PARENT, QUERY, TRACE};
use crate::support::app::PATIENCE;
use crate::support::collector::{Collector, Manner};
use crate::support::eventually::eventually;
use crate::support::watched_service::WatchedService;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// The names that a table of the page has in its first column.
fn documented(table: &str) -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/telemetry.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, table) = text.split_once(&format!("<!-- {table} -->")).unwrap();
    let (table, _) = table.split_once("<!-- /").unwrap();
    let rows = table.lines().filter(|row| row.starts_with("| `"));
    let names = rows.flat_map(|row| {
        let cell = row.split('|').nth(1).unwrap();
        cell.split('`').skip(1).step_by(2).map(str::to_owned)
    });
    names.collect()
}

/// Every Rust file below.
fn sources(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

/// What stands between the parentheses of a call.
fn arguments(after: &str) -> &str {
    let (mut depth, mut quoted, mut before) = (1, false, ' ');
    for (place, letter) in after.char_indices() {
        match letter {
            '"' if before != '\\' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &after[..place];
        }
        before = letter;
    }
    panic!("a call without an end");
}

/// The parts between commas that stand in no brackets and no text.
fn parts(arguments: &str) -> Vec<String> {
    let (mut all, mut depth, mut quoted) = (vec![String::new()], 0, false);
    for letter in arguments.chars() {
        match letter {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        all.last_mut().unwrap().push(letter);
    }
    all
}

/// The fields of every event that the program can write.
fn written() -> BTreeSet<String> {
    let mut source = String::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut source,
    );
    let mut fields = BTreeSet::new();
    let mut events = 0;
    for level in ["error", "warn", "info", "debug", "trace"] {
        for after in source.split(&format!("tracing::{level}!(")).skip(1) {
            events += 1;
            for part in parts(arguments(after)) {
                let part = part.trim().trim_start_matches(['%', '?']);
                // The message, and what is filled into it.
                if part.starts_with('"') {
                    break;
                }
                let name = part.split('=').next().unwrap().trim();
                fields.insert(name.to_owned());
            }
        }
    }
    assert!(events > 30, "{events}");
    fields
}

#[test]
fn each_field_that_is_written_is_on_the_page_and_each_on_the_page_is_written() {
    let of_every_line = [
        "timestamp",
        "level",
        "target",
        "message",
        "trace_id",
        "span_id",
    ];
    let mut fields = written();
    fields.extend(of_every_line.map(str::to_owned));
    assert_eq!(fields, documented("fields"));
}

fn lines(log: &str) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    log.lines().map(line).collect()
}

/// A service at this level that was asked four times, and its log.
async fn asked_at(level: &str) -> Vec<Value> {
    let service = WatchedService::start(&[("LOGITD_LOG", level)]).await;
    let client = &service.client;
    for number in 0..3 {
        let id = format!("asked-{number}");
        let headers = [PARENT, ("x-request-id", id.as_str())];
        assert_eq!(client.request("GET", QUERY, &headers, "").await.status, 200);
    }
    let headers = [PARENT, ("x-request-id", "asked-3")];
    let wrong = client.request("GET", "/nowhere", &headers, "").await;
    wrong.problem("not_found");
    lines(&service.end().await)
}

fn about_requests(lines: &[Value]) -> Vec<&Value> {
    let asked = |line: &&Value| {
        let id = line["request_id"].as_str();
        id.is_some_and(|id| id.starts_with("asked-"))
    };
    lines.iter().filter(asked).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_one_line_at_debug_in_its_trace_and_none_at_info() {
    let lines = asked_at("debug").await;
    let told = about_requests(&lines);
    let ids: Vec<&str> = told
        .iter()
        .map(|line| line["request_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["asked-0", "asked-1", "asked-2", "asked-3"]);
    for line in &told {
        assert_eq!(
            (&line["level"], &line["message"]),
            (&"DEBUG".into(), &"answered".into())
        );
        assert_eq!(line["trace_id"], TRACE);
    }
    assert_eq!(told[3]["status"], 404);
    assert_eq!(told[0]["path"], "/v1/predict", "without what was asked for");

    let lines = asked_at("info").await;
    assert!(about_requests(&lines).is_empty());
    assert!(lines.len() < 25, "what an operator needs: {lines:#?}");
    let levels: BTreeSet<&str> = lines
        .iter()
        .map(|line| line["level"].as_str().unwrap())
        .collect();
    assert_eq!(
        levels,
        BTreeSet::from(["INFO"]),
        "a healthy start has no warning"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_span_that_is_exported_is_on_the_page() {
    let collector = Collector::start(Manner::Healthy).await;
    let endpoint = collector.endpoint();
    let service = WatchedService::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]).await;
    let client = &service.client;
    client.get(QUERY).await;
    client.get("/v1/models").await;
    let asked = client.request("POST", "/v1/training-runs", &[], "").await;
    let run = asked.header("location").unwrap().to_owned();
    eventually(PATIENCE, "the run has ended", async || {
        let run = client.get(&run).await.json();
        run["finished_at"].is_string().then_some(())
    })
    .await;
    service.end().await;
    let documented = documented("spans");
    let known = |name: &str| {
        let step = name.strip_prefix("training").unwrap_or(name);
        documented.contains(name) || documented.contains(step)
    };
    collector.read(|received| {
        let mut internal = BTreeSet::new();
        for span in &received.spans {
            // Of requests and of database calls the page has an example each.
            if span.kind == 1 {
                assert!(known(&span.name), "{}", span.name);
                internal.insert(span.name.clone());
            }
        }
        assert!(internal.len() >= 10, "{internal:?}");
    });
}
