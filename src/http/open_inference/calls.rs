//! The protocol's addresses.

use super::answer::InferAnswer;
use super::body::InferBody;
use super::metadata::{Live, ModelMetadata, ModelNames, ModelReady, Ready, ServerMetadata};
use super::outputs::{Output, compute, wanted};
use super::request::parse;
use super::rows::assemble;
use crate::http::answer::JsonAnswer;
use crate::http::error::ApiError;
use crate::http::error_codes::ErrorCode;
use crate::http::instance::Faults;
use crate::http::instance_batch::Rows;
use crate::http::measured::measured;
use crate::http::openapi::ApiTag;
use crate::http::state::ApiState;
use crate::serving::ServedModel;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use std::sync::Arc;

pub(in crate::http) struct OpenInferenceApi;

#[OpenApi(tag = "ApiTag::OpenInference")]
impl OpenInferenceApi {
    /// Show what answers
    ///
    /// The server's name, version and extensions.
    #[oai(path = "/v2", method = "get", operation_id = "open_inference_server")]
    async fn open_inference_server(&self) -> JsonAnswer<ServerMetadata> {
        JsonAnswer(ServerMetadata::of_this())
    }

    /// Is the server live?
    ///
    /// Answers as long as the process does, as `/livez`.
    #[oai(
        path = "/v2/health/live",
        method = "get",
        operation_id = "open_inference_live"
    )]
    async fn open_inference_live(&self) -> JsonAnswer<Live> {
        JsonAnswer(Live { live: true })
    }

    /// Is the server ready?
    ///
    /// A model is loaded and the service is not about to stop, as `/readyz`.
    #[oai(
        path = "/v2/health/ready",
        method = "get",
        operation_id = "open_inference_ready"
    )]
    async fn open_inference_ready(
        &self,
        state: Data<&ApiState>,
    ) -> Result<JsonAnswer<Ready>, ApiError> {
        require_ready(&state)?;
        Ok(JsonAnswer(Ready { ready: true }))
    }

    /// List the models
    ///
    /// There is one.
    #[oai(
        path = "/v2/models",
        method = "get",
        operation_id = "open_inference_models"
    )]
    async fn open_inference_models(&self, state: Data<&ApiState>) -> JsonAnswer<ModelNames> {
        let models = vec![state.model.clone()];
        JsonAnswer(ModelNames { models })
    }

    /// Show what the model takes and gives
    ///
    /// Its inputs follow from the schema, a tensor a feature, and its outputs from the classes.
    #[oai(
        path = "/v2/models/:model",
        method = "get",
        operation_id = "open_inference_model"
    )]
    async fn open_inference_model(
        &self,
        state: Data<&ApiState>,
        /// The model's name.
        model: Path<String>,
    ) -> Result<JsonAnswer<ModelMetadata>, ApiError> {
        let served = find(&state, &model.0, None)?;
        Ok(JsonAnswer(ModelMetadata::of(&state.schema, &served)))
    }

    /// Show what a version takes and gives
    ///
    /// The version that serves is the only one that can be asked.
    #[oai(
        path = "/v2/models/:model/versions/:version",
        method = "get",
        operation_id = "open_inference_model_version"
    )]
    async fn open_inference_model_version(
        &self,
        state: Data<&ApiState>,
        /// The model's name.
        model: Path<String>,
        /// The version's number.
        version: Path<String>,
    ) -> Result<JsonAnswer<ModelMetadata>, ApiError> {
        let served = find(&state, &model.0, Some(&version.0))?;
        Ok(JsonAnswer(ModelMetadata::of(&state.schema, &served)))
    }

    /// Is the model ready?
    ///
    /// As the server.
    #[oai(
        path = "/v2/models/:model/ready",
        method = "get",
        operation_id = "open_inference_model_ready"
    )]
    async fn open_inference_model_ready(
        &self,
        state: Data<&ApiState>,
        /// The model's name.
        model: Path<String>,
    ) -> Result<JsonAnswer<ModelReady>, ApiError> {
        ready(&state, &model.0, None)
    }

    /// Is the version ready?
    ///
    /// Only the one that serves ever is.
    #[oai(
        path = "/v2/models/:model/versions/:version/ready",
        method = "get",
        operation_id = "open_inference_model_version_ready"
    )]
    async fn open_inference_model_version_ready(
        &self,
        state: Data<&ApiState>,
        /// The model's name.
        model: Path<String>,
        /// The version's number.
        version: Path<String>,
    ) -> Result<JsonAnswer<ModelReady>, ApiError> {
        ready(&state, &model.0, Some(&version.0))
    }

    /// Infer from tensors
    ///
    /// One tensor `[n, features]` with all features in the order of the metadata, or one a feature,
    /// `[n]` or `[n, 1]`; `FP64`, `FP32`, `INT64` or `INT32`; data flat or nested, or as binary
    /// tensors behind the JSON. Only the outputs that are asked for come back; without any, all. One
    /// version answers the whole request, and every value that cannot be used is named at once.
    #[oai(
        path = "/v2/models/:model/infer",
        method = "post",
        operation_id = "open_inference_infer"
    )]
    async fn open_inference_infer(
        &self,
        state: Data<&ApiState>,
        /// The model's name.
        model: Path<String>,
        body: InferBody,
    ) -> Result<InferAnswer, ApiError> {
        let served = find(&state, &model.0, None)?;
        infer(&state, &served, &body)
    }

    /// Infer from tensors by a version
    ///
    /// The same, refused with `not_found` unless this version serves.
    #[oai(
        path = "/v2/models/:model/versions/:version/infer",
        method = "post",
        operation_id = "open_inference_infer_version"
    )]
    async fn open_inference_infer_version(
        &self,
        state: Data<&ApiState>,
        /// The model's name.
        model: Path<String>,
        /// The version's number.
        version: Path<String>,
        body: InferBody,
    ) -> Result<InferAnswer, ApiError> {
        let served = find(&state, &model.0, Some(&version.0))?;
        infer(&state, &served, &body)
    }
}

