//! The one value that everything which measures is handed.

use super::Span;
use super::database_instruments::DatabaseInstruments;
use super::exports::{self, Exports, TelemetryError};
use super::gauges::{self, Watched};
use super::http_instruments::HttpInstruments;
use super::prediction_instruments::PredictionInstruments;
use super::propagation::{self, Propagation};
use super::resource::resource;
use super::training_instruments::TrainingInstruments;
use crate::clock::Clock;
use crate::config::OpenTelemetry;
use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry::trace::{SpanBuilder, TracerProvider};
use opentelemetry_otlp::MetricExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::{Instrument, PeriodicReader, SdkMeterProvider, Stream};
use opentelemetry_sdk::trace::SdkTracer;
use prometheus::{Registry, TextEncoder};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Series at most of an instrument that has few; past it they are counted as one that says so.
const MOST_SERIES: usize = 200;

/// How long a command waits for what it measured to be sent, unless a deadline was set.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);

/// Exporters and instruments of one process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Telemetry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    model: String,
    clock: Arc<dyn Clock>,
    exports: Exports,
    tracer: Option<SdkTracer>,
    propagation: Propagation,
    meters: SdkMeterProvider,
    exports_metrics: bool,
    registry: Registry,
    meter: Meter,
    http: HttpInstruments,
    predictions: PredictionInstruments,
    training: TrainingInstruments,
    database: DatabaseInstruments,
    flush_by: Mutex<Option<Instant>>,
}

