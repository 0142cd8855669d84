//! The card of a version: what people ask who answer for a model, in one place.
//!
//! Shape: [`call`] is the call; [`story`] gathers what is known of a version from the registry and its
//! training run; [`body`] is the story as JSON, [`curves_body`] its curves, [`page`]
//! the same as a page; [`words`] says in sentences
//! what it predicts, what to do about a warning and how to cite it, the same for every form.
//!
//! Concurrency: a handful of questions to the database a card, nothing kept.
//!
//! Turned down: a card stored with the version (who promoted it and what it replaced is known later).

mod body;
mod call;
mod curves_body;
mod page;
mod story;
mod words;

pub(super) use call::CardApi;
