//! What leaves the process by OTLP: a provider a signal, one client for all.
//!
//! Sampler, batches, limits, headers and compression are the SDK's own, which reads the standard
//! variables; endpoint, protocol and timeout were checked by the configuration.
//! Concurrency: each signal has a thread of the SDK's and a bounded queue.

use super::collector::Collector;
use super::collector_tls::TlsError;
use crate::config::{OpenTelemetry, OtlpExport};
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig,
    WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::PeriodicReader;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Why the exporters could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// A certificate or key.
    #[error("prepare TLS to the collector")]
    Tls(#[from] TlsError),
    /// The threads that export.
    #[error("start the threads that export")]
    Threads(#[source] std::io::Error),
    /// What a standard variable says cannot be used.
    #[error("use the variables OTEL_...")]
    Exporter(#[from] ExporterBuildError),
    /// The reader behind `/metrics`.
    #[error("prepare /metrics")]
    Metrics(#[from] OTelSdkError),
}

/// The providers of the signals that are exported.
#[derive(Debug, Default)]
pub(super) struct Exports {
    pub(super) traces: Option<SdkTracerProvider>,
    pub(super) logs: Option<SdkLoggerProvider>,
}

/// Makes what the configuration asks for; the reader of the metrics is for the one meter provider.
pub(super) fn build(
    config: &OpenTelemetry,
    resource: &Resource,
) -> Result<(Exports, Option<PeriodicReader<MetricExporter>>), TelemetryError> {
    let mut exports = Exports::default();
    if let Some(to) = &config.traces {
        let exporter = with(SpanExporter::builder().with_http(), to)?.build()?;
        let provider = SdkTracerProvider::builder().with_resource(resource.clone());
        exports.traces = Some(provider.with_batch_exporter(exporter).build());
    }
    if let Some(to) = &config.logs {
        let exporter = with(LogExporter::builder().with_http(), to)?.build()?;
        let provider = SdkLoggerProvider::builder().with_resource(resource.clone());
        exports.logs = Some(provider.with_batch_exporter(exporter).build());
    }
    let reader = match &config.metrics {
        Some(to) => {
            let exporter = with(MetricExporter::builder().with_http(), to)?.build()?;
            Some(PeriodicReader::builder(exporter).build())
        }
        None => None,
    };
    Ok((exports, reader))
}

fn with<B: WithExportConfig + WithHttpConfig>(
    builder: B,
    to: &OtlpExport,
) -> Result<B, TelemetryError> {
    Ok(builder
        .with_endpoint(&to.url)
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(to.timeout)
        .with_http_client(Collector::new(to)?))
}

/// Lets one thing pass a minute, and counts what it held back.
#[derive(Debug, Default)]
pub(super) struct OncePerMinute {
    last: Mutex<(Option<Instant>, u64)>,
}

impl OncePerMinute {
    /// How many were held back since the last that passed; `None`: this one is held back too.
    pub(super) fn pass(&self) -> Option<u64> {
        self.pass_at(Instant::now())
    }

    fn pass_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, held_back) = *state;
        let young = |last| now.duration_since(last) < Duration::from_secs(60);
        if last.is_some_and(young) {
            state.1 += 1;
            return None;
        }
        *state = (Some(now), 0);
        Some(held_back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_passes_a_minute_and_the_rest_is_counted() {
        let limit = OncePerMinute::default();
        let start = Instant::now();
        let at = |seconds| limit.pass_at(start + Duration::from_secs(seconds));
        assert_eq!(at(0), Some(0));
        assert_eq!((at(1), at(59)), (None, None));
        assert_eq!(at(60), Some(2));
        assert_eq!(at(61), None);
    }
}
