//! The Open Inference Protocol, version 2, over REST, for what already speaks it: `/v2` beside our
//! own calls.
//!
//! Shape: [`calls`] are the addresses; [`body`] takes a request's bytes, [`request`] reads what
//! stands in its JSON, [`tensor_data`] and [`datatype`] the values, [`rows`] makes rows of them;
//! [`outputs`] computes what was asked for and [`answer`] writes it, both as JSON or as binary
//! tensors; [`metadata`] is what the schema says in the protocol's words,
//! [`problem`] what went wrong.
//!
//! Concurrency: as everywhere in `http`, one snapshot of the model slot a request.
//!
//! Turned down: a tree of values for the request (a body is mostly numbers, which are read straight
//! from its bytes into rows), and versions other than the one that serves (see the ADR).

mod answer;
mod body;
mod calls;
mod datatype;
#[cfg(test)]
mod fuzzed;
mod metadata;
mod outputs;
mod problem;
mod request;
mod rows;
mod tensor_data;
mod tensor_members;

pub(super) use answer::INFERENCE_RESPONSE;
pub(super) use body::INFERENCE_REQUEST;
pub(super) use calls::OpenInferenceApi;
pub(super) use problem::{OpenInferenceProblem, speaks_the_protocol};
