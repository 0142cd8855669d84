//! What who shows no key sees, and how a browser shows one.

use crate::support::app::{TestApp, two_features};
use crate::support::database::{Engine, TestDatabase};
use crate::support::rows::load_two_features;
use logitd::config::KeyDigest;

const BROWSER: (&str, &str) = ("accept", "text/html,*/*;q=0.8");
const CHALLENGE: &str = "Basic realm=\"logitd\", charset=\"UTF-8\", Bearer realm=\"logitd\"";
/// "anybody:the key" and "anybody:another key".
const RIGHT: (&str, &str) = ("authorization", "Basic YW55Ym9keTp0aGUga2V5");
const WRONG: (&str, &str) = ("authorization", "Basic YW55Ym9keTphbm90aGVyIGtleQ==");

async fn with_a_key(database: &TestDatabase) -> TestApp {
    load_two_features(&database.connect().await, 200, 1).await;
    let digits = KeyDigest::of(b"the key").digits();
    let keys = format!("[{{ name = \"ann\", role = \"predict\", sha256 = \"{digits}\" }}]");
    let app = TestApp::start(two_features(
        &database.url(),
        &[("LOGITD_AUTH__KEYS", &keys)],
    ))
    .await;
    app.champion().await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_there_are_readiness_and_links() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = with_a_key(&database).await;
    for headers in [
        &[][..],
        &[BROWSER],
        &[BROWSER, ("x-api-key", "another key")],
    ] {
        let page = app.client.request("GET", "/", headers, "").await;
        assert_eq!(page.status, 200);
        let html = page.text();
        for shown in [
            ">ready<",
            "href=\"/docs\"",
            "href=\"/metrics\"",
            "href=\"/?sign_in\"",
        ] {
            assert!(html.contains(shown), "{shown}: {html}");
        }
        for hidden in [
            "Promoted",
            "training run",
            "Replicas",
            "Checks",
            "/card",
            "feature_1",
        ] {
            assert!(!html.contains(hidden), "{hidden}: {html}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_asked_for_a_key_and_shows_it_as_a_password() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = with_a_key(&database).await;
    for path in ["/?sign_in", "/v1/models/1/card"] {
        for headers in [&[BROWSER][..], &[BROWSER, WRONG]] {
            let refused = app.client.request("GET", path, headers, "").await;
            assert_eq!(
                refused.header("www-authenticate"),
                Some(CHALLENGE),
                "{path}"
            );
            refused.problem_at(path, "unauthorized");
        }
        let page = app.client.request("GET", path, &[BROWSER, RIGHT], "").await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.text().contains("no version of this schema serves yet"),
            "{path}"
        );
    }
    // The browser sends it to `/` from then on, and learns there that a key is not valid any more.
    let whole = app.client.request("GET", "/", &[BROWSER, RIGHT], "").await;
    assert!(whole.text().contains("Last training runs"));
    let refused = app.client.request("GET", "/", &[BROWSER, WRONG], "").await;
    assert_eq!(refused.status, 401);
    // For programs.
    let json = app
        .client
        .request("GET", "/v1/models/1/card", &[RIGHT], "")
        .await;
    assert_eq!(json.json()["target"], "class");
    let refused = app.client.get("/v1/models/1/card").await;
    assert_eq!(
        refused.header("www-authenticate"),
        Some("Bearer realm=\"logitd\"")
    );
}

/// A browser sends a password along with whatever another site makes it ask for.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_a_page_takes_a_key_as_a_password() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = with_a_key(&database).await;
    for (method, path) in [
        ("GET", "/v1/models/1"),
        ("GET", "/v1/schema"),
        ("GET", "/v1/models/1/card/"),
        ("POST", "/v1/predict"),
        ("POST", "/v1/training-runs"),
    ] {
        let answer = app
            .client
            .request(method, path, &[BROWSER, RIGHT], "{}")
            .await;
        assert!(
            matches!(answer.status, 401 | 404),
            "{path}: {}",
            answer.status
        );
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        assert!(!challenge.contains("Basic"), "{path}");
    }
}
