//! The client behind the exporters: HTTP and HTTPS, on a small runtime of its own.
//!
//! The SDK's threads wait here and nowhere else, so a collector that hangs holds up nobody who
//! answers requests, and a flush at the end does not need the service's runtime. That an export
//! failed is told once a minute for all signals together.
//! Turned down: `reqwest` (17 crates, a second TLS provider), and the client's own runtime being the
//! service's (it is gone when the last spans are sent).

use super::collector_tls::client_config;
use super::exports::{OncePerMinute, TelemetryError};
use super::with_causes;
use crate::config::OtlpExport;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{LazyLock, OnceLock};
use tokio::runtime::{Builder, Runtime};

static FAILURES: LazyLock<OncePerMinute> = LazyLock::new(OncePerMinute::default);
static EXPORTING: OnceLock<Runtime> = OnceLock::new();

/// Sends one signal's exports.
pub(super) struct Collector {
    client: HyperClient<HttpsConnector<HttpConnector>>,
    runtime: &'static Runtime,
}

impl Collector {
    pub(super) fn new(to: &OtlpExport) -> Result<Self, TelemetryError> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(client_config(to)?)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: HyperClient::new(connector, to.timeout, None),
            runtime: exporting()?,
        })
    }
}

/// One for the process, made with the first exporter; it ends with the process.
fn exporting() -> Result<&'static Runtime, TelemetryError> {
    if let Some(runtime) = EXPORTING.get() {
        return Ok(runtime);
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("logitd-export")
        .enable_all()
        .build()
        .map_err(TelemetryError::Threads)?;
    Ok(EXPORTING.get_or_init(|| runtime))
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Collector {
    // What `async_trait` makes of `async fn send_bytes`, which the trait asks for.
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> Sending<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        let (client, to) = (self.client.clone(), shown(request.uri()));
        let sending = self
            .runtime
            .spawn(async move { client.send_bytes(request).await });
        Box::pin(async move {
            let sent = sending.await.map_err(HttpError::from).and_then(|sent| sent);
            match &sent {
                Ok(response) if response.status().is_success() => {}
                Ok(response) => tell(&to, &format!("it answered {}", response.status())),
                Err(error) => tell(&to, &with_causes(error.as_ref())),
            }
            sent
        })
    }
}

/// Without the user and password that a URL may hold.
fn shown(uri: &http::Uri) -> String {
    let port = uri.port_u16().map(|port| format!(":{port}"));
    let host = uri.host().unwrap_or_default();
    format!("{host}{}{}", port.unwrap_or_default(), uri.path())
}

fn tell(collector: &str, error: &str) {
    if let Some(untold) = FAILURES.pass() {
        tracing::warn!(
            collector,
            error,
            untold,
            "failed to export telemetry; requests go on, and the next export tries again"
        );
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Collector")
    }
}
