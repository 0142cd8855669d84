//! The command line, one file a subcommand.

mod any_certificate;
mod arguments;
mod begun;
mod completions;
mod config;
mod demo;
mod examples;
mod failure;
mod healthcheck;
mod import;
mod init;
mod key;
mod migrate;
mod openapi;
mod output;
mod progress_line;
mod reproduce;
mod run;
mod serve;
mod train;
mod training_progress;
mod unreachable;

pub use arguments::Arguments;
pub use run::run;
