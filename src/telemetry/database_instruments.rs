//! Database calls: a measure each, and a span each where they are part of a trace.
//!
//! What is told is the kind of the statement and its table, never its text nor a value. A call that
//! belongs to no trace (a poll for the champion, a heartbeat) is measured and makes no span: every two
//! seconds a trace of one call would only bury the others.

use super::http_instruments::Bound;
use crate::clock::Clock;
use opentelemetry::metrics::{BoundHistogram, Histogram, Meter};
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// By the semantic conventions.
const DURATION_SECONDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// A call that has just ended.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseCall<'a> {
    /// `sqlite` or `postgresql`.
    pub system: &'static str,
    /// `SELECT`, `INSERT`, `UPDATE`, `DELETE` or `OTHER`.
    pub operation: &'static str,
    /// The table; empty where the statement names none.
    pub table: &'a str,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether the database refused it.
    pub failed: bool,
}

/// Kind of statement, table, and whether it failed.
type Key = (&'static str, String, bool);

/// Measures database calls. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DatabaseInstruments {
    tracer: Option<SdkTracer>,
    clock: Arc<dyn Clock>,
    duration: Histogram<f64>,
    bound: Arc<Bound<Key, BoundHistogram<f64>>>,
}

impl DatabaseInstruments {
    pub(super) fn new(meter: &Meter, tracer: Option<SdkTracer>, clock: Arc<dyn Clock>) -> Self {
        let duration = meter
            .f64_histogram("db.client.operation.duration")
            .with_unit("s")
            .with_description("Duration of database client operations.")
            .with_boundaries(DURATION_SECONDS.to_vec())
            .build();
        Self {
            tracer,
            clock,
            duration,
            bound: Arc::default(),
        }
    }

    /// A call ended just now.
    pub fn called(&self, call: &DatabaseCall<'_>) {
        let key = (call.operation, call.table.to_owned(), call.failed);
        let bind = || self.duration.bind(&attributes(call));
        let seconds = call.elapsed.as_secs_f64();
        self.bound.with(&key, bind, |bound| bound.record(seconds));
        if let Some(tracer) = &self.tracer {
            Context::map_current(|parent| self.span(tracer, parent, call));
        }
    }

    fn span(&self, tracer: &SdkTracer, parent: &Context, call: &DatabaseCall<'_>) {
        if !parent.span().is_recording() {
            return;
        }
        let end = SystemTime::from(self.clock.now());
        let start = end.checked_sub(call.elapsed).unwrap_or(end);
        let name: Cow<'static, str> = match call.table {
            "" => call.operation.into(),
            table => format!("{} {table}", call.operation).into(),
        };
        let builder = SpanBuilder::from_name(name)
            .with_kind(SpanKind::Client)
            .with_start_time(start)
            .with_attributes(attributes(call));
        let mut span = tracer.build_with_context(builder, parent);
        if call.failed {
            span.set_status(Status::error("the database refused the statement"));
        }
        span.end_with_timestamp(end);
    }
}

fn attributes(call: &DatabaseCall<'_>) -> Vec<KeyValue> {
    let mut all = vec![
        KeyValue::new("db.system.name", call.system),
        KeyValue::new("db.operation.name", call.operation),
    ];
    if !call.table.is_empty() {
        all.push(KeyValue::new("db.collection.name", call.table.to_owned()));
    }
    if call.failed {
        all.push(KeyValue::new("error.type", "_OTHER"));
    }
    all
}
