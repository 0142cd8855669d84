//! A small balancer of connections, as a cluster's network is: a new connection goes to a service
//! that said that it is ready when it was asked last, in turn; what is open stays where it is.
//!
//! Shape: a task that accepts, a task a connection that copies bytes both ways, a task that asks
//! `/readyz`. Concurrency: the list of services is behind a mutex that is never held across an
//! await. Turned down: a balancer of requests (it would hide what a client with an open connection
//! sees) and any kind of second attempt (it would hide what is measured).

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::client::Client;

/// How often each service is asked: ten times as often as a kubelet would, in a test whose drain is
/// shorter by as much.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// One service behind the balancer.
#[derive(Clone, Debug)]
struct Backend {
    address: SocketAddr,
    ready: bool,
    connections: usize,
}

/// Running until it is dropped.
#[derive(Debug)]
pub(crate) struct Balancer {
    address: SocketAddr,
    backends: Arc<Mutex<Vec<Backend>>>,
    _tasks: JoinSet<()>,
}

impl Balancer {
    /// On a free port, with nobody behind it.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("the address");
        let backends = Arc::<Mutex<Vec<Backend>>>::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&backends)));
        tasks.spawn(ask(Arc::clone(&backends)));
        Self {
            address,
            backends,
            _tasks: tasks,
        }
    }

    /// Where clients connect.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this service is asked whether it is ready.
    pub(crate) fn add(&self, address: SocketAddr) {
        lock(&self.backends).push(Backend {
            address,
            ready: false,
            connections: 0,
        });
    }

    /// Whether a service said that it is ready when it was asked last.
    pub(crate) fn is_ready(&self, address: SocketAddr) -> bool {
        let backends = lock(&self.backends);
        backends
            .iter()
            .any(|one| one.address == address && one.ready)
    }

    /// How many connections went to each service there ever was.
    pub(crate) fn connections(&self) -> Vec<usize> {
        lock(&self.backends)
            .iter()
            .map(|one| one.connections)
            .collect()
    }
}

fn lock(backends: &Mutex<Vec<Backend>>) -> std::sync::MutexGuard<'_, Vec<Backend>> {
    backends.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, backends: Arc<Mutex<Vec<Backend>>>) {
    let mut open = JoinSet::new();
    loop {
        let Ok((mut client, _)) = listener.accept().await else {
            continue;
        };
        // Nobody is ready, or nobody is there: the client sees its connection close, and that counts.
        let Some(address) = next(&backends) else {
            continue;
        };
        open.spawn(async move {
            if let Ok(mut service) = TcpStream::connect(address).await {
                let _ = service.set_nodelay(true);
                let _ = client.set_nodelay(true);
                let _ = copy_bidirectional(&mut client, &mut service).await;
            }
        });
        while open.try_join_next().is_some() {}
    }
}

/// The ready one that had the fewest connections.
fn next(backends: &Mutex<Vec<Backend>>) -> Option<SocketAddr> {
    let mut backends = lock(backends);
    let ready = backends.iter_mut().filter(|one| one.ready);
    let chosen = ready.min_by_key(|one| one.connections)?;
    chosen.connections += 1;
    Some(chosen.address)
}

async fn ask(backends: Arc<Mutex<Vec<Backend>>>) {
    loop {
        let addresses: Vec<SocketAddr> = lock(&backends).iter().map(|one| one.address).collect();
        for address in addresses {
            let client = Client::new(address);
            let asked = client.try_request("GET", "/readyz", &[], Bytes::new());
            let ready = asked.await.is_ok_and(|answer| answer.status == 200);
            let mut backends = lock(&backends);
            if let Some(one) = backends.iter_mut().find(|one| one.address == address) {
                one.ready = ready;
            }
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}
