//! The configuration as a whole: what is told, what is hidden, what comes back the same.

mod any_text;
mod auth;
mod defaults;
mod effective;
mod environment;
mod faults;
mod fixtures;
mod fuzzed;
mod loading;
mod secrets;
