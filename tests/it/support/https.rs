//! A client that speaks TLS and trusts one authority, by HTTP/1.1 or HTTP/2.

use super::certificates::Authority;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

type Nothing = Empty<Bytes>;

/// Shakes hands; an error says why not.
pub(crate) async fn connect(
    address: SocketAddr,
    authority: &Authority,
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    let ours = CertificateDer::from_pem_file(authority.certificate()).unwrap();
    roots.add(ours).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|one| one.as_bytes().to_vec())
        .collect();
    let stream = TcpStream::connect(address).await?;
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(address.ip().into(), stream).await
}

/// The certificate that was shown.
pub(crate) fn shown(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    let (_, session) = stream.get_ref();
    session.peer_certificates().unwrap()[0].clone().into_owned()
}

/// One kept connection by HTTP/1.1.
pub(crate) struct Kept {
    sender: http1::SendRequest<Nothing>,
    address: SocketAddr,
}

impl Kept {
    pub(crate) async fn over(stream: TlsStream<TcpStream>, address: SocketAddr) -> Self {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self { sender, address }
    }

    pub(crate) async fn status(&mut self, path: &str) -> u16 {
        self.sender.ready().await.unwrap();
        let host = self.address.to_string();
        let request = Request::get(path)
            .header("host", host)
            .body(Empty::new())
            .unwrap();
        let answer = self.sender.send_request(request).await.unwrap();
        let status = answer.status().as_u16();
        answer.into_body().collect().await.unwrap();
        status
    }
}

/// One connection by HTTP/2, and its end.
pub(crate) struct Streams {
    sender: http2::SendRequest<Nothing>,
    address: SocketAddr,
    /// Ends with the connection.
    pub(crate) connection: JoinHandle<Result<(), hyper::Error>>,
}

impl Streams {
    pub(crate) async fn over(stream: TlsStream<TcpStream>, address: SocketAddr) -> Self {
        let stream = TokioIo::new(stream);
        let (sender, connection) = http2::handshake(TokioExecutor::new(), stream)
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        Self {
            sender,
            address,
            connection,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, HeaderMap) {
        let mut sender = self.sender.clone();
        sender.ready().await.unwrap();
        let uri = format!("https://{}{path}", self.address);
        let request = Request::get(uri).body(Empty::new()).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        let told = (answer.status().as_u16(), answer.headers().clone());
        answer.into_body().collect().await.unwrap();
        told
    }
}
