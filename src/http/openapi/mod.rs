//! The document: what poem-openapi knows of the calls, patched with what follows from the
//! configuration (the features), from one table (the problems) and from the rules that generated
//! clients need.
//!
//! A pure function of configuration and version: no database, no model. Each rule is a test over
//! the finished document.

mod card_example;
mod document;
mod examples;
mod explanation;
mod features;
pub(super) mod observations;
mod open_inference;
mod problem_examples;
mod problems;
mod security;
mod surface;
mod tags;
mod tidy;
mod training_examples;

pub(super) use document::service;
pub use document::{Document, document};
pub use surface::Surface;
pub(super) use tags::ApiTag;
#[cfg(test)]
pub(super) use tidy::warning_codes;
