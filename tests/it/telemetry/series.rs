//! The number of series does not depend on what clients send.

use crate::support::app::{TestApp, two_features};
use crate::support::database::{Engine, TestDatabase};
use crate::support::rows::load_two_features;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use logitd::lifecycle::Stop;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use tokio::net::TcpStream;

const REQUESTS: u64 = 10_000;
const TASKS: u64 = 8;

/// Mixes the bits of a number, so that each request is another one (splitmix64).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A request with random method, path, names and version.
fn request(number: u64) -> Request<Full<Bytes>> {
    let random = mixed(number);
    let method = match random % 5 {
        0 => Method::GET,
        1 => Method::POST,
        2 => Method::DELETE,
        _ => Method::from_bytes(format!("M{:X}", mixed(random) % 100_000).as_bytes()).unwrap(),
    };
    let path = match random / 5 % 8 {
        0 => format!("/v1/models/{}", random % 100_000),
        1 => format!("/v1/predict?f{random}=1"),
        2 => format!("/predict/f{random}/{}", random % 1000),
        3 => format!("/v2/models/m{random}/versions/{}", random % 1000),
        4 => format!("/v1/training-runs/{random:x}"),
        5 => format!("/errors/e{random:x}"),
        6 => format!("/v1/predict/{random:x}"),
        _ => format!("/{random:x}/{:x}", mixed(random)),
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "x");
    let request = request
        .header("user-agent", format!("agent-{random:x}"))
        .header("x-request-id", format!("{random:x}"))
        .header("content-type", "application/json");
    request
        .body(Full::from(format!("{{\"f{random:x}\":1}}")))
        .unwrap()
}

/// Sends so many, over connections that are kept.
async fn send(address: SocketAddr, numbers: impl Iterator<Item = u64>) {
    let mut kept = None;
    for number in numbers {
        let mut sender = match kept.take() {
            Some(sender) => sender,
            None => {
                let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
                let (sender, driving) =
                    hyper::client::conn::http1::handshake(stream).await.unwrap();
                tokio::spawn(driving);
                sender
            }
        };
        let answer = sender.send_request(request(number)).await.unwrap();
        answer.into_body().collect().await.unwrap();
        kept = sender.ready().await.is_ok().then_some(sender);
    }
}

async fn send_all(address: SocketAddr, from: u64) {
    let tasks = (0..TASKS).map(|task| {
        let numbers = (from + task..from + REQUESTS).step_by(TASKS as usize);
        tokio::spawn(send(address, numbers))
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// Names and labels, without the values.
async fn series(app: &TestApp) -> BTreeSet<String> {
    let page = app.client.get("/metrics").await;
    let page = page.text();
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit_once(' ').unwrap().0.to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_new_requests_add_no_series_to_those_of_ten_thousand_before() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let app = TestApp::start(two_features(&database.url(), &[])).await;
    app.champion().await;
    let address = app.client.address();
    series(&app).await;
    send_all(address, 0).await;
    let before = series(&app).await;
    send_all(address, REQUESTS).await;
    let after = series(&app).await;
    let added: Vec<&String> = after.difference(&before).collect();
    assert!(added.is_empty(), "{added:#?}");
    assert!(before.len() < 10_000, "{} series", before.len());
    assert!(app.stop(Stop::Now).await);
}
