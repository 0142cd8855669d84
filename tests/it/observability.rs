//! What is ready for use: the dashboard, the alert rules and the collector's configuration, against
//! Prometheus itself and the metrics of a running service.

use std::path::PathBuf;

mod alerts;
mod collector;
mod dashboard;
mod scraped;

/// The folder of what is shipped.
fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/observability"))
}

/// A file of it.
fn shipped(name: &str) -> String {
    let path = folder().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A page of the documents.
fn page(name: &str) -> String {
    let path = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
