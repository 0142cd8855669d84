//! The calls that show versions.

use super::answer::JsonAnswer;
use super::deployment_body::ChampionBody;
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::model_version_body::ModelVersionBody;
use super::openapi::ApiTag;
use super::page::Page;
use super::problem::ProblemFault;
use super::state::ApiState;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

/// Versions, newest first.
#[derive(Debug, Object, Serialize)]
struct ModelVersionList {
    /// A page of versions.
    items: Vec<ModelVersionBody>,
    /// The numbers of this page's versions that are stored in a form that this process cannot read,
    /// perhaps a later logitd's; absent where there are none.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<Vec<i32>>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

pub(super) struct ModelApi;

#[OpenApi(tag = "ApiTag::Models")]
impl ModelApi {
    /// List the versions
    ///
    /// Newest first, a page at a time, each with its evaluation, its provenance and its
    /// coefficients. Of one that this process cannot read the number is told.
    #[oai(path = "/v1/models", method = "get", operation_id = "list_models")]
    async fn list_models(
        &self,
        state: Data<&ApiState>,
        /// How many to a page, from 1 to 100; 20 unless told.
        limit: Query<Option<String>>,
        /// Where the page begins: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<JsonAnswer<ModelVersionList>, ApiError> {
        let page = Page::parse('v', limit.0.as_deref(), cursor.0.as_deref())?;
        let registry = &state.registry;
        let listed = registry.list_versions(page.before, page.fetched());
        let mut listed = listed.await?;
        let champion = registry
            .find_deployment()
            .await?
            .map(|deployment| deployment.version);
        let next_cursor = page.cut(&mut listed, |version| version.version);
        let (mut items, mut unreadable) = (Vec::new(), Vec::new());
        for listed in listed {
            match listed.read {
                Ok(version) => items.push(ModelVersionBody::of(&version, champion)),
                Err(_) => unreadable.push(listed.version),
            }
        }
        Ok(JsonAnswer(ModelVersionList {
            items,
            unreadable: (!unreadable.is_empty()).then_some(unreadable),
            next_cursor,
        }))
    }

    /// Show the champion
    ///
    /// The version that this process serves, from memory: it is answered without the database.
    /// `serving` says whether it is what should serve: a replica that has not followed yet, or
    /// could not load the new champion, serves another.
    #[oai(
        path = "/v1/models/champion",
        method = "get",
        operation_id = "get_champion"
    )]
    async fn get_champion(
        &self,
        state: Data<&ApiState>,
    ) -> Result<JsonAnswer<ChampionBody>, ApiError> {
        let model = state.require_model()?;
        Ok(JsonAnswer(ChampionBody::of(&model, &state.slot)))
    }

    /// Show one version
    ///
    /// What was learned, from which rows, how well and by which code.
    #[oai(
        path = "/v1/models/:version",
        method = "get",
        operation_id = "get_model"
    )]
    async fn get_model(
        &self,
        state: Data<&ApiState>,
        /// The version's number.
        version: Path<String>,
    ) -> Result<JsonAnswer<ModelVersionBody>, ApiError> {
        let number = version_parameter(&version.0)?;
        let registry = &state.registry;
        let champion = registry
            .find_deployment()
            .await?
            .map(|deployment| deployment.version);
        match registry.find_version(number).await? {
            Some(found) => Ok(JsonAnswer(ModelVersionBody::of(&found, champion))),
            None => {
                let detail = format!("there is no version {number} of {}", registry.model());
                Err(ApiError::new(ErrorCode::NotFound, detail))
            }
        }
    }
}

/// The parameter `version` of a path: a number as versions have it in answers, whether or not there
/// is a version of it.
///
/// # Errors
/// `invalid_parameter`.
pub(super) fn version_parameter(text: &str) -> Result<i32, ApiError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.ok_or_else(|| {
        let detail = format!("expected a version's number, found {text:?}");
        ApiError::parameters(vec![ProblemFault::of("version", detail)])
    })
}
