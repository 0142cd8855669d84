//! A collector of OpenTelemetry's: receives OTLP over HTTP and keeps what it decoded.
//!
//! Shape: one listener on loopback, a task a connection; what came is read by the test afterwards.
//! It can also refuse everything, or take a request and never answer. Turned down: the real collector
//! (a program of two hundred megabytes that no package holds).

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use rustls::ServerConfig;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes everything.
    Healthy,
    /// Answers 503.
    Refusing,
    /// Takes the request and never answers.
    Hanging,
}

/// What came so far.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) resources: Vec<Resource>,
    pub(crate) spans: Vec<Span>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) logs: Vec<LogRecord>,
    /// Headers of every request, by name.
    pub(crate) headers: Vec<BTreeMap<String, String>>,
}

/// A collector; dropping it closes the port.
#[derive(Debug)]
pub(crate) struct Collector {
    address: SocketAddr,
    scheme: &'static str,
    received: Arc<Mutex<Received>>,
    accepting: JoinHandle<()>,
}

impl Collector {
    /// Listens on a free port.
    pub(crate) async fn start(manner: Manner) -> Self {
        Self::listen(manner, None).await
    }

    /// The same by TLS alone.
    pub(crate) async fn start_tls(tls: ServerConfig) -> Self {
        Self::listen(Manner::Healthy, Some(TlsAcceptor::from(Arc::new(tls)))).await
    }

    async fn listen(manner: Manner, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received: Arc<Mutex<Received>> = Arc::default();
        let kept = Arc::clone(&received);
        let scheme = if tls.is_some() { "https" } else { "http" };
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, tls) = (Arc::clone(&kept), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, manner, kept).await,
                        // One that does not trust us, or whom we do not, has gone.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                converse(stream, manner, kept).await;
                            }
                        }
                    }
                });
            }
        });
        Self {
            address,
            scheme,
            received,
            accepting,
        }
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Reads what came so far.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Received) -> T) -> T {
        read(&self.received.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    manner: Manner,
    kept: Arc<Mutex<Received>>,
) {
    let service = service_fn(move |request| answer(request, manner, Arc::clone(&kept)));
    let http = hyper::server::conn::http1::Builder::new();
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Request<Incoming>,
    manner: Manner,
    received: Arc<Mutex<Received>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes());
    match manner {
        Manner::Healthy => {}
        Manner::Hanging => std::future::pending().await,
        Manner::Refusing => {
            let refused = Response::builder().status(StatusCode::SERVICE_UNAVAILABLE);
            return Ok(refused.body(Full::default()).unwrap());
        }
    }
    let mut received = received.lock().unwrap_or_else(PoisonError::into_inner);
    let named = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (
            name.to_string(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    };
    received
        .headers
        .push(head.headers.iter().map(named).collect());
    keep(head.uri.path(), body.unwrap_or_default(), &mut received);
    Ok(Response::new(Full::default()))
}

fn keep(path: &str, body: Bytes, received: &mut Received) {
    match path {
        "/v1/traces" => {
            for of in ExportTraceServiceRequest::decode(body)
                .unwrap()
                .resource_spans
            {
                received.resources.extend(of.resource);
                received
                    .spans
                    .extend(of.scope_spans.into_iter().flat_map(|scope| scope.spans));
            }
        }
        "/v1/metrics" => {
            for of in ExportMetricsServiceRequest::decode(body)
                .unwrap()
                .resource_metrics
            {
                received.resources.extend(of.resource);
                received
                    .metrics
                    .extend(of.scope_metrics.into_iter().flat_map(|scope| scope.metrics));
            }
        }
        "/v1/logs" => {
            for of in ExportLogsServiceRequest::decode(body)
                .unwrap()
                .resource_logs
            {
                received.resources.extend(of.resource);
                received.logs.extend(
                    of.scope_logs
                        .into_iter()
                        .flat_map(|scope| scope.log_records),
                );
            }
        }
        other => panic!("no signal goes to {other}"),
    }
}

/// Attributes as text by name.
pub(crate) fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::DoubleValue(number) => number.to_string(),
        Value::BoolValue(flag) => flag.to_string(),
        other => format!("{other:?}"),
    };
    let value = |of: &KeyValue| {
        of.value
            .as_ref()
            .and_then(|any| any.value.as_ref())
            .map(text)
    };
    let named = attributes.iter();
    named
        .map(|of| (of.key.clone(), value(of).unwrap_or_default()))
        .collect()
}

/// An id as it stands in a `traceparent`.
pub(crate) fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}
