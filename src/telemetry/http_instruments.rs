//! The instruments of the HTTP server, by OpenTelemetry's semantic conventions.
//!
//! Labels are the route's template, one of a few methods, the status and, for a failure of ours, its
//! code: no series comes from what a client writes.

use foldhash::fast::RandomState;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundCounter, Histogram};
use opentelemetry::metrics::{BoundHistogram, BoundUpDownCounter, Counter, Meter, UpDownCounter};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

/// The boundaries that the conventions name, and finer ones below: a prediction takes microseconds.
const DURATION_SECONDS: [f64; 18] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75,
    1.0, 2.5, 5.0, 10.0,
];

/// The methods that are told by their name; every other one is `_OTHER`.
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE",
];

/// The name of a method in labels, whatever a client writes.
pub(super) fn known_method(method: &str) -> &'static str {
    let known = METHODS.iter().find(|known| **known == method);
    known.copied().unwrap_or("_OTHER")
}

/// What a finished request was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnsweredRequest {
    /// The status of the answer.
    pub status: u16,
    /// The problem's code, if the answer is one.
    pub code: Option<&'static str>,
}

impl AnsweredRequest {
    /// The code where the failure is ours, as the conventions want it.
    fn error_type(self) -> Option<&'static str> {
        let server = self.status >= 500;
        server.then(|| self.code.unwrap_or("5xx"))
    }
}

/// A route with a method, as labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Labels {
    /// Place in the list of templates; past it where no template matched.
    pub(super) route: usize,
    pub(super) method: &'static str,
    pub(super) scheme: &'static str,
}

/// Every instrument with the series bound so far.
#[derive(Debug)]
pub(super) struct HttpInstruments {
    duration: Histogram<f64>,
    active: UpDownCounter<i64>,
    problems: Counter<u64>,
    shed: BoundCounter<u64>,
    durations: Bound<(Labels, AnsweredRequest), BoundHistogram<f64>>,
    actives: Bound<Labels, BoundUpDownCounter<i64>>,
    codes: Bound<&'static str, BoundCounter<u64>>,
}

impl HttpInstruments {
    pub(super) fn new(meter: &Meter) -> Self {
        let shed = meter
            .u64_counter("http.server.shed_requests")
            .with_unit("{request}")
            .with_description(
                "Requests refused with 503 overloaded because too many were in flight.",
            )
            .build();
        Self {
            duration: meter
                .f64_histogram("http.server.request.duration")
                .with_unit("s")
                .with_description("Duration of HTTP server requests.")
                .with_boundaries(DURATION_SECONDS.to_vec())
                .build(),
            active: meter
                .i64_up_down_counter("http.server.active_requests")
                .with_unit("{request}")
                .with_description("Number of active HTTP server requests.")
                .build(),
            problems: meter
                .u64_counter("http.server.problems")
                .with_unit("{problem}")
                .with_description("Answers that are a problem, by its code.")
                .build(),
            shed: shed.bind(&[]),
            durations: Bound::default(),
            actives: Bound::default(),
            codes: Bound::default(),
        }
    }

    /// One more or one fewer request is at work.
    pub(super) fn active(&self, labels: Labels, route: Option<&str>, change: i64) {
        let bind = || self.active.bind(&of(labels, route));
        self.actives.with(&labels, bind, |bound| bound.add(change));
    }

    /// A request was answered.
    pub(super) fn answered(
        &self,
        labels: Labels,
        route: Option<&str>,
        answered: AnsweredRequest,
        seconds: f64,
    ) {
        let bind = || {
            let mut all = of(labels, route);
            let status = i64::from(answered.status);
            all.push(KeyValue::new("http.response.status_code", status));
            all.extend(
                answered
                    .error_type()
                    .map(|code| KeyValue::new("error.type", code)),
            );
            self.duration.bind(&all)
        };
        let key = (labels, answered);
        self.durations
            .with(&key, bind, |bound| bound.record(seconds));
        if let Some(code) = answered.code {
            let bind = || self.problems.bind(&[KeyValue::new("error.type", code)]);
            self.codes.with(&code, bind, |bound| bound.add(1));
            if code == "overloaded" {
                self.shed.add(1);
            }
        }
    }
}

fn of(labels: Labels, route: Option<&str>) -> Vec<KeyValue> {
    let mut all = vec![
        KeyValue::new("http.request.method", labels.method),
        KeyValue::new("url.scheme", labels.scheme),
    ];
    all.extend(route.map(|route| KeyValue::new("http.route", route.to_owned())));
    all
}

/// Series bound to their labels the first time that they are used.
#[derive(Debug)]
pub(super) struct Bound<K, B>(RwLock<HashMap<K, B, RandomState>>);

impl<K, B> Default for Bound<K, B> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Hash + Eq + Clone, B> Bound<K, B> {
    /// Uses the series of this key; `bind` makes it where it is new.
    pub(super) fn with(&self, key: &K, bind: impl FnOnce() -> B, use_it: impl FnOnce(&B)) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(bound) = known.get(key) {
            return use_it(bound);
        }
        drop(known);
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        use_it(all.entry(key.clone()).or_insert_with(bind));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_a_client_makes_up_is_other() {
        assert_eq!(known_method("GET"), "GET");
        for made_up in ["get", "BREW", ""] {
            assert_eq!(known_method(made_up), "_OTHER");
        }
    }

    #[test]
    fn only_a_failure_of_ours_has_an_error_type() {
        let of = |status, code| AnsweredRequest { status, code }.error_type();
        assert_eq!(of(200, None), None);
        assert_eq!(of(404, Some("not_found")), None);
        assert_eq!(of(503, Some("overloaded")), Some("overloaded"));
        assert_eq!(of(500, None), Some("5xx"));
    }
}
