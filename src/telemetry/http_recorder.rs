//! What stands around every request: its span and its measures.

use super::http_instruments::{AnsweredRequest, Labels, known_method};
use super::{Span, Telemetry};
use http::HeaderMap;
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanBuilder, SpanKind};
use std::sync::Arc;
use std::time::Instant;

/// Measures the requests of one endpoint, whose routes are known.
#[derive(Debug, Clone)]
pub struct HttpRecorder {
    telemetry: Telemetry,
    routes: Arc<[String]>,
}

/// A request as it comes in.
#[derive(Debug)]
pub struct RequestHead<'a> {
    /// As the client wrote it.
    pub method: &'a str,
    /// Place of its route among the recorder's, `None` where no route matches.
    pub route: Option<usize>,
    /// The path where it tells nothing that the client measured.
    pub path: Option<&'a str>,
    /// Whether it came by TLS.
    pub secure: bool,
    /// The caller's context, and who it says it is.
    pub headers: &'a HeaderMap,
}

/// A request at work. However it ends, it is active no more.
#[derive(Debug)]
pub struct ObservedRequest {
    recorder: HttpRecorder,
    labels: Labels,
    span: Span,
    begun: Instant,
}

impl HttpRecorder {
    /// Measures requests to these route templates.
    #[must_use]
    pub fn new(telemetry: Telemetry, routes: Vec<String>) -> Self {
        Self {
            telemetry,
            routes: routes.into(),
        }
    }

    /// A request begins.
    #[must_use]
    pub fn begin(&self, head: &RequestHead<'_>) -> ObservedRequest {
        let labels = Labels {
            route: head.route.unwrap_or(self.routes.len()),
            method: known_method(head.method),
            scheme: if head.secure { "https" } else { "http" },
        };
        let http = self.telemetry.http();
        http.active(labels, self.route(labels), 1);
        ObservedRequest {
            span: self.span(labels, head),
            recorder: self.clone(),
            labels,
            begun: Instant::now(),
        }
    }

    fn route(&self, labels: Labels) -> Option<&str> {
        self.routes.get(labels.route).map(String::as_str)
    }

    fn span(&self, labels: Labels, head: &RequestHead<'_>) -> Span {
        let caller = self.telemetry.propagation().extract(head.headers);
        let Some(tracer) = self.telemetry.tracer() else {
            return Span::of_context(self.telemetry.propagation().with_trace(caller));
        };
        let route = self.route(labels);
        let name = match route {
            Some(route) => format!("{} {route}", labels.method),
            None => labels.method.to_owned(),
        };
        let builder = SpanBuilder::from_name(name)
            .with_kind(SpanKind::Server)
            .with_attributes(attributes(labels, route, head));
        Span::start(tracer, builder, &caller)
    }
}

/// By the semantic conventions, less the query, which holds what is predicted for.
fn attributes(labels: Labels, route: Option<&str>, head: &RequestHead<'_>) -> Vec<KeyValue> {
    let mut all = vec![
        KeyValue::new("http.request.method", labels.method),
        KeyValue::new("url.scheme", labels.scheme),
    ];
    if labels.method == "_OTHER" {
        let original = head.method.to_owned();
        all.push(KeyValue::new("http.request.method_original", original));
    }
    all.extend(route.map(|route| KeyValue::new("http.route", route.to_owned())));
    all.extend(
        head.path
            .map(|path| KeyValue::new("url.path", path.to_owned())),
    );
    let agent = head.headers.get(http::header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok());
    all.extend(agent.map(|agent| KeyValue::new("user_agent.original", agent.to_owned())));
    all
}

impl ObservedRequest {
    /// The request's span: what answers it runs inside.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// The template of its route.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.recorder.route(self.labels)
    }

    /// It was answered so. One that is dropped without was given up by its client, or cut.
    pub fn answered(self, answered: AnsweredRequest) {
        let status = i64::from(answered.status);
        self.span.set("http.response.status_code", status);
        if answered.status >= 500 {
            self.span.fail(answered.code.unwrap_or("5xx"));
        }
        let seconds = self.begun.elapsed().as_secs_f64();
        let http = self.recorder.telemetry.http();
        http.answered(self.labels, self.route(), answered, seconds);
    }
}

impl Drop for ObservedRequest {
    fn drop(&mut self) {
        let http = self.recorder.telemetry.http();
        http.active(self.labels, self.recorder.route(self.labels), -1);
    }
}
