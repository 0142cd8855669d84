//! A client that keeps its connection, as most do, and tells every request that got no answer.
//!
//! Shape: it connects where it has no connection, leaves one whose answer says `Connection: close`,
//! and never asks twice: what fails is counted, as a caller without retries would feel it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// What became of the requests.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Answered with 200.
    pub(crate) answered: usize,
    /// Each of the others, in words.
    pub(crate) failed: Vec<String>,
    /// Connections that were opened.
    pub(crate) connections: usize,
}

/// Asks for `path` over and over with a pause between, until `stop`.
pub(crate) async fn ask_until(
    address: SocketAddr,
    path: &'static str,
    pause: Duration,
    stop: Arc<AtomicBool>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut kept: Option<SendRequest<Full<Bytes>>> = None;
    while !stop.load(Ordering::Relaxed) {
        let open = kept.take().filter(|sender| !sender.is_closed());
        let asked = async {
            let mut sender = match open {
                Some(sender) => sender,
                None => {
                    outcome.connections += 1;
                    connect(address).await?
                }
            };
            let closes = ask(&mut sender, address, path).await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>((sender, closes))
        };
        match asked.await {
            Ok((sender, closes)) => {
                outcome.answered += 1;
                kept = (!closes).then_some(sender);
            }
            Err(error) => outcome.failed.push(format!("{error:?}")),
        }
        tokio::time::sleep(pause).await;
    }
    outcome
}

async fn connect(
    address: SocketAddr,
) -> Result<SendRequest<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// One request; whether the answer asks to leave the connection.
async fn ask(
    sender: &mut SendRequest<Full<Bytes>>,
    address: SocketAddr,
    path: &str,
) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    sender.ready().await?;
    let request = http::Request::get(path).header("host", address.to_string());
    let answer = sender.send_request(request.body(Full::default())?).await?;
    let (head, body) = answer.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.status != 200 {
        return Err(format!("{}: {}", head.status, String::from_utf8_lossy(&body)).into());
    }
    Ok(head
        .headers
        .get("connection")
        .is_some_and(|value| value == "close"))
}
