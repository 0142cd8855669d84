//! The accept loop: header timeout, limit of connections, graceful end.
//!
//! Concurrency: a task a connection, and one that accepts. Stopping closes the listener, lets each
//! connection finish what it is answering and then closes it; what lasts longer than the caller
//! waits is cut. Turned down: poem's own server, which has no header timeout and closes idle
//! connections and listener at once, before a load balancer has heard of it.

use super::connections::{Connections, Place};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Endpoint, Response};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What a connection may cost.
#[derive(Debug, Clone, Copy)]
pub struct ServerLimits {
    /// The most connections at once.
    pub max_connections: usize,
    /// How long a request's head may take, the wait on an idle connection included.
    pub header_read_timeout: Duration,
}

/// A bound listener with its limits.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    limits: ServerLimits,
}

impl Server {
    /// Binds the address; port 0 takes any free one.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn bind(address: SocketAddr, limits: ServerLimits) -> std::io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            limits,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Accepts and answers until `stop` becomes true, then ends once every connection is done.
    pub async fn run<E>(self, endpoint: Arc<E>, mut stop: watch::Receiver<bool>)
    where
        E: Endpoint<Output = Response> + 'static,
    {
        let connections = Connections::new(self.limits.max_connections);
        let mut tasks = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                Some(_) = tasks.join_next() => continue,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok(peer) => {
                    let Some(place) = connections.place().await else {
                        break;
                    };
                    let endpoint = Arc::clone(&endpoint);
                    tasks.spawn(serve(peer, place, endpoint, self.limits, stop.clone()));
                }
                // Out of file descriptors, or the peer is gone already: neither ends the service.
                Err(error) => {
                    tracing::warn!(%error, "failed to accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop(self.listener);
        while tasks.join_next().await.is_some() {}
    }
}

/// Answers one connection until it ends, idles too long, is asked to leave or the service stops.
async fn serve<E>(
    (stream, remote): (TcpStream, SocketAddr),
    place: Place,
    endpoint: Arc<E>,
    limits: ServerLimits,
    mut stop: watch::Receiver<bool>,
) where
    E: Endpoint<Output = Response> + 'static,
{
    let place = Arc::new(place);
    let local = stream
        .local_addr()
        .map_or(Addr::custom("tcp", "unknown"), Addr::from);
    // Answers are written whole: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let answering = Arc::clone(&place);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (endpoint, place) = (Arc::clone(&endpoint), Arc::clone(&answering));
        let addresses = (LocalAddr(local.clone()), RemoteAddr(Addr::from(remote)));
        async move {
            place.request_begins();
            let request = (request, addresses.0, addresses.1, Scheme::HTTP).into();
            let response = endpoint.get_response(request).await;
            place.request_ends();
            Ok::<hyper::Response<_>, Infallible>(response.into())
        }
    });
    let builder = protocols(limits);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = silent(&place, limits.header_read_timeout) => return,
        () = place.asked_to_leave() => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// HTTP/1 and HTTP/2, told apart by the first bytes.
fn protocols(limits: ServerLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let http1 = &mut builder.http1();
    http1
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout);
    builder.http2().timer(TokioTimer::new());
    builder
}

/// Ends when no request has come within the time allowed for its head. The choice between HTTP/1
/// and HTTP/2 reads the first bytes without a deadline of its own.
async fn silent(place: &Place, within: Duration) {
    tokio::time::sleep(within + Duration::from_millis(100)).await;
    if place.was_used() {
        std::future::pending::<()>().await;
    }
}
