//! The standard variables `OTEL_...`: what is exported, and where to.
//!
//! Shape: [`OpenTelemetry`] holds what the SDK does not read by itself (whether it is switched off,
//! which signals leave the process, the certificates) and what must be checked before the start
//! (endpoint, protocol, timeout). Sampler, headers, compression, resource, batches and limits are read
//! by the SDK from the same environment. As the specification demands, an empty variable counts as
//! absent; a word that it does not know is told and ignored, but for the protocol and the endpoint,
//! where going on would mean exporting nothing for good.

use super::environment::Environment;
use super::fault::{ConfigFault, Place};
use std::time::Duration;

const ENDPOINT_DEFAULT: &str = "http://localhost:4318";
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// The headers of a context, and the variables that hold them for a program that is started.
const CALLER: [(&str, &str); 3] = [
    ("traceparent", "TRACEPARENT"),
    ("tracestate", "TRACESTATE"),
    ("baggage", "BAGGAGE"),
];

/// What leaves the process by OTLP. Nothing does unless an endpoint or an exporter is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenTelemetry {
    /// Where spans go.
    pub traces: Option<OtlpExport>,
    /// Where metrics go.
    pub metrics: Option<OtlpExport>,
    /// Where the log goes.
    pub logs: Option<OtlpExport>,
    /// What of a caller's context is read and passed on.
    pub propagators: Propagators,
    /// What this process was started within, by the variables that OpenTelemetry names for it: headers
    /// by name.
    pub caller: Vec<(&'static str, String)>,
    /// Variables that were given and are not used, each with the reason.
    pub ignored: Vec<String>,
}

/// Where one signal goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpExport {
    /// The whole URL, path included.
    pub url: String,
    /// After how long an export is given up.
    pub timeout: Duration,
    /// A file with the certificates to trust instead of Mozilla's list.
    pub certificate: Option<String>,
    /// The files of the client's certificate and its key, for mutual TLS.
    pub client: Option<(String, String)>,
}

/// Which headers of a caller are continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Propagators {
    /// W3C `traceparent` and `tracestate`.
    pub trace_context: bool,
    /// W3C `baggage`.
    pub baggage: bool,
}

impl Default for Propagators {
    fn default() -> Self {
        Self {
            trace_context: true,
            baggage: true,
        }
    }
}

/// Reads the variables; what cannot be used goes to `faults`.
pub(super) fn read(environment: &Environment, faults: &mut Vec<ConfigFault>) -> OpenTelemetry {
    let mut reading = Reading {
        environment,
        faults,
        ignored: Vec::new(),
    };
    if reading.is_disabled() {
        // By the specification this has no effect on the propagators.
        return OpenTelemetry {
            propagators: reading.propagators(),
            caller: reading.caller(),
            ignored: reading.ignored,
            ..OpenTelemetry::default()
        };
    }
    OpenTelemetry {
        traces: reading.signal("TRACES", "v1/traces"),
        metrics: reading.signal("METRICS", "v1/metrics"),
        logs: reading.signal("LOGS", "v1/logs"),
        propagators: reading.propagators(),
        caller: reading.caller(),
        ignored: reading.ignored,
    }
}

struct Reading<'a> {
    environment: &'a Environment,
    faults: &'a mut Vec<ConfigFault>,
    ignored: Vec<String>,
}

