//! The groups of operations, in the order in which a person needs them.

use poem_openapi::Tags;

/// poem-openapi sorts the groups by name.
pub(super) const ORDER: [&str; 4] = ["prediction", "models", "health", "errors"];

/// What an operation is for.
#[derive(Debug, Tags)]
pub(in crate::http) enum ApiTag {
    /// Get probabilities: one instance, many, or from the address line.
    #[oai(rename = "prediction")]
    Prediction,
    /// See what answers: the schema, the versions, how good they are.
    #[oai(rename = "models")]
    Models,
    /// For whoever runs the service: is it alive, ready, started?
    #[oai(rename = "health")]
    Health,
    /// What errors mean.
    #[oai(rename = "errors")]
    Document,
}
