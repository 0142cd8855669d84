//! logitd: a table of labelled rows in, served probabilities out.
//!
//! # The map
//! - [`learning`] is how it learns: pure, no async, no I/O, no clock.
//! - [`serving`] is what answers now: the model in use, predictions, the registry, the follower.
//! - [`retraining`] is how the model is replaced: the queue, the fit off the runtime, the gate.
//! - [`store`] is where it is kept: our own tables, and the user's rows.
//! - [`http`] is how it is asked: routes, the one error form, the document.
//! - [`delimited`] reads CSV, for whoever imports it and whoever is asked by it.
//! - [`app`] puts it together; [`cli`] is the command line; [`config`] reads what was configured.
//! - [`lifecycle`], [`health`], [`clock`], [`schedule`], [`telemetry`], [`background`] are what a process
//!   needs besides.
//!
//! Direction: `main -> cli -> app -> http -> {serving, retraining}`;
//! `retraining -> {serving, store, learning}`; `serving -> {store, learning}`; `store -> learning`;
//! `learning ->` nobody of ours. `delimited` is named by `cli` and `http`, and names nobody.
//!
//! # Never
//! 1. `learning` names no other module of ours, nor poem, sea_orm, tokio, tracing, opentelemetry, nor
//!    a clock.
//! 2. `sea_orm` is named only in `store` (and `migration`); an entity never leaves `store`. No SQL
//!    text anywhere: identifiers and values go through the query builder.
//! 3. `poem` is named only in `http`; no other error knows a status code.
//! 4. `http` never imports `store`; it speaks to `serving` and `retraining`. Probes read `health`,
//!    which `app` fills.
//! 5. `serving` and `store` never import `retraining`; only `main` and `cli` import `app`.
//! 6. Only `config` reads the environment; only `clock` the time; only `telemetry` names an
//!    instrument.
//! 7. No lock guard lives across an `await`; no fitting and no evaluation on the async runtime.
//!
//! `tests/architecture.rs` holds these sentences against the code.

pub mod app;
pub mod background;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg(test)]
mod corpus;
pub mod delimited;
pub mod health;
pub mod http;
pub mod learning;
pub mod lifecycle;
pub mod retraining;
pub mod schedule;
pub mod serving;
pub mod store;
pub mod telemetry;
