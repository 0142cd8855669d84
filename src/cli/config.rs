//! `logitd config`: what is in effect. A wrong configuration never comes this far.

use super::failure::Failure;
use super::output;
use crate::config::Config;
use std::process::ExitCode;

pub(super) fn show(config: &Config) -> Result<ExitCode, Failure> {
    output::print(config.to_toml());
    Ok(ExitCode::SUCCESS)
}
