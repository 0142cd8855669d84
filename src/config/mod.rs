//! What the service was told: one TOML file, overlaid by the environment, checked as a whole.
//!
//! Shape: [`Config::load`] finds and reads the file, cuts it into sections that remember the line
//! of every key, lays `LOGITD_<SECTION>__<FIELD>` variables over them, and hands each section to
//! the file of the same name (`database.rs`, `dataset.rs`, ...), which takes typed fields, keeps
//! the defaults of its table and checks the ranges. What nobody took is refused by name. Names,
//! defaults and meanings stand once, in those tables: the readers, [`fields`] and
//! [`Config::to_toml`] all follow them.
//!
//! Rule of concurrency: none. It is read once at the start and never changes afterwards; the
//! process environment is read in one place, [`Environment::from_process`].
//!
//! Turned down: deserialising with serde, which stops at the first fault, knows no line for a
//! value of the environment, and names Rust's types to people who wrote TOML; a layered
//! configuration crate, which hides where a value came from.

mod api_key;
mod auth;
mod configuration;
mod database;
mod database_identity;
mod dataset;
mod document;
mod environment;
mod fault;
mod feature;
mod field;
mod field_doc;
mod gate;
mod http;
mod http_tls;
mod loading;
mod model;
mod nearest;
mod observations;
mod open_telemetry;
mod origin;
mod overlay;
mod secret;
mod section;
mod serving;
mod telemetry;
#[cfg(test)]
mod tests;
mod timing;
mod training;
mod typed;
mod value;
mod writer;

pub use api_key::{ANONYMOUS, ApiKey, KeyDigest, Role, check_key_name, hexadecimal};
pub use auth::Auth;
pub use configuration::Config;
pub use database::Database;
pub use dataset::Dataset;
pub use environment::Environment;
pub use fault::{ConfigError, ConfigFault, Place};
pub use field_doc::{FieldDoc, fields, fields_markdown};
pub use gate::Gate;
pub use http::Http;
pub use http_tls::{HttpTls, PemFiles};
pub use model::Model;
pub(crate) use nearest::nearest;
pub use observations::Observations;
pub use open_telemetry::{OpenTelemetry, OtlpExport, Propagators};
pub use secret::Secret;
pub use serving::Serving;
pub use telemetry::{LogFormat, Telemetry};
pub use timing::Timing;
pub use training::{OnStart, Training};
