//! The command line, one file a subcommand.

mod arguments;
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
mod run;
mod serve;
mod train;

pub use arguments::Arguments;
pub use run::run;
