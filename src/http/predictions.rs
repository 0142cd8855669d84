//! The calls that predict.

use super::answer::JsonAnswer;
use super::csv_answer::CsvAnswer;
use super::error::ApiError;
use super::instance_payload::{CsvBody, InstanceBatchBody, InstanceBody};
use super::instance_text;
use super::measured::measured;
use super::openapi::ApiTag;
use super::prediction_body::{ModelReference, Prediction, PredictionBatch, answer, predict};
use super::problem::ProblemFault;
use super::state::ApiState;
use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

pub(super) struct PredictionApi;

#[OpenApi(tag = "ApiTag::Prediction")]
impl PredictionApi {
    /// Predict one instance
    ///
    /// Send one JSON object with exactly the configured features, each a finite number within its
    /// bounds. The answer names the class with the largest probability, the probability of every
    /// class and the model version that answered. Values outside what the model was trained on are
    /// answered, with a warning. With `explain=true` the answer adds what each feature contributes.
    #[oai(path = "/v1/predict", method = "post", operation_id = "predict")]
    async fn predict(
        &self,
        state: Data<&ApiState>,
        instance: InstanceBody,
        /// Add what each feature contributes to the log-odds.
        explain: Query<Option<String>>,
    ) -> Result<JsonAnswer<Prediction>, ApiError> {
        let explain = explain
            .0
            .as_deref()
            .map(instance_text::read_flag)
            .transpose();
        let explain = explain
            .map_err(|detail| ApiError::parameters(vec![ProblemFault::of("explain", detail)]))?;
        let model = state.require_model()?;
        let explain = explain.unwrap_or(false);
        Ok(JsonAnswer(measured(&state, &model, || {
            predict(&state.schema, &model, &instance.0, explain)
        })))
    }

    /// Predict from the address line
    ///
    /// The same prediction for a person with a browser: every feature is a parameter of the query.
    #[oai(
        path = "/v1/predict",
        method = "get",
        operation_id = "predict_from_query"
    )]
    async fn predict_from_query(
        &self,
        state: Data<&ApiState>,
        request: &Request,
    ) -> Result<JsonAnswer<Prediction>, ApiError> {
        let query = request.uri().query().unwrap_or_default();
        let read = || instance_text::from_query(&state.schema, query);
        let (instance, explain) = state.validating(read)?;
        let model = state.require_model()?;
        Ok(JsonAnswer(measured(&state, &model, || {
            predict(&state.schema, &model, &instance, explain)
        })))
    }

    /// Predict many instances
    ///
    /// All or nothing: one value that cannot be used refuses the batch, and the answer names every
    /// such value of every instance at once. One model version answers the whole batch.
    #[oai(
        path = "/v1/predict/batch",
        method = "post",
        operation_id = "predict_batch"
    )]
    async fn predict_batch(
        &self,
        state: Data<&ApiState>,
        batch: InstanceBatchBody,
    ) -> Result<JsonAnswer<PredictionBatch>, ApiError> {
        let model = state.require_model()?;
        let schema = &state.schema;
        let rows = batch.0.values.chunks_exact(schema.features().len());
        Ok(JsonAnswer(measured(&state, &model, || PredictionBatch {
            model: ModelReference::of(&model),
            predictions: rows
                .map(|instance| answer(schema, &model, instance))
                .collect(),
        })))
    }

    /// Predict a CSV
    ///
    /// Send a table as a spreadsheet saves it: the first line names the features, in any order, and the
    /// dataset's key if you like; commas, semicolons or tabs; an empty cell only where the training mean
    /// may stand in. The answer has a line for each row in the same order: the key, the label and the
    /// probability of each class. All or nothing, and every fault is told by line and column at once.
    #[oai(
        path = "/v1/predict/csv",
        method = "post",
        operation_id = "predict_csv"
    )]
    async fn predict_csv(
        &self,
        state: Data<&ApiState>,
        instances: CsvBody,
    ) -> Result<CsvAnswer, ApiError> {
        let model = state.require_model()?;
        let features = state.schema.features().len();
        Ok(measured(&state, &model, || {
            CsvAnswer::predict(&model, &instances.0, features)
        }))
    }
}

/// `GET /predict/{name}/{value}/...`; `rest` is what follows `/predict/`, still encoded. A plain
/// endpoint, since its path follows from the configuration; the document gets it by its patch.
pub(super) fn predict_from_path(
    state: &ApiState,
    rest: &str,
) -> Result<JsonAnswer<Prediction>, ApiError> {
    let instance = state.validating(|| instance_text::from_path(&state.schema, rest))?;
    let model = state.require_model()?;
    Ok(JsonAnswer(measured(state, &model, || {
        predict(&state.schema, &model, &instance, false)
    })))
}
