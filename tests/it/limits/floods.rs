//! Many who begin and do not go on, and beside them clients who are answered.

use super::{half_a_body, service};
use crate::support::app::{PATIENCE, TestApp};
use crate::support::client::Client;
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::rows::load_two_features;
use logitd::app::allow_many_open_files;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

const MANY: usize = 500;
const DEADLINE: Duration = Duration::from_secs(3);
const QUERY: &str = "/v1/predict?feature_1=1&feature_2=-1";
/// Far more than a socket holds.
const LARGE: &str = "GET /docs HTTP/1.1\r\nhost: x\r\n\r\n";

async fn serving(limits: &[(&str, &str)]) -> (TestDatabase, TestApp) {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let app = service(&database, limits).await;
    app.champion().await;
    (database, app)
}

/// Asks for something large and takes nothing of it.
async fn slow_reader(client: &Client) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = socket.connect(client.address()).await.unwrap();
    stream.writable().await.unwrap();
    assert_eq!(stream.try_write(LARGE.as_bytes()).unwrap(), LARGE.len());
    stream
}

/// Whether the other side has closed, whatever it said before.
fn is_closed(stream: &TcpStream) -> bool {
    let mut taken = [0_u8; 4096];
    loop {
        match stream.try_read(&mut taken) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

/// How long each of these connections stays open, told once all are closed.
async fn closed_after(streams: Vec<TcpStream>) -> Vec<Duration> {
    let mut waiting = JoinSet::new();
    for mut stream in streams {
        let (opened, mut said) = (Instant::now(), Vec::new());
        waiting.spawn(async move {
            // A reset ends it too.
            let _ = stream.read_to_end(&mut said).await;
            opened.elapsed()
        });
    }
    waiting.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_half_heads_half_bodies_and_slow_readers_everybody_is_answered() {
    allow_many_open_files();
    let deadline = DEADLINE.as_millis().to_string();
    let (_database, app) = serving(&[
        ("LOGITD_HTTP__HEADER_READ_TIMEOUT_MS", &deadline),
        ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", &deadline),
        ("LOGITD_HTTP__WRITE_TIMEOUT_MS", &deadline),
    ])
    .await;
    let half_body = half_a_body("");
    let (mut halves, mut slow) = (Vec::new(), Vec::new());
    for _ in 0..MANY {
        slow.push(slow_reader(&app.client).await);
        halves.push(app.client.open(b"GET /livez HTTP/1.1\r\nhost").await);
        halves.push(app.client.open(half_body.as_bytes()).await);
    }
    let closed = tokio::spawn(closed_after(halves));
    let mut answered = 0;
    while !closed.is_finished() {
        assert_eq!(app.client.get(QUERY).await.status, 200);
        assert_eq!(app.client.get("/livez").await.status, 200);
        answered += 1;
    }
    assert!(answered > 10, "{answered} answers within the deadline");
    for after in closed.await.unwrap() {
        assert!(after < DEADLINE + PATIENCE / 4, "open for {after:?}");
    }
    // What a slow reader had in its buffer it may still read; the rest never comes.
    for mut stream in slow {
        let mut taken = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut taken)).await;
        assert!(read.is_ok(), "a slow reader's connection is still open");
        assert!(taken.len() < 1_000_000, "{} bytes", taken.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn none_is_closed_before_its_deadline() {
    let long = PATIENCE.as_millis().to_string();
    let (_database, app) = serving(&[
        ("LOGITD_HTTP__HEADER_READ_TIMEOUT_MS", "1000"),
        ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", &long),
        ("LOGITD_HTTP__REQUEST_TIMEOUT_MS", &long),
        ("LOGITD_HTTP__WRITE_TIMEOUT_MS", "1000"),
    ])
    .await;
    let body = "{\"feature_1\":1,\"feature_2\":-1}";
    let head = format!(
        "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let begun = Instant::now();
    let mut slow = app.client.open(head.as_bytes()).await;
    // A client that is slow with its body idles for neither of the other deadlines.
    let other = closed_after(vec![app.client.open(b"GET /").await]).await[0];
    assert!(other >= Duration::from_millis(900), "{other:?}");
    let later = closed_after(vec![app.client.open(b"GET /").await]).await[0];
    assert!(later >= Duration::from_millis(900), "{later:?}");
    slow.write_all(body.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert!(begun.elapsed() > Duration::from_millis(1800));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_takes_all_in_time_gets_all_of_it() {
    let (_database, app) = serving(&[("LOGITD_HTTP__WRITE_TIMEOUT_MS", "30000")]).await;
    let mut stream = slow_reader(&app.client).await;
    let (begun, mut taken) = (Instant::now(), vec![0_u8; 200_000]);
    let mut whole = 0;
    // In pieces, longer than any single write takes.
    while whole < 1_000_000 {
        whole += stream.read(&mut taken).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_who_take_nothing_count_as_in_flight_until_they_are_cut_off() {
    let (_database, app) = serving(&[
        ("LOGITD_HTTP__MAX_IN_FLIGHT", "2"),
        ("LOGITD_HTTP__WRITE_TIMEOUT_MS", "1000"),
    ])
    .await;
    let _slow = (
        slow_reader(&app.client).await,
        slow_reader(&app.client).await,
    );
    let refused = async || (app.client.get(QUERY).await.status == 503).then_some(());
    eventually(PATIENCE, "two answers are on their way", refused).await;
    assert_eq!(app.client.get("/livez").await.status, 200);
    let answered = async || (app.client.get(QUERY).await.status == 200).then_some(());
    eventually(PATIENCE, "they are cut off", answered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn past_max_connections_those_who_only_began_make_room() {
    let (_database, app) = serving(&[
        ("LOGITD_HTTP__MAX_CONNECTIONS", "20"),
        ("LOGITD_HTTP__HEADER_READ_TIMEOUT_MS", "60000"),
    ])
    .await;
    let begun = Instant::now();
    let mut halves = Vec::new();
    for turn in 0..MANY {
        halves.push(app.client.open(b"GET /livez HTTP/1.1\r\nhost").await);
        if turn % 10 == 0 {
            assert_eq!(app.client.get(QUERY).await.status, 200);
        }
    }
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "nobody waited for a deadline"
    );
    let left = async || {
        let open = halves.iter().filter(|stream| !is_closed(stream)).count();
        (open <= 20).then_some(())
    };
    eventually(PATIENCE, "the longest idle are closed", left).await;
}
