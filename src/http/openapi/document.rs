//! Puts the document together.

use super::surface::Surface;
use super::{
    examples, explanation, features, observations, open_inference, problems, security, tidy,
};
use crate::http::card::CardApi;
use crate::http::deployments::DeploymentApi;
use crate::http::error_pages::ErrorApi;
use crate::http::guard::Guarded;
use crate::http::instance_text::has_path_form;
use crate::http::models::ModelApi;
use crate::http::observations::ObservationApi;
use crate::http::open_inference::OpenInferenceApi;
use crate::http::predictions::PredictionApi;
use crate::http::probes::ProbeApi;
use crate::http::schema::SchemaApi;
use crate::http::status::StatusApi;
use crate::http::training_runs::TrainingApi;
use crate::learning::Schema;
use poem_openapi::{LicenseObject, OpenApiService};
use serde_json::Value;

/// Every documented call.
pub(in crate::http) type Apis = (
    PredictionApi,
    SchemaApi,
    ModelApi,
    CardApi,
    TrainingApi,
    DeploymentApi,
    ObservationApi,
    OpenInferenceApi,
    ProbeApi,
    ErrorApi,
    StatusApi,
);

/// The document in its forms.
#[derive(Debug, Clone)]
pub struct Document {
    /// The document itself.
    pub value: Value,
    /// As JSON, for people to read too.
    pub json: String,
    /// As YAML.
    pub yaml: String,
}

/// poem-openapi's service over all calls.
pub(in crate::http) fn service(model: &str, surface: Surface) -> OpenApiService<Guarded<Apis>, ()> {
    let apis = (
        PredictionApi,
        SchemaApi,
        ModelApi,
        CardApi,
        TrainingApi,
        DeploymentApi,
        ObservationApi,
        OpenInferenceApi,
        ProbeApi,
        ErrorApi,
        StatusApi,
    );
    let title = format!("logitd: {model}");
    let apis = Guarded::new(apis, surface);
    OpenApiService::new(apis, title, env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new(env!("CARGO_PKG_LICENSE")).url(LICENSE))
}

/// Of the licence that `Cargo.toml` names.
const LICENSE: &str = "https://www.apache.org/licenses/LICENSE-2.0";

const DESCRIPTION: &str = "Probabilities from a table of labelled rows, by logistic regression. \
Start with `POST /v1/predict`: its example works as it is. `GET /v1/schema` tells what each feature \
means and what the training data looked like. Every failure has one form, `Problem`, and its `type` \
leads to what it means.";

/// The document for a configuration.
///
/// # Errors
/// Only if poem-openapi's own document were no JSON.
pub fn document(
    model: &str,
    schema: &Schema,
    surface: Surface,
) -> Result<Document, serde_json::Error> {
    let mut value: Value = serde_json::from_str(&service(model, surface).spec())?;
    if surface.observations {
        observations::describe(&mut value, schema, surface.ordered);
    } else {
        observations::leave_out(&mut value);
    }
    features::describe_instances(&mut value, schema);
    features::describe_query(&mut value, schema);
    if has_path_form(schema) {
        features::describe_path(&mut value, schema);
    }
    open_inference::describe(&mut value);
    tidy::type_parameters(&mut value);
    problems::add(&mut value, schema, surface);
    tidy::tidy(&mut value);
    if surface.keys {
        security::add(&mut value);
    }
    explanation::describe(&mut value, schema);
    examples::add(&mut value, model, schema, surface);
    let json = serde_json::to_string_pretty(&value)? + "\n";
    let yaml = serde_yaml::to_string(&value).map_err(serde::ser::Error::custom)?;
    Ok(Document { value, json, yaml })
}

/// Every operation of the document with its path and method.
pub(super) fn operations(document: &mut Value) -> Vec<(String, String, &mut Value)> {
    let mut found = Vec::new();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, methods) in paths.into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            if operation.get("operationId").is_some() {
                found.push((path.clone(), method.clone(), operation));
            }
        }
    }
    found
}
