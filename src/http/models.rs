//! The calls that show versions.

use super::answer::JsonAnswer;
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::model_version_body::ModelVersionBody;
use super::openapi::ApiTag;
use super::problem::ProblemFault;
use super::state::ApiState;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

const DEFAULT_LIMIT: u64 = 20;
const MOST_LIMIT: u64 = 100;

/// Versions, newest first.
#[derive(Debug, Object, Serialize)]
struct ModelVersionList {
    /// A page of versions.
    items: Vec<ModelVersionBody>,
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
    /// coefficients.
    #[oai(path = "/v1/models", method = "get", operation_id = "list_models")]
    async fn list_models(
        &self,
        state: Data<&ApiState>,
        /// How many to a page, from 1 to 100; 20 unless told.
        limit: Query<Option<String>>,
        /// Where the page begins: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<JsonAnswer<ModelVersionList>, ApiError> {
        let page = Page::parse(limit.0.as_deref(), cursor.0.as_deref())?;
        let registry = &state.registry;
        let mut versions = registry.list_versions(page.before, page.limit + 1).await?;
        let champion = registry
            .find_deployment()
            .await?
            .map(|deployment| deployment.version);
        let more = versions.len() as u64 > page.limit;
        versions.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX));
        let next = versions
            .last()
            .filter(|_| more)
            .map(|last| format!("v{}", last.version));
        let shown = versions
            .iter()
            .map(|version| ModelVersionBody::of(version, champion));
        Ok(JsonAnswer(ModelVersionList {
            items: shown.collect(),
            next_cursor: next,
        }))
    }

    /// Show the champion
    ///
    /// The version that this process serves, from memory: it is answered without the database.
    #[oai(
        path = "/v1/models/champion",
        method = "get",
        operation_id = "get_champion"
    )]
    async fn get_champion(
        &self,
        state: Data<&ApiState>,
    ) -> Result<JsonAnswer<ModelVersionBody>, ApiError> {
        let model = state.require_model()?;
        let shown = ModelVersionBody::of(model.version(), Some(model.number()));
        Ok(JsonAnswer(shown))
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
        let Some(number) = parse_version(&version.0) else {
            let detail = format!("expected a version's number, found {:?}", version.0);
            return Err(ApiError::parameters(vec![ProblemFault::of(
                "version", detail,
            )]));
        };
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

/// A number from 1, in digits only.
fn parse_version(text: &str) -> Option<i32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number >= 1)
}

#[derive(Debug, PartialEq)]
struct Page {
    before: Option<i32>,
    limit: u64,
}

impl Page {
    fn parse(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, ApiError> {
        let mut faults = Vec::new();
        let limit = limit.map(|text| (text, text.parse().ok()));
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some((_, Some(limit))) if (1..=MOST_LIMIT).contains(&limit) => limit,
            Some((text, _)) => {
                let detail = format!("expected a number from 1 to {MOST_LIMIT}, found {text:?}");
                faults.push(ProblemFault::of("limit", detail));
                DEFAULT_LIMIT
            }
        };
        let before = cursor.map(|text| text.strip_prefix('v').and_then(parse_version));
        if before == Some(None) {
            let detail = "is not a cursor; give `next_cursor` of the page before as it is";
            faults.push(ProblemFault::of("cursor", detail));
        }
        if faults.is_empty() {
            return Ok(Self {
                before: before.flatten(),
                limit,
            });
        }
        Err(ApiError::parameters(faults))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_by_limit_and_cursor() {
        assert_eq!(
            Page::parse(None, None).unwrap(),
            Page {
                before: None,
                limit: 20
            }
        );
        assert_eq!(
            Page::parse(Some("5"), Some("v7")).unwrap(),
            Page {
                before: Some(7),
                limit: 5
            }
        );
        let error = Page::parse(Some("0"), Some("7")).unwrap_err();
        assert_eq!(error.faults.len(), 2);
        for refused in ["101", "-1", "", "x", "1.5"] {
            assert!(Page::parse(Some(refused), None).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_version_is_a_plain_number() {
        assert_eq!(parse_version("12"), Some(12));
        for refused in ["0", "-1", "+1", "1e0", "", "99999999999", "x"] {
            assert_eq!(parse_version(refused), None, "{refused}");
        }
    }
}
