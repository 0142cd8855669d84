//! HTTP/2: what one connection may ask for at once, frame by frame (RFC 9113), and how it ends.

use super::service;
use crate::support::app::TestApp;
use crate::support::database::{Engine, TestDatabase};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(60);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;
/// `:method GET`, `:scheme http`, `:path /` of HPACK's static table.
const GET: [u8; 3] = [0x82, 0x86, 0x84];
const POST: [u8; 3] = [0x83, 0x86, 0x84];
/// `:status 200`, of the same.
const OK: u8 = 0x88;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

#[derive(Debug)]
struct Frame {
    kind: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frame {
    fn number(&self, at: usize) -> u32 {
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

/// The next frame; none where the other side has closed.
async fn next(stream: &mut TcpStream) -> Option<Frame> {
    let reading = async {
        let mut head = [0_u8; 9];
        stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await.ok()?;
        Some(Frame {
            kind: head[3],
            stream: u32::from_be_bytes(head[5..9].try_into().unwrap()),
            payload,
        })
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .expect("the connection is still open")
}

/// A connection that has sent its preface and then this.
async fn open(app: &TestApp, frames: &[Vec<u8>]) -> TcpStream {
    let mut bytes = PREFACE.to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    bytes.extend(frames.iter().flatten());
    let mut stream = TcpStream::connect(app.client.address()).await.unwrap();
    // It may be closed before all is written.
    let _ = stream.write_all(&bytes).await;
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_past_the_limit_is_refused_and_the_limits_are_told() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[]).await;
    let half: Vec<Vec<u8>> = (0..101)
        .map(|at| frame(HEADERS, END_HEADERS, 2 * at + 1, &POST))
        .collect();
    let mut stream = open(&app, &half).await;
    let settings = next(&mut stream).await.unwrap();
    assert_eq!(settings.kind, SETTINGS);
    let told: Vec<&[u8]> = settings.payload.chunks(6).collect();
    for (name, value) in [(3_u16, 100_u32), (6, 65_536)] {
        let setting = [&name.to_be_bytes()[..], &value.to_be_bytes()].concat();
        assert!(told.contains(&setting.as_slice()), "{name}: {told:?}");
    }
    let refused = loop {
        let frame = next(&mut stream).await.expect("a refusal");
        if frame.kind == RST_STREAM && frame.number(0) == REFUSED_STREAM {
            break frame;
        }
    };
    assert_eq!(refused.stream, 201, "the hundred before it go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_begins_and_resets_is_sent_away() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[]).await;
    let resets: Vec<Vec<u8>> = (0..10_000)
        .flat_map(|at| {
            let cancel = 8_u32.to_be_bytes();
            [
                frame(HEADERS, END_HEADERS | END_STREAM, 2 * at + 1, &GET),
                frame(RST_STREAM, 0, 2 * at + 1, &cancel),
            ]
        })
        .collect();
    let mut stream = open(&app, &resets).await;
    let away = loop {
        let frame = next(&mut stream).await.expect("a word before the end");
        if frame.kind == GOAWAY {
            break frame;
        }
    };
    assert_eq!(away.number(4), ENHANCE_YOUR_CALM, "{away:?}");
    while next(&mut stream).await.is_some() {}
    assert_eq!(app.client.get("/livez").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_headers_has_a_largest_size() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[]).await;
    // A literal of a new name: `x: zzz...`, 16,000 bytes each, with its length in seven bits and the rest.
    let mut block = GET.to_vec();
    for _ in 0..5 {
        block.extend([0x00, 1, b'x', 0x7f]);
        let rest = 16_000 - 127;
        block.extend([(rest & 0x7f) as u8 | 0x80, (rest >> 7) as u8]);
        block.extend([b'z'; 16_000]);
    }
    let mut frames: Vec<Vec<u8>> = Vec::new();
    let pieces: Vec<&[u8]> = block.chunks(16_000).collect();
    for (at, piece) in pieces.iter().enumerate() {
        let last = if at + 1 == pieces.len() {
            END_HEADERS
        } else {
            0
        };
        frames.push(match at {
            0 => frame(HEADERS, END_STREAM | last, 1, piece),
            _ => frame(CONTINUATION, last, 1, piece),
        });
    }
    let mut stream = open(&app, &frames).await;
    let refused = loop {
        let Some(frame) = next(&mut stream).await else {
            break None;
        };
        if matches!(frame.kind, HEADERS | RST_STREAM | GOAWAY) {
            break Some(frame);
        }
    };
    let let_in = |frame: &Frame| frame.kind == HEADERS && frame.payload.first() == Some(&OK);
    assert!(!refused.as_ref().is_some_and(let_in), "{refused:?}");
    assert_eq!(app.client.get("/livez").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_whole_body_ends_its_stream_and_no_more() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = service(&database, &[]).await;
    let early = [
        frame(HEADERS, END_HEADERS, 1, &POST),
        frame(DATA, 0, 1, &[b' '; 1000]),
    ];
    let mut stream = open(&app, &early).await;
    for number in [1, 3, 5] {
        let mut answer = next(&mut stream).await.expect("the connection goes on");
        while (answer.kind, answer.stream) != (HEADERS, number) {
            assert_ne!(answer.kind, GOAWAY, "{answer:?}");
            answer = next(&mut stream).await.expect("the connection goes on");
        }
        let asked = frame(HEADERS, END_HEADERS | END_STREAM, number + 2, &GET);
        stream.write_all(&asked).await.unwrap();
    }
}
