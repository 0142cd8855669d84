//! What is told to the outside about the inside: traces, metrics, the log.
//!
//! Shape: one [`Telemetry`] a process (or a test) holds the exporters and the instruments; whoever
//! measures is handed it and calls methods in the words of the house (`predicted`, `run_ended`), so
//! that names, units and labels stand here alone. [`Span`] is the one span type; [`HttpRecorder`] is
//! what stands around every request; gauges are asked when somebody scrapes, see [`Watched`].
//! [`start`] begins the log, whose every line carries the trace it belongs to.
//!
//! Concurrency: a recording is an addition to a counter that was bound to its labels before, without
//! an allocation. Spans and log lines go into bounded queues that threads of their own empty; a full
//! queue drops, it never waits. So a collector that is slow or gone costs a request nothing.
//!
//! Turned down: globals of the OpenTelemetry crates (tests run many services in one process),
//! `tracing` spans behind `tracing-opentelemetry` (a second registry of spans on the hot path, one
//! more crate, and a parent and a start that cannot be given afterwards, as database calls need), and
//! instruments named where they are used.

mod causes;
mod collector;
mod collector_tls;
mod database_instruments;
mod exports;
mod gauges;
mod http_instruments;
mod http_recorder;
mod log;
mod log_line;
mod pipeline;
mod prediction_instruments;
mod propagation;
mod resource;
mod sdk_events;
mod span;
mod training_instruments;

pub use causes::with_causes;
pub use database_instruments::{DatabaseCall, DatabaseInstruments};
pub use exports::TelemetryError;
pub use gauges::{Champion, LastRun, Pool, Watched};
pub use http_instruments::AnsweredRequest;
pub use http_recorder::{HttpRecorder, ObservedRequest, RequestHead};
pub use log::{LogStyle, start};
pub use pipeline::Telemetry;
pub use propagation::{current_trace_id, current_trace_parent, passed_on};
pub use span::Span;