/// The model in use, if it is the one that the address names.
fn find(
    state: &ApiState,
    model: &str,
    version: Option<&str>,
) -> Result<Arc<ServedModel>, ApiError> {
    let name = &state.model;
    if model != name {
        let detail = format!("there is no model {model:?}; the model here is {name:?}");
        return Err(ApiError::new(ErrorCode::NotFound, detail));
    }
    let served = state.require_model()?;
    let number = served.number().to_string();
    match version {
        Some(version) if version != number => {
            let detail = format!(
                "version {version:?} of {name:?} does not serve; version {number} does, and no other \
                 can be asked until it is promoted"
            );
            Err(ApiError::new(ErrorCode::NotFound, detail))
        }
        _ => Ok(served),
    }
}

fn require_ready(state: &ApiState) -> Result<(), ApiError> {
    if state.health.is_ready() {
        return Ok(());
    }
    let detail = "no trained model is loaded yet, or the service is about to stop";
    Err(ApiError::new(ErrorCode::ModelNotReady, detail))
}

fn ready(
    state: &ApiState,
    model: &str,
    version: Option<&str>,
) -> Result<JsonAnswer<ModelReady>, ApiError> {
    let served = find(state, model, version)?;
    require_ready(state)?;
    Ok(JsonAnswer(ModelReady {
        name: served.name().to_owned(),
        ready: true,
    }))
}

fn infer(state: &ApiState, model: &ServedModel, body: &InferBody) -> Result<InferAnswer, ApiError> {
    let (id, rows, wanted) = state.validating(|| read(state, model, body))?;
    let computed = measured(state, model, || compute(model, &rows));
    Ok(InferAnswer::of(model, id, &wanted, &computed))
}

/// A request's id, its rows, and the outputs that it wants, each as a binary tensor or not.
type Read = (Option<String>, Rows, Vec<(Output, bool)>);

fn read(state: &ApiState, model: &ServedModel, body: &InferBody) -> Result<Read, ApiError> {
    let (json, binary) = body.parts()?;
    let mut faults = Faults::default();
    let request = parse(json, binary, &mut faults)?;
    let most = state.limits.max_instances;
    // Of a tensor that could not be read nobody knows what it would have held.
    let rows = if faults.is_empty() {
        assemble(&state.schema, &request.inputs, most, &mut faults)?
    } else {
        Rows::default()
    };
    let wanted = wanted(&request, model.classifier().classes(), &mut faults);
    if !faults.is_empty() {
        let (one, many) = ("part of the request", "parts of the request");
        return Err(faults.into_error(ErrorCode::InvalidInstance, one, many));
    }
    Ok((request.id, rows, wanted))
}
