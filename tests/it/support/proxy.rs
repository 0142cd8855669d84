//! What stands between a service and PostgreSQL, and fails as networks and servers do.
//!
//! Shape: a TCP port in front of a cluster's socket; a task a connection. How it behaves is set by
//! the test and holds for what is open too. A connection that [`Manner::Vanish`] has met stays
//! silent for good, as one whose other end is gone without a word. Turned down: `tc` and firewalls,
//! which need rights and hold for the whole machine.

use super::postgres::Cluster;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It arrives.
    Pass,
    /// It arrives so much later.
    Delay(Duration),
    /// It is lost, and nobody says so.
    Vanish,
    /// Every connection is closed, new ones at once.
    Refuse,
}

/// Running until it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    manner: watch::Sender<Manner>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// In front of this cluster, on a free port; everything passes.
    pub(crate) async fn before(cluster: &Cluster) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("the address");
        let (manner, watched) = watch::channel(Manner::Pass);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, cluster.socket(), watched));
        Self {
            address,
            manner,
            _tasks: tasks,
        }
    }

    /// The URL of the database `name` behind it.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("postgres://logitd@{}/{name}?sslmode=disable", self.address)
    }

    /// From now on.
    pub(crate) fn set(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }

    /// Closes every connection; new ones pass.
    pub(crate) fn cut(&self) {
        self.set(Manner::Refuse);
        self.set(Manner::Pass);
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, manner: watch::Receiver<Manner>) {
    let mut open = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let mut cut = manner.clone();
        // What was set before is seen, what is set from now on is news.
        let now = *cut.borrow_and_update();
        if now == Manner::Refuse {
            continue;
        }
        let (socket, manner) = (socket.clone(), manner.clone());
        open.spawn(async move {
            tokio::select! {
                () = carry(client, socket, manner) => {}
                () = refused(&mut cut) => {}
            }
        });
        while open.try_join_next().is_some() {}
    }
}

/// Any change but to silence or slowness: a value may be overwritten before it is seen.
async fn refused(manner: &mut watch::Receiver<Manner>) {
    while manner.changed().await.is_ok() {
        if matches!(*manner.borrow_and_update(), Manner::Refuse | Manner::Pass) {
            return;
        }
    }
}

async fn carry(client: TcpStream, socket: PathBuf, manner: watch::Receiver<Manner>) {
    let Ok(server) = UnixStream::connect(socket).await else {
        return;
    };
    let _ = client.set_nodelay(true);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = copy(from_client, to_server, manner.clone()) => {}
        () = copy(from_server, to_client, manner) => {}
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    manner: watch::Receiver<Manner>,
) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let now = *manner.borrow();
        match now {
            Manner::Vanish => std::future::pending().await,
            Manner::Delay(pause) => tokio::time::sleep(pause).await,
            Manner::Pass | Manner::Refuse => {}
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
