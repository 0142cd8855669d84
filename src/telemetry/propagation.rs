//! The context of a caller: read from headers, kept beside what is done for it, written down where
//! it leaves the process.

use crate::config::{OpenTelemetry, Propagators};
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceState};
use opentelemetry::{Context, SpanId, TraceId};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

/// What is read of a caller's headers.
#[derive(Debug)]
pub(super) struct Propagation {
    trace_context: Option<TraceContextPropagator>,
    baggage: Option<BaggagePropagator>,
    ids: RandomIdGenerator,
}

impl Propagation {
    pub(super) fn new(read: Propagators) -> Self {
        Self {
            trace_context: read.trace_context.then(TraceContextPropagator::new),
            baggage: read.baggage.then(BaggagePropagator::new),
            ids: RandomIdGenerator::default(),
        }
    }

    /// The caller's trace and baggage, as far as they were sent and are whole.
    pub(super) fn extract(&self, headers: &HeaderMap) -> Context {
        let mut context = Context::new();
        let headers_of = HeaderExtractor(headers);
        if let Some(reader) = self
            .trace_context
            .as_ref()
            .filter(|_| whole_parent(headers))
        {
            context = reader.extract_with_context(&context, &headers_of);
        }
        if let Some(reader) = self.baggage.as_ref().filter(|_| sent(headers, "baggage")) {
            context = reader.extract_with_context(&context, &headers_of);
        }
        context
    }

    /// Writes the context down for whoever is called out to, as far as it is passed on.
    fn inject(&self, context: &Context, headers: &mut HeaderMap) {
        let mut into = HeaderInjector(headers);
        if let Some(writer) = &self.trace_context {
            writer.inject_context(context, &mut into);
        }
        if let Some(writer) = &self.baggage {
            writer.inject_context(context, &mut into);
        }
    }

    /// The context with a trace of its own where the caller brought none, so that every log line
    /// and problem has one although nothing is exported.
    pub(super) fn with_trace(&self, context: Context) -> Context {
        if context.has_active_span() {
            return context;
        }
        let (trace, span) = (self.ids.new_trace_id(), self.ids.new_span_id());
        let flags = TraceFlags::NOT_SAMPLED;
        let fresh = SpanContext::new(trace, span, flags, true, TraceState::NONE);
        context.with_remote_span_context(fresh)
    }
}

/// What this process was started within, as headers for whom it calls in turn: what is whole of them,
/// and nothing where it was started by nobody that traces.
#[must_use]
pub fn passed_on(config: &OpenTelemetry) -> HeaderMap {
    let propagation = Propagation::new(config.propagators);
    let mut headers = HeaderMap::new();
    propagation.inject(&started_within(config), &mut headers);
    headers
}

/// The context that this process was started within.
pub(super) fn started_within(config: &OpenTelemetry) -> Context {
    let header = |(name, value): &(&'static str, String)| {
        let value = HeaderValue::from_str(value).ok()?;
        Some((HeaderName::from_static(name), value))
    };
    let headers: HeaderMap = config.caller.iter().filter_map(header).collect();
    Propagation::new(config.propagators).extract(&headers)
}

/// The SDK takes ids of any length; the specification wants a trace to be begun anew then.
fn whole_parent(headers: &HeaderMap) -> bool {
    let parent = headers.get("traceparent");
    let parent = parent.and_then(|parent| parent.to_str().ok());
    let parts: Vec<&str> = parent.unwrap_or_default().trim().split('-').collect();
    let is_hex = |text: &str, digits| {
        let known = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        text.len() == digits && text.bytes().all(known)
    };
    let [version, trace, span, flags, ref later @ ..] = parts[..] else {
        return false;
    };
    is_hex(version, 2)
        && is_hex(trace, 32)
        && is_hex(span, 16)
        && is_hex(flags, 2)
        && version != "ff"
        && (version != "00" || later.is_empty())
}

fn sent(headers: &HeaderMap, name: &str) -> bool {
    headers.contains_key(name)
}

/// The ids of what is being done here: the trace, and the span if it is one of ours.
pub(super) fn current_ids() -> Option<(TraceId, Option<SpanId>)> {
    Context::map_current(|context| {
        let span = context.span();
        let found = span.span_context();
        let ours = (!found.is_remote()).then(|| found.span_id());
        found.is_valid().then(|| (found.trace_id(), ours))
    })
}

/// The trace that what is being done here belongs to, as 32 hexadecimal digits.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    current_ids().map(|(trace, _)| trace.to_string())
}

