//! One connection, from its first byte to its last: HTTP/1 or HTTP/2, its deadlines, its end.
//!
//! Three clocks watch it, whatever the protocol: how long it idles, half a head included; how long a
//! client takes to take an answer; and, once it shall end, how long that may last. hyper's own
//! deadline for a head stays beside them: it knows of half a head on a connection that was used.

use super::connections::Place;
use super::error::ApiError;
use super::held::until_written;
use super::server::ServerLimits;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Response};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;

/// A request's line and headers at most; hyper answers 431 past it.
const LONGEST_HEAD_BYTES: usize = 64 * 1024;
/// Lines of headers at most; hyper answers 431 past it.
const MOST_HEADERS: usize = 100;
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
    let answering = Arc::clone(&place);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (endpoint, peer) = (Arc::clone(&endpoint), peer.clone());
        let working = answering.begin_request();
        async move {
            let request = (request, peer.local, peer.remote, peer.scheme).into();
            let response = endpoint.get_response(request).await;
            working.answered();
            let response = until_written(response, working).await?;
            Ok::<hyper::Response<_>, ApiError>(response.into())
        }
    });
    let builder = protocols(limits);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let idle = limits.header_read_timeout + BEHIND_HYPER;
    tokio::select! {
        _ = connection.as_mut() => return,
        () = place.owes_for(limits.write_timeout) => return,
        () = place.idle_for(idle, Instant::now()) => {}
        () = place.asked_to_leave() => if place.is_idle() { return },
        _ = stop.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection => {}
        () = place.owes_for(limits.write_timeout) => {}
        () = place.idle_for(LAST_WORDS, Instant::now()) => {}
    }
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
        .max_header_list_size(LONGEST_HEAD_BYTES as u32);
    builder
}
