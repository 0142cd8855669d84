//! `logitd completions`: what a shell needs to complete the command line.

use super::arguments::Arguments;
use super::output;
use clap::CommandFactory;
use clap_complete::Shell;
use std::process::ExitCode;

pub(super) fn print(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "logitd", &mut script);
    output::print(String::from_utf8_lossy(&script));
    ExitCode::SUCCESS
}
