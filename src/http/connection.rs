//! One connection, from its first byte to its last: HTTP/1 or HTTP/2, its deadlines, its end.
//!
//! Three clocks watch it, whatever the protocol: how long it idles, half a head included; how long a
//! client takes to take an answer; and, once it shall end, how long that may last. hyper's own
//! deadline for a head stays beside them: it knows of half a head on a connection that was used.

use super::arriving::Arrival;
use super::connections::{Place, Working};
use super::error::ApiError;
use super::held::until_written;
use super::lingering::{Lingering, Unread};
use super::server::ServerLimits;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use poem::http::uri::Scheme;
use poem::http::{Version, header};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, Response};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// A request's line and headers at most; hyper answers 431 past it.
const LONGEST_HEAD_BYTES: usize = 64 * 1024;
/// Lines of headers at most; hyper answers 431 past it.
const MOST_HEADERS: usize = 100;
/// HTTP/2: requests at once on one connection; past it a stream is refused, which a client may try again.
const MOST_STREAMS: u32 = 100;
/// HTTP/2: streams that were reset before they were looked at; past it the connection is closed ("rapid
/// reset", CVE-2023-44487).
const MOST_RESETS: usize = 20;
/// HTTP/2: streams that were reset for a client's mistakes; past it the connection is closed.
const MOST_FAULTS: usize = 100;
/// HTTP/2: what is kept of an answer beside what the client allowed to be sent.
const MOST_BUFFERED_BYTES: usize = 128 * 1024;
/// hyper's own deadline for a head comes first.
const BEHIND_HYPER: Duration = Duration::from_millis(100);
/// For the last words of a connection on which nothing is worked on.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Who is connected, and how.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) local: LocalAddr,
    pub(super) remote: RemoteAddr,
    pub(super) scheme: Scheme,
}

/// Answers one connection until it ends, idles too long, is asked to leave or the service stops.
pub(super) async fn serve<S, E>(
    stream: S,
    peer: Peer,
    place: Arc<Place>,
    endpoint: Arc<E>,
    limits: ServerLimits,
    mut stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    E: Endpoint<Output = Response> + 'static,
{
    let (answering, ending) = (Arc::clone(&place), Ending::default());
    let stream = Lingering::new(stream, ending.unread.clone());
    let end = Arc::clone(&ending.asked);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (endpoint, peer, ending) = (Arc::clone(&endpoint), peer.clone(), ending.clone());
        let working = answering.begin_request();
        async move { answer(request, peer, endpoint, working, ending).await }
    });
    let builder = protocols(limits);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // A set wakes only what was woken: requests that come and go do not look at five clocks each.
    let mut ends = FuturesUnordered::from_iter([over(&place, limits, &end, &mut stop)]);
    tokio::select! {
        biased;
        _ = connection.as_mut() => return,
        Some(politely) = ends.next() => if !politely { return },
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection => {}
        () = place.owes_for(limits.write_timeout) => {}
        () = place.idle_for(LAST_WORDS, Instant::now()) => {}
    }
}

/// Waits until a connection shall take no more requests; false where nobody is there to be told.
async fn over(
    place: &Place,
    limits: ServerLimits,
    end: &Notify,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    let idle = limits.header_read_timeout + BEHIND_HYPER;
    tokio::select! {
        () = place.owes_for(limits.write_timeout) => false,
        () = place.idle_for(idle, Instant::now()) => true,
        () = place.asked_to_leave() => !place.is_idle(),
        () = end.notified() => true,
        _ = stop.wait_for(|stop| *stop) => true,
    }
}

/// What an answer has to say of its connection's end.
#[derive(Debug, Clone, Default)]
struct Ending {
    /// This answer shall be the last.
    asked: Arc<Notify>,
    unread: Unread,
}

/// Answers one request.
async fn answer<E>(
    request: hyper::Request<Incoming>,
    peer: Peer,
    endpoint: Arc<E>,
    working: Working,
    ending: Ending,
) -> Result<hyper::Response<BoxBody<Bytes, std::io::Error>>, ApiError>
where
    E: Endpoint<Output = Response>,
{
    let version = request.version();
    let mut request = Request::from((request, peer.local, peer.remote, peer.scheme));
    let arrival = Arrival::watch(&mut request);
    let mut response = endpoint.get_response(request).await;
    working.answered();
    let unread = !arrival.is_over();
    ending.unread.tell(unread);
    if unread && version != Version::HTTP_2 {
        // What nobody wanted was let go just now. hyper sees that before it comes back here: it takes what is
        // there already, and where that is not all it gives the connection up, which the head can still say.
        tokio::task::yield_now().await;
    }
    if ends_connection(version, &mut response) {
        ending.asked.notify_one();
    }
    Ok(until_written(response, working).await?.into())
}

/// HTTP/1 and HTTP/2, told apart by the first bytes.
fn protocols(limits: ServerLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        .max_buf_size(LONGEST_HEAD_BYTES)
        .max_headers(MOST_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(LONGEST_HEAD_BYTES as u32)
        .max_concurrent_streams(MOST_STREAMS)
        .max_pending_accept_reset_streams(MOST_RESETS)
        .max_local_error_reset_streams(MOST_FAULTS)
        .max_send_buf_size(MOST_BUFFERED_BYTES);
    builder
}

/// HTTP/2 has no `Connection: close`: who was to be told by it is told by the protocol (GOAWAY), after the
/// streams that are open.
fn ends_connection(version: Version, response: &mut Response) -> bool {
    version == Version::HTTP_2 && response.headers_mut().remove(header::CONNECTION).is_some()
}
