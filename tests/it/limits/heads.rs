//! How long the head of a request may be: what is refused there has no body, and ends its connection.

use super::service;
use crate::support::database::{Engine, TestDatabase};

#[tokio::test(flavor = "multi_thread")]
async fn a_head_has_a_longest_length_and_a_most_of_lines() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[]).await;
    let head = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n")
    };
    let many = |count: usize| "x-y: z\r\n".repeat(count);
    let long = |bytes: usize| format!("x-y: {}\r\n", "z".repeat(bytes));
    let path = |bytes: usize| format!("/{}", "a".repeat(bytes));
    for (request, status) in [
        (head("/livez", &many(90)), "200"),
        (head("/livez", &many(200)), "431"),
        (head("/livez", &long(32_000)), "200"),
        (head("/livez", &long(70_000)), "431"),
        (head(&path(32_000), ""), "404"),
        (head(&path(70_000), ""), "431"),
        (head(&path(1_000_000), ""), "431"),
    ] {
        let answer = app.client.raw(request.as_bytes()).await;
        let answer = String::from_utf8(answer).unwrap();
        let line = answer.lines().next().unwrap_or_default();
        // One that is far too long may be cut off before it has read why.
        let cut = request.len() > 100_000 && line.is_empty();
        assert!(
            cut || line.starts_with(&format!("HTTP/1.1 {status}")),
            "{}: {line}",
            request.len()
        );
    }
    assert_eq!(app.client.get("/livez").await.status, 200);
}
