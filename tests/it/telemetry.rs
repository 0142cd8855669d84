//! What is seen from outside: exported to a collector, scraped by Prometheus, written to the log.

mod collector_gone;
mod collector_tls;
mod documented;
mod exported;
mod judged;
mod logged;
mod metrics_page;
mod passed_on;
mod series;

/// The two-features example, asked from the address line.
const QUERY: &str = "/v1/predict?feature_1=1&feature_2=-1";

/// A caller's trace, and the header that says so.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: (&str, &str) = (
    "traceparent",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
);
