//! How it is asked: the only place that says `poem`.
//!
//! Shape: [`server`] accepts connections, [`connection`] hands each request to the one endpoint that
//! [`routes`] builds; around it stands [`edge`], where limits, request ids and the one error form
//! live, and around that [`observed`], which measures. The edge also says who calls ([`keyring`],
//! [`caller`]); [`guard`] stands before every route and asks the one table in [`access`] whether they
//! may. A file a topic: [`predictions`], [`models`], [`training_runs`], [`deployments`],
//! [`observations`], [`schema`], [`card`], [`status`], [`probes`], [`error_pages`], [`docs_page`], [`metrics`].
//! [`instance`] parses an instance straight from its bytes by the configured schema,
//! [`instance_plain`] one without a fault in a single pass, [`instance_csv`] many of a CSV.
//! [`open_inference`] is another protocol's way to ask the same. [`openapi`] makes the document;
//! [`pages`] is what every page for people is made of, and [`causes`] says in words why a run was
//! made and who promoted.
//!
//! Concurrency: handlers share immutable state and take one snapshot of the model slot a request.
//!
//! Turned down: poem's own server (no header timeout, no connection limit, no drain), its error
//! bodies (plain text, the first fault only), and a derived `Object` for an instance (its fields are
//! known at run time only).

mod access;
mod allowed_methods;
mod answer;
mod arrived;
mod arriving;
mod body_room;
mod caller;
mod card;
mod causes;
mod connection;
mod connections;
mod cors;
mod csv_answer;
mod deployment_body;
mod deployment_order;
mod deployments;
mod docs_page;
mod edge;
mod equation_body;
mod error;
mod error_codes;
mod error_pages;
mod estimate_body;
#[cfg(test)]
mod fuzzed;
mod gate_body;
mod guard;
mod held;
mod instance;
mod instance_batch;
mod instance_csv;
mod instance_payload;
mod instance_plain;
mod instance_text;
mod keyring;
mod lingering;
mod measured;
mod metrics;
mod model_version_body;
mod models;
mod observation;
mod observation_body;
mod observation_parts;
mod observation_payload;
mod observations;
mod observed;
mod open_inference;
pub mod openapi;
mod page;
mod pages;
mod path_template;
mod prediction_body;
mod predictions;
mod probes;
mod problem;
mod route_table;
mod routes;
mod schema;
mod server;
mod state;
mod status;
mod tls;
mod training_run_body;
mod training_runs;
mod unwanted;

pub use access::UnlistedCall;
pub use cors::Cors;
pub use error_codes::{ErrorCode, errors_markdown};
pub use keyring::Keyring;
pub use metrics::{MetricsEndpoint, metrics_endpoint};
pub use routes::{ApiEndpoint, EndpointError, endpoint};
pub use server::{Server, ServerLimits};
pub use state::{ApiState, RequestLimits, ServingParts, StateParts};
pub use tls::{Certificates, CertificatesError};
