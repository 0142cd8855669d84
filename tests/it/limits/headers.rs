//! What browsers are told to keep from doing.

use super::service;
use crate::support::database::{Engine, TestDatabase};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_api_runs_its_own_scripts_and_lets_nothing_in_from_outside() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[]).await;
    let page = app.client.get("/docs").await;
    let policy = page.header("content-security-policy").unwrap();
    let directives: Vec<(&str, &str)> = policy
        .split("; ")
        .map(|directive| directive.split_once(' ').unwrap())
        .collect();
    let of = |name| directives.iter().find(|(n, _)| *n == name).unwrap().1;
    for forbidden in ["default-src", "base-uri", "form-action", "frame-ancestors"] {
        assert_eq!(of(forbidden), "'none'", "{policy}");
    }
    let scripts: Vec<&str> = of("script-src").split(' ').collect();
    assert_eq!(scripts.len(), page.text().matches("</script>").count());
    assert!(scripts.iter().all(|one| one.starts_with("'sha256-")));
    // Nothing names a place; `data:` stands in the page itself.
    for (name, sources) in &directives {
        let outside = |source: &str| !source.starts_with('\'') && source != "data:";
        assert!(!sources.split(' ').any(outside), "{name} {sources}");
    }
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_taken_for_another_type_than_it_says() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[]).await;
    for path in [
        "/docs",
        "/livez",
        "/metrics",
        "/openapi.json",
        "/errors/timeout",
        "/v1/schema",
        "/nope",
        "/v2",
    ] {
        let answer = app.client.get(path).await;
        let nosniff = answer.header("x-content-type-options");
        assert_eq!(nosniff, Some("nosniff"), "{path}");
    }
    let browser = [("accept", "text/html")];
    let status = app.client.request("GET", "/", &browser, "").await;
    let policy = status.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
}
