//! The accept loop: TLS, header timeout, limit of connections, graceful end.
//!
//! Concurrency: a task a connection ([`connection`](super::connection)), and one that accepts. Stopping
//! closes the listener, lets each connection finish what it is answering and then closes it; what lasts
//! longer than the caller waits is cut. Turned down: poem's own server, which has no header timeout and closes idle
//! connections and listener at once, before a load balancer has heard of it.

use super::connection::{Peer, serve};
use super::connections::{Connections, Place};
use super::tls::Certificates;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Endpoint, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What a connection may cost.
#[derive(Debug, Clone, Copy)]
pub struct ServerLimits {
    /// The most connections at once.
    pub max_connections: usize,
    /// How long a request's head may take, the wait on an idle connection included.
    pub header_read_timeout: Duration,
    /// How long a client may take to take an answer.
    pub write_timeout: Duration,
}

/// A bound listener with its limits.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    limits: ServerLimits,
    tls: Option<Certificates>,
}

impl Server {
    /// Binds the address; port 0 takes any free one.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn bind(address: SocketAddr, limits: ServerLimits) -> std::io::Result<Self> {
        Ok(Self {
            listener: listen(address, limits.max_connections)?,
            limits,
            tls: None,
        })
    }

    /// With TLS for every connection.
    #[must_use]
    pub fn with_tls(mut self, certificates: Certificates) -> Self {
        self.tls = Some(certificates);
        self
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
            let accepted = match accepted {
                Ok(accepted) => accepted,
                // Out of file descriptors, or the peer is gone already: neither ends the service.
                Err(error) => {
                    tracing::warn!(%error, "failed to accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            // Where every connection is worked on, the next one waits for the first that is not.
            let place = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                place = connections.place() => place,
            };
            let Some(place) = place else {
                break;
            };
            let endpoint = Arc::clone(&endpoint);
            let (tls, limits) = (self.tls.clone(), self.limits);
            tasks.spawn(begin(accepted, place, tls, endpoint, limits, stop.clone()));
        }
        drop(self.listener);
        while tasks.join_next().await.is_some() {}
    }
}

/// A listener with room for as many that come at once as may be connected; the system has a limit of its own. Behind
/// the runtime's 128 some of two thousand that come in one moment wait a second to try again, or give up.
fn listen(address: SocketAddr, at_once: usize) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // As a start soon after an end needs it; elsewhere it would let two services share the address.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(u32::try_from(at_once).unwrap_or(u32::MAX))
}

/// Answers on a connection that was just accepted.
async fn begin<E>(
    (stream, remote): (TcpStream, SocketAddr),
    place: Place,
    tls: Option<Certificates>,
    endpoint: Arc<E>,
    limits: ServerLimits,
    mut stop: watch::Receiver<bool>,
) where
    E: Endpoint<Output = Response> + 'static,
{
    let local = stream
        .local_addr()
        .map_or(Addr::custom("tcp", "unknown"), Addr::from);
    let peer = Peer {
        local: LocalAddr(local),
        remote: RemoteAddr(Addr::from(remote)),
        scheme: tls.as_ref().map_or(Scheme::HTTP, |_| Scheme::HTTPS),
    };
    // Answers are written whole: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    keep_unsent_small(&stream);
    let place = Arc::new(place);
    let Some(tls) = tls else {
        return serve(stream, peer, place, endpoint, limits, stop).await;
    };
    // Until hands are shaken nothing is worked on: whoever takes longer than a head may is gone.
    let shaken = tokio::select! {
        shaken = tls.acceptor().accept(stream) => shaken,
        () = tokio::time::sleep(limits.header_read_timeout) => return,
        () = place.asked_to_leave() => return,
        _ = stop.wait_for(|stop| *stop) => return,
    };
    match shaken {
        Ok(stream) => serve(stream, peer, place, endpoint, limits, stop).await,
        Err(error) => tracing::debug!(%error, "failed to shake hands by TLS"),
    }
}

/// What the kernel may hold of answers that it cannot send yet. Without it a reader who takes nothing
/// has it hold megabytes, and the answer looks taken. What is under way to a client counts apart, so
/// that a long line is filled none the less.
#[cfg(target_os = "linux")]
fn keep_unsent_small(stream: &TcpStream) {
    const MOST_UNSENT_BYTES: u32 = 128 * 1024;
    let _ = socket2::SockRef::from(stream).set_tcp_notsent_lowat(MOST_UNSENT_BYTES);
}

#[cfg(not(target_os = "linux"))]
fn keep_unsent_small(_stream: &TcpStream) {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream as Client;

    /// More than the runtime's own queue holds.
    const AT_ONCE: usize = 300;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn as_many_may_come_at_once_as_may_be_connected() {
        let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
        let most: usize = most.trim().parse().unwrap();
        let listener = listen(([127, 0, 0, 1], 0).into(), AT_ONCE).unwrap();
        let address = listener.local_addr().unwrap();
        // Nobody accepts: who finds no room in the queue is not connected, and tries again for minutes.
        let connect = |_| Client::connect_timeout(&address, Duration::from_secs(5)).unwrap();
        let clients: Vec<_> = (0..AT_ONCE.min(most)).map(connect).collect();
        assert_eq!(clients.len(), AT_ONCE.min(most));
    }
}