/// The current span as a W3C `traceparent`, to be written down, and linked to by
/// [`Telemetry::span_because_of`](super::Telemetry::span_because_of).
#[must_use]
pub fn current_trace_parent() -> Option<String> {
    Context::map_current(|context| {
        let span = context.span();
        let found = span.span_context();
        let flags = found.trace_flags().to_u8();
        found
            .is_valid()
            .then(|| format!("00-{}-{}-{flags:02x}", found.trace_id(), found.span_id()))
    })
}

/// The span that was written down; `None` for a text that is no `traceparent`.
pub(super) fn parse_trace_parent(text: &str) -> Option<SpanContext> {
    struct Written<'a>(&'a str);
    impl Extractor for Written<'_> {
        fn get(&self, key: &str) -> Option<&str> {
            (key == "traceparent").then_some(self.0)
        }
        fn keys(&self) -> Vec<&str> {
            vec!["traceparent"]
        }
    }
    let context = TraceContextPropagator::new().extract(&Written(text));
    let found = context.span().span_context().clone();
    found.is_valid().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::baggage::BaggageExt;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_callers_trace_and_baggage_are_continued() {
        let propagation = Propagation::new(Propagators::default());
        let sent = headers(&[("traceparent", PARENT), ("baggage", "tenant=blue")]);
        let context = propagation.with_trace(propagation.extract(&sent));
        let _entered = context.clone().attach();
        assert_eq!(
            current_trace_id().as_deref(),
            Some("4bf92f3577b34da6a3ce929d0e0e4736")
        );
        assert_eq!(current_trace_parent().as_deref(), Some(PARENT));
        assert_eq!(
            context.baggage().get("tenant").map(|value| value.as_str()),
            Some("blue")
        );
        assert_eq!(current_ids().unwrap().1, None, "the span is the caller's");
    }

    #[test]
    fn without_a_whole_one_a_request_gets_a_trace_of_its_own() {
        let propagation = Propagation::new(Propagators::default());
        let mut seen = std::collections::BTreeSet::new();
        for text in [
            "",
            "00-0-0-01",
            "00-1-2-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        ] {
            let sent =
                HeaderMap::from_iter([("traceparent".parse().unwrap(), text.parse().unwrap())]);
            let context = propagation.with_trace(propagation.extract(&sent));
            let trace = context.span().span_context().trace_id();
            assert!(seen.insert(trace.to_string()));
            assert!(!trace.to_string().starts_with("00000000"), "{text}");
            assert!(!trace.to_string().starts_with("4bf92f35"), "{text}");
        }
    }

    #[test]
    fn what_is_switched_off_is_not_read() {
        let off = Propagators {
            trace_context: false,
            baggage: false,
        };
        let context = Propagation::new(off).extract(&headers(&[("traceparent", PARENT)]));
        assert!(!context.has_active_span());
    }

    #[test]
    fn what_a_process_was_started_within_is_passed_on_as_far_as_it_is_whole() {
        let within = |pairs: &[(&'static str, &str)], propagators| {
            let pairs = pairs.iter();
            let caller = pairs.map(|(name, value)| (*name, (*value).to_owned()));
            let headers = passed_on(&OpenTelemetry {
                caller: caller.collect(),
                propagators,
                ..OpenTelemetry::default()
            });
            let text = |name| {
                headers
                    .get(name)
                    .map(|value| value.to_str().unwrap().to_owned())
            };
            [text("traceparent"), text("tracestate"), text("baggage")]
        };
        let given = [
            ("traceparent", PARENT),
            ("tracestate", "a=b"),
            ("baggage", "tenant=blue"),
        ];
        let all = given.map(|(_, value)| Some(value.to_owned()));
        assert_eq!(within(&given, Propagators::default()), all);
        assert_eq!(within(&[], Propagators::default())[0], None);
        let broken = [("traceparent", "00-1-2-01"), ("baggage", "tenant=blue")];
        let [parent, _, baggage] = within(&broken, Propagators::default());
        assert_eq!((parent, baggage.as_deref()), (None, Some("tenant=blue")));
        let without = Propagators {
            baggage: false,
            ..Propagators::default()
        };
        assert_eq!(within(&given, without)[2], None);
    }

    #[test]
    fn what_was_written_down_is_read_again() {
        let read = parse_trace_parent(PARENT).unwrap();
        assert_eq!(read.span_id().to_string(), "00f067aa0ba902b7");
        assert!(read.is_sampled() && parse_trace_parent("nothing").is_none());
    }
}
