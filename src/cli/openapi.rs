//! `logitd openapi`: the document for this configuration.

use super::arguments::DocumentFormat;
use super::failure::Failure;
use super::output;
use crate::app;
use crate::config::Config;
use std::process::ExitCode;

pub(super) fn print(config: &Config, format: DocumentFormat) -> Result<ExitCode, Failure> {
    let document =
        app::document(config).map_err(|error| Failure::of("make the document")(error.into()))?;
    output::print(match format {
        DocumentFormat::Json => document.json,
        DocumentFormat::Yaml => document.yaml,
    });
    Ok(ExitCode::SUCCESS)
}