impl Telemetry {
    /// Makes exporters and instruments for the service of this model.
    ///
    /// # Errors
    /// [`TelemetryError`]: what the configuration names cannot be used. A collector that cannot be
    /// reached is none.
    pub fn build(
        model: &str,
        config: &OpenTelemetry,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TelemetryError> {
        let resource = resource();
        let (exports, reader) = exports::build(config, &resource)?;
        let registry = Registry::new();
        let exports_metrics = reader.is_some();
        let meters = meters(resource, &registry, reader)?;
        let meter = meters.meter("logitd");
        let tracer = exports
            .traces
            .as_ref()
            .map(|traces| traces.tracer("logitd"));
        Ok(Self(Arc::new(Inner {
            model: model.to_owned(),
            propagation: Propagation::new(config.propagators),
            http: HttpInstruments::new(&meter),
            predictions: PredictionInstruments::new(&meter, model),
            training: TrainingInstruments::new(&meter, model),
            database: DatabaseInstruments::new(&meter, tracer.clone(), Arc::clone(&clock)),
            clock,
            exports,
            tracer,
            meters,
            exports_metrics,
            registry,
            meter,
            flush_by: Mutex::new(None),
        })))
    }

    /// From now on the gauges ask these.
    pub fn watch(&self, watched: Watched) {
        let clock = Arc::clone(&self.0.clock);
        gauges::register(&self.0.meter, &self.0.model, watched, clock);
    }

    /// Every metric in Prometheus' text format.
    #[must_use]
    pub fn prometheus_text(&self) -> String {
        let families = self.0.registry.gather();
        // Only a family without a name or a value cannot be written, and there is none.
        TextEncoder::new()
            .encode_to_string(&families)
            .unwrap_or_default()
    }

    /// A span inside the current one.
    pub fn span(&self, name: &'static str) -> Span {
        let Some(tracer) = &self.0.tracer else {
            return Span::none();
        };
        Context::map_current(|parent| Span::start(tracer, SpanBuilder::from_name(name), parent))
    }

    /// A span with a trace of its own, because of the one that was written down.
    pub fn span_because_of(&self, name: &'static str, trace_parent: Option<&str>) -> Span {
        let Some(tracer) = &self.0.tracer else {
            let context = self.0.propagation.with_trace(Context::new());
            return Span::of_context(context);
        };
        let span = Span::start(tracer, SpanBuilder::from_name(name), &Context::new());
        if let Some(cause) = trace_parent.and_then(propagation::parse_trace_parent) {
            span.link(cause);
        }
        span
    }

    /// Not a span of ours: the caller's trace, or a new one.
    pub fn trace_of(&self, headers: &HeaderMap) -> Span {
        let propagation = &self.0.propagation;
        Span::of_context(propagation.with_trace(propagation.extract(headers)))
    }

    /// Not a span of ours: what this process was started within, for what is asked for in it.
    pub fn span_of_caller(&self, config: &OpenTelemetry) -> Span {
        Span::of_context(propagation::started_within(config))
    }

    /// A span inside another one than the current.
    pub fn span_inside(&self, parent: &Span, name: &'static str) -> Span {
        match (&self.0.tracer, parent.context()) {
            (Some(tracer), Some(parent)) => {
                Span::start(tracer, SpanBuilder::from_name(name), parent)
            }
            _ => Span::none(),
        }
    }

    /// A request was answered with predictions: the version that made them, the names of its labels,
    /// and of each instance the place of its label among them.
    pub fn predicted(&self, version: i32, names: &[String], labels: impl Iterator<Item = usize>) {
        self.0.predictions.predicted(version, names, labels);
    }

    /// A training run ended here: its last status, the first reason (a code of the gate's or of the
    /// error) and how long it took.
    pub fn run_ended(&self, outcome: &str, reason: &str, took: Duration) {
        self.0.training.ended(outcome, reason, took.as_secs_f64());
    }

    /// So many rows were read for training, and so many of them refused.
    pub fn rows_read(&self, read: u64, refused: u64) {
        self.0.training.rows(read, refused);
    }

    /// What measures database calls.
    #[must_use]
    pub fn database(&self) -> DatabaseInstruments {
        self.0.database.clone()
    }

    /// Whether anything leaves the process, so that the end has to wait for it.
    #[must_use]
    pub fn exports(&self) -> bool {
        let exports = &self.0.exports;
        exports.traces.is_some() || exports.logs.is_some() || self.0.exports_metrics
    }

    /// The last moment for [`flush`](Self::flush).
    pub fn flush_by(&self, deadline: Instant) {
        let mut flush_by = self
            .0
            .flush_by
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *flush_by = Some(deadline);
    }

    /// Sends what is left and ends the exporters, each on a thread of its own; gives whether all of
    /// it was sent in time. Blocks: not for the async runtime.
    pub fn flush(&self) -> bool {
        let flush_by = *self
            .0
            .flush_by
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let deadline = flush_by.unwrap_or_else(|| Instant::now() + FLUSH_WITHIN);
        let left = move || deadline.saturating_duration_since(Instant::now());
        let (sender, done) = mpsc::channel();
        let inner = &self.0;
        let traces = inner.exports.traces.clone();
        let logs = inner.exports.logs.clone();
        let meters = inner.exports_metrics.then(|| inner.meters.clone());
        let mut waiting = 0;
        let mut begin = |ends: Option<Box<dyn FnOnce() -> bool + Send>>| {
            let Some(ends) = ends else { return };
            let sender = sender.clone();
            waiting += 1;
            std::thread::spawn(move || sender.send(ends()));
        };
        begin(traces.map(|it| boxed(move || it.shutdown_with_timeout(left()).is_ok())));
        begin(logs.map(|it| boxed(move || it.shutdown_with_timeout(left()).is_ok())));
        begin(meters.map(|it| boxed(move || it.shutdown_with_timeout(left()).is_ok())));
        (0..waiting).all(|_| done.recv_timeout(left()).unwrap_or(false))
    }

    pub(super) fn http(&self) -> &HttpInstruments {
        &self.0.http
    }

    pub(super) fn tracer(&self) -> Option<&SdkTracer> {
        self.0.tracer.as_ref()
    }

    pub(super) fn propagation(&self) -> &Propagation {
        &self.0.propagation
    }

    pub(super) fn logger_provider(&self) -> Option<&SdkLoggerProvider> {
        self.0.exports.logs.as_ref()
    }
}

/// One provider behind `/metrics` and, where they are exported, the exporter.
fn meters(
    resource: Resource,
    registry: &Registry,
    exported: Option<PeriodicReader<MetricExporter>>,
) -> Result<SdkMeterProvider, TelemetryError> {
    let scraped = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .scope_info_enabled(false)
        .build()?;
    let mut meters = SdkMeterProvider::builder()
        .with_resource(resource)
        .with_view(bounded)
        .with_reader(scraped);
    if let Some(reader) = exported {
        meters = meters.with_reader(reader);
    }
    Ok(meters.build())
}

/// Most instruments have a handful of series, and the SDK makes room for its limit of 2,000 from the start, 130
/// KiB an instrument. Only what is told by route, by version or by call keeps that.
fn bounded(instrument: &Instrument) -> Option<Stream> {
    let many = ["http.", "prediction.", "db."];
    if many.iter().any(|of| instrument.name().starts_with(of)) {
        return None;
    }
    let stream = Stream::builder().with_cardinality_limit(MOST_SERIES);
    stream.build().ok()
}

fn boxed(ends: impl FnOnce() -> bool + Send + 'static) -> Box<dyn FnOnce() -> bool + Send> {
    Box::new(ends)
}
