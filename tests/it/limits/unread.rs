//! An answer that comes before its request's body has: what the client reads, and what becomes of the connection.

use super::{half_a_body, service};
use crate::support::app::TestApp;
use crate::support::database::{Engine, TestDatabase};
use logitd::config::KeyDigest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const NEXT: &str = "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// A service that asks for a key which nobody here has.
async fn closed(database: &TestDatabase) -> TestApp {
    let digits = KeyDigest::of(b"of another").digits();
    let keys = format!("[{{ name = 'other', role = 'predict', sha256 = '{digits}' }}]");
    service(database, &[("LOGITD_AUTH__KEYS", &keys)]).await
}

/// The head of a request with a body of so many bytes.
fn head(method: &str, path: &str, media: &str, length: usize) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {media}\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// What is answered early, and by which service: with a key asked for, or open.
const EARLY: [(&str, &str, &str, &str, bool); 5] = [
    ("401", "POST", "/v1/predict", "application/json", true),
    ("404", "POST", "/nope", "application/json", false),
    ("405", "POST", "/v1/schema", "application/json", false),
    ("415", "POST", "/v1/predict", "text/plain", false),
    ("200", "GET", "/livez", "application/json", false),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_whole_body_says_that_the_connection_ends() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let (open, closed) = (service(&database, &[]).await, closed(&database).await);
    for (status, method, path, media, keyed) in EARLY {
        let app = if keyed { &closed } else { &open };
        // All but the last byte: nobody can take it to its end.
        let sent = head(method, path, media, 500_001) + &" ".repeat(500_000);
        let said = String::from_utf8(app.client.raw(sent.as_bytes()).await).unwrap();
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{said}");
        assert!(head.contains("\r\nconnection: close"), "{path}: {said}");
        let length = format!("content-length: {}", body.len());
        assert!(body.is_empty() || head.contains(&length), "{path}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_or_late_ends_the_connection_and_says_so() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let limits = [
        ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "300"),
        ("LOGITD_HTTP__MAX_BODY_BYTES", "100000"),
    ];
    let app = service(&database, &limits).await;
    let large = head("POST", "/v1/predict", "application/json", 500_001) + &" ".repeat(500_000);
    for (status, sent) in [("413", large), ("408", half_a_body(""))] {
        let said = String::from_utf8(app.client.raw(sent.as_bytes()).await).unwrap();
        assert!(said.starts_with(&format!("HTTP/1.1 {status}")), "{said}");
        assert!(said.contains("\r\nconnection: close"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_small_body_that_nobody_read_the_next_request_is_answered() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let (open, closed) = (service(&database, &[]).await, closed(&database).await);
    for (status, method, path, media, keyed) in EARLY {
        let app = if keyed { &closed } else { &open };
        let refused = head(method, path, media, 100) + &" ".repeat(100);
        let said = app.client.raw((refused + NEXT).as_bytes()).await;
        let said = String::from_utf8(said).unwrap();
        let (first, second) = said.rsplit_once("HTTP/1.1 ").unwrap();
        assert!(first.starts_with(&format!("HTTP/1.1 {status}")), "{said}");
        assert!(!first.contains("connection: close"), "{path}: {said}");
        assert!(second.starts_with("200"), "{path}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_for_the_load_before_sending_is_told_that_the_connection_ends() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[("LOGITD_HTTP__MAX_IN_FLIGHT", "1")]).await;
    let asking = half_a_body("expect: 100-continue\r\n");
    let mut held = app.client.open(asking.as_bytes()).await;
    let mut begun = [0_u8; 25];
    held.read_exact(&mut begun).await.unwrap();
    let head = asking.trim_end_matches("{\"feature_1\":");
    let said = String::from_utf8(app.client.raw(head.as_bytes()).await).unwrap();
    assert!(said.starts_with("HTTP/1.1 503"), "{said}");
    assert!(said.contains("\r\nconnection: close"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_after_one_that_was_refused_for_the_load_is_answered() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[("LOGITD_HTTP__MAX_IN_FLIGHT", "1")]).await;
    // The one place, held by half a body.
    let mut held = app
        .client
        .open(half_a_body("expect: 100-continue\r\n").as_bytes())
        .await;
    let mut begun = [0_u8; 25];
    held.read_exact(&mut begun).await.unwrap();
    // More than is read along with a head.
    let body = "1".repeat(500_000);
    let refused = format!(
        "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let said = app.client.raw((refused + NEXT).as_bytes()).await;
    let said = String::from_utf8(said).unwrap();
    let lines: Vec<_> = said
        .lines()
        .filter(|line| line.contains("HTTP/1.1 "))
        .collect();
    assert_eq!(said.matches("HTTP/1.1 503").count(), 1, "{lines:?}");
    assert_eq!(said.matches("HTTP/1.1 200").count(), 1, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_while_still_sending_can_read_why() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    // Longer than what is read at all, and of who may not ask: nothing of it is read before the answer.
    let app = closed(&database).await;
    let length = 3_000_000;
    let head = format!(
        "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n"
    );
    for _ in 0..20 {
        // Nobody reads before all is sent, as simple clients do.
        let mut client = app.client.open(head.as_bytes()).await;
        client.write_all(&vec![b' '; length]).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
}
