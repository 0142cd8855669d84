//! Parse, run, exit code. What went wrong is told once, here.

use std::process::ExitCode;

fn main() -> ExitCode {
    logitd::cli::run()
}
