//! The groups of operations, in the order in which a person needs them.

use poem_openapi::Tags;

/// poem-openapi sorts the groups by name.
pub(super) const ORDER: [&str; 8] = [
    "prediction",
    "models",
    "training",
    "deployments",
    "observations",
    "open-inference",
    "health",
    "errors",
];

/// What an operation is for.
#[derive(Debug, Tags)]
pub(in crate::http) enum ApiTag {
    /// Get probabilities: one instance, a batch, a CSV, or from the address line.
    #[oai(rename = "prediction")]
    Prediction,
    /// See what answers: the schema, the versions, how good they are.
    #[oai(rename = "models")]
    Models,
    /// Ask for training, follow it, take it back; and when it comes by itself.
    #[oai(rename = "training")]
    Training,
    /// Decide what serves: promote a version, roll back, pin; and what served when.
    #[oai(rename = "deployments")]
    Deployments,
    /// Write and read labelled rows, which the next training run learns from.
    #[oai(rename = "observations")]
    Observations,
    /// The Open Inference Protocol v2, for what already speaks it; generated clients leave it out.
    #[oai(rename = "open-inference")]
    OpenInference,
    /// For whoever runs the service: is it alive, ready, started?
    #[oai(rename = "health")]
    Health,
    /// What errors mean.
    #[oai(rename = "errors")]
    Document,
}
