//! The call that shows a card.

use super::body::CardBody;
use super::story::Story;
use crate::http::answer::JsonAnswer;
use crate::http::error::ApiError;
use crate::http::models::version_parameter;
use crate::http::openapi::ApiTag;
use crate::http::state::ApiState;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub(in crate::http) struct CardApi;

#[OpenApi(tag = "ApiTag::Models")]
impl CardApi {
    /// Show a version's card
    ///
    /// What it predicts and from which rows, how good it is and beside which champion, who promoted
    /// it and why, its curves, coefficients, search and training rows, what to look at, and how to
    /// cite it.
    #[oai(
        path = "/v1/models/:version/card",
        method = "get",
        operation_id = "get_model_card"
    )]
    async fn get_model_card(
        &self,
        state: Data<&ApiState>,
        /// The version's number.
        version: Path<String>,
    ) -> Result<JsonAnswer<CardBody>, ApiError> {
        let story = Story::of(&state, version_parameter(&version.0)?).await?;
        Ok(JsonAnswer(CardBody::of(&story)))
    }
}