impl<'a> Reading<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        let value = self.environment.get(name).map(str::trim);
        value.filter(|value| !value.is_empty())
    }

    /// The signal's own variable, else the one for all.
    fn of_signal(&self, signal: &str, name: &str) -> Option<(String, &'a str)> {
        let own = format!("OTEL_EXPORTER_OTLP_{signal}_{name}");
        let all = format!("OTEL_EXPORTER_OTLP_{name}");
        let value = self.get(&own).map(|value| (own, value));
        value.or_else(|| self.get(&all).map(|value| (all, value)))
    }

    fn refuse(&mut self, variable: &str, detail: String) {
        self.faults.push(ConfigFault {
            place: Place::Variable(variable.to_owned()),
            section: String::new(),
            field: String::new(),
            detail,
        });
    }

    fn ignore(&mut self, variable: &str, why: &str) {
        self.ignored.push(format!("{variable}: {why}"));
    }

    fn is_disabled(&mut self) -> bool {
        let Some(value) = self.get("OTEL_SDK_DISABLED") else {
            return false;
        };
        let disabled = value.eq_ignore_ascii_case("true");
        if !disabled && !value.eq_ignore_ascii_case("false") {
            self.ignore("OTEL_SDK_DISABLED", "neither true nor false");
        }
        disabled
    }

    fn signal(&mut self, signal: &str, path: &str) -> Option<OtlpExport> {
        self.check_protocol(signal);
        let named = self.is_named(signal);
        if named == Some(false) {
            return None;
        }
        let url = match self.url(signal, path) {
            Some(url) => url,
            None if named.is_some() => format!("{ENDPOINT_DEFAULT}/{path}"),
            None => return None,
        };
        let file = |name| {
            self.of_signal(signal, name)
                .map(|(_, file)| file.to_owned())
        };
        let (certificate, client) = (file("CERTIFICATE"), file("CLIENT_CERTIFICATE"));
        let client = client.zip(file("CLIENT_KEY"));
        Some(OtlpExport {
            url,
            timeout: self.timeout(signal),
            certificate,
            client,
        })
    }

    /// Whether an exporter is named for this signal, and whether it is OTLP.
    fn is_named(&mut self, signal: &str) -> Option<bool> {
        let variable = format!("OTEL_{signal}_EXPORTER");
        let words = self.get(&variable)?.split(',').map(str::trim);
        let words: Vec<&str> = words.collect();
        for word in &words {
            // `/metrics` is always there.
            let known =
                matches!(*word, "otlp" | "none") || (signal == "METRICS" && *word == "prometheus");
            if !known {
                let why = format!("{word:?} is not supported; otlp and none are");
                self.ignore(&variable, &why);
            }
        }
        Some(words.contains(&"otlp"))
    }

    /// The signal's own endpoint is taken as it is; the common one gets the signal's path.
    fn url(&mut self, signal: &str, path: &str) -> Option<String> {
        let (variable, given) = self.of_signal(signal, "ENDPOINT")?;
        let url = if variable == "OTEL_EXPORTER_OTLP_ENDPOINT" {
            format!("{}/{path}", given.trim_end_matches('/'))
        } else {
            given.to_owned()
        };
        let parsed = url.parse::<http::Uri>().ok();
        let usable = parsed.is_some_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
        });
        if !usable {
            // The text is not shown: an endpoint may hold a token.
            let detail = "must be a URL like http://collector:4318 or https://collector:4318";
            self.refuse(&variable, detail.to_owned());
        }
        usable.then_some(url)
    }

    fn check_protocol(&mut self, signal: &str) {
        let Some((variable, protocol)) = self.of_signal(signal, "PROTOCOL") else {
            return;
        };
        let told = |fault: &ConfigFault| fault.place == Place::Variable(variable.clone());
        if protocol != "http/protobuf" && !self.faults.iter().any(told) {
            let detail = format!(
                "the protocol {protocol:?} is not supported: set it to \"http/protobuf\" and the \
                 endpoint to the collector's port for HTTP, usually 4318"
            );
            self.refuse(&variable, detail);
        }
    }

    fn timeout(&mut self, signal: &str) -> Duration {
        let Some((variable, text)) = self.of_signal(signal, "TIMEOUT") else {
            return TIMEOUT_DEFAULT;
        };
        match text.parse() {
            Ok(milliseconds) => Duration::from_millis(milliseconds),
            Err(_) => {
                self.ignore(&variable, "not a whole number of milliseconds");
                TIMEOUT_DEFAULT
            }
        }
    }

    fn caller(&self) -> Vec<(&'static str, String)> {
        let given = |(header, variable)| Some((header, self.get(variable)?.to_owned()));
        CALLER.into_iter().filter_map(given).collect()
    }

    fn propagators(&mut self) -> Propagators {
        let Some(given) = self.get("OTEL_PROPAGATORS") else {
            return Propagators::default();
        };
        let mut chosen = Propagators {
            trace_context: false,
            baggage: false,
        };
        for word in given.split(',').map(str::trim) {
            match word {
                "tracecontext" => chosen.trace_context = true,
                "baggage" => chosen.baggage = true,
                "none" => {}
                other => {
                    let why =
                        format!("{other:?} is not supported; tracecontext, baggage and none are");
                    self.ignore("OTEL_PROPAGATORS", &why);
                }
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> (OpenTelemetry, Vec<String>) {
        let mut faults = Vec::new();
        let read = read(&Environment::from_pairs(pairs.iter().copied()), &mut faults);
        (read, faults.iter().map(ToString::to_string).collect())
    }

    fn url(export: Option<&OtlpExport>) -> Option<&str> {
        export.map(|export| export.url.as_str())
    }

    #[test]
    fn nothing_leaves_the_process_unless_somebody_says_where_to() {
        let (nothing, faults) = of(&[]);
        assert_eq!((nothing, faults), (OpenTelemetry::default(), Vec::new()));
        let (asked, _) = of(&[("OTEL_TRACES_EXPORTER", "otlp")]);
        assert_eq!(
            url(asked.traces.as_ref()),
            Some("http://localhost:4318/v1/traces")
        );
        assert_eq!(asked.metrics, None);
    }

    #[test]
    fn an_endpoint_is_for_all_signals_or_for_one_as_it_stands() {
        let (all, _) = of(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c:4318/base/"),
            ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://l/any"),
            ("OTEL_METRICS_EXPORTER", "prometheus"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "250"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"),
        ]);
        let traces = all.traces.as_ref();
        assert_eq!(url(traces), Some("https://c:4318/base/v1/traces"));
        assert_eq!(url(all.logs.as_ref()), Some("http://l/any"));
        assert_eq!(all.metrics, None);
        let traces = all.traces.unwrap();
        assert_eq!(traces.timeout, Duration::from_millis(250));
        assert_eq!(traces.certificate.as_deref(), Some("/ca.pem"));
    }

    #[test]
    fn a_protocol_or_endpoint_that_cannot_be_used_is_refused_once() {
        for (pairs, start) in [
            (
                [
                    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"),
                ],
                "OTEL_EXPORTER_OTLP_PROTOCOL: the protocol \"grpc\" is not supported",
            ),
            (
                [
                    ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
                    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ],
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: the protocol \"http/json\"",
            ),
            (
                [
                    ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "collector:4318"),
                    ("OTEL_LOGS_EXPORTER", "otlp"),
                ],
                "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: must be a URL",
            ),
        ] {
            let (_, faults) = of(&pairs);
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].starts_with(start), "{faults:?}");
        }
    }

    #[test]
    fn switched_off_is_off_whatever_else_is_set() {
        let (off, faults) = of(&[
            ("OTEL_SDK_DISABLED", "TRUE"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ]);
        assert_eq!((off.traces, off.metrics, off.logs), (None, None, None));
        assert!(faults.is_empty() && off.propagators.trace_context);
    }

    #[test]
    fn words_of_others_are_ignored_and_told() {
        let (read, faults) = of(&[
            ("OTEL_PROPAGATORS", "baggage,b3"),
            ("OTEL_TRACES_EXPORTER", "zipkin,none"),
            ("OTEL_SDK_DISABLED", ""),
        ]);
        assert!(faults.is_empty() && read.traces.is_none());
        assert!(read.propagators.baggage && !read.propagators.trace_context);
        assert_eq!(read.ignored.len(), 2, "{:?}", read.ignored);
    }
}
