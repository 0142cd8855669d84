//! The command line, one file a subcommand.

mod arguments;
mod config;
mod demo;
mod failure;
mod migrate;
mod output;
mod run;
mod serve;
mod train;

pub use arguments::Arguments;
pub use run::run;
