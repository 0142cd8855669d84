//! `logitd healthcheck`: asks the running service's readiness, for images without a shell.

use super::any_certificate;
use super::failure::Failure;
use super::output;
use crate::config::Config;
use crate::telemetry;
use http::HeaderMap;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A probe that answers later is as good as none.
const LONGEST: Duration = Duration::from_secs(3);

pub(super) async fn run(config: Config) -> Result<ExitCode, Failure> {
    let address = reachable(config.http.listen);
    let context = telemetry::passed_on(&config.open_telemetry);
    let tls = config.http.tls.is_some();
    let scheme = if tls { "https" } else { "http" };
    let asked = tokio::time::timeout(LONGEST, ask(address, tls, context)).await;
    let asked = asked.unwrap_or_else(|_| Err(format!("nothing within {LONGEST:?}").into()));
    let (status, said) = asked.map_err(|error| {
        let error = format!("ask {scheme}://{address}/readyz; see whether `logitd serve` runs with this [http] listen: {error}");
        Failure::of("find the service ready")(error.into())
    })?;
    output::say(said.trim_end());
    Ok(if status == 200 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// An address that listens everywhere is asked on loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn ask(
    address: SocketAddr,
    tls: bool,
    context: HeaderMap,
) -> Result<(u16, String), Box<dyn Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    if !tls {
        return ask_over(stream, address, context).await;
    }
    let connector = TlsConnector::from(Arc::new(any_certificate::client_config()?));
    let stream = connector.connect(address.ip().into(), stream).await?;
    ask_over(stream, address, context).await
}

async fn ask_over(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    address: SocketAddr,
    context: HeaderMap,
) -> Result<(u16, String), Box<dyn Error + Send + Sync>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = hyper::Request::get("/readyz").header("host", address.to_string());
    let mut request = request.body(Empty::<bytes::Bytes>::new())?;
    request.headers_mut().extend(context);
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    connection.abort();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_listens_everywhere_is_asked_on_loopback() {
        let of = |listen: &str| reachable(listen.parse().unwrap()).to_string();
        assert_eq!(of("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(of("[::]:80"), "[::1]:80");
        assert_eq!(of("10.0.0.1:80"), "10.0.0.1:80");
    }
}
