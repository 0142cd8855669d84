//! The call that shows a card.

use super::body::CardBody;
use super::page;
use super::story::Story;
use crate::http::error::ApiError;
use crate::http::models::version_parameter;
use crate::http::openapi::ApiTag;
use crate::http::pages::{AcceptsPage, PageOr, page_or};
use crate::http::state::ApiState;
use poem::web::Data;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub(in crate::http) struct CardApi;

#[OpenApi(tag = "ApiTag::Models")]
impl CardApi {
    /// Show a version's card
    ///
    /// What it predicts and from which rows, how good it is and beside which champion, who promoted
    /// it and why, its curves, coefficients, search and training rows, what to look at, and how to
    /// cite it. A browser, or whoever likes `text/html` better, gets the same as a page with plots; with
    /// more than two classes `?class=` says whose.
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
        page: AcceptsPage,
        asked: AskedClass,
    ) -> Result<PageOr<CardBody>, ApiError> {
        let story = Story::of(&state, number(&state, &version.0)?).await?;
        let class = page::class_asked_for(&story, asked.0.as_deref())?;
        let drawn = || page::page(&story, class);
        Ok(page_or(page, drawn, || CardBody::of(&story)))
    }
}

/// The version that is asked for. People may say `champion` and keep the link; the document, which is
/// for programs, has the number alone.
fn number(state: &ApiState, version: &str) -> Result<i32, ApiError> {
    match version {
        "champion" => Ok(state.require_model()?.number()),
        number => version_parameter(number),
    }
}

/// The class that a page is asked for. Not a parameter of the document, which tells only the JSON.
struct AskedClass(Option<String>);

impl<'a> FromRequest<'a> for AskedClass {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let pairs: Vec<(String, String)> = request.params().unwrap_or_default();
        let found = pairs.into_iter().find(|(name, _)| name == "class");
        Ok(Self(found.map(|(_, class)| class)))
    }
}
