//! What an error code means: the page that a problem's `type` leads to.

use super::answer::JsonAnswer;
use super::error::ApiError;
use super::error_codes::{self, ErrorCode};
use super::openapi::ApiTag;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

/// What an error code means.
#[derive(Debug, Object, Serialize)]
struct ErrorMeaning {
    /// The code.
    code: String,
    /// The HTTP status that it comes with.
    status: u16,
    /// A few words for people.
    title: String,
    /// What happened.
    cause: String,
    /// What the caller should do.
    remedy: String,
    /// Whether the same request may succeed later.
    retry: bool,
}

pub(super) struct ErrorApi;

#[OpenApi(tag = "ApiTag::Document")]
impl ErrorApi {
    /// Explain an error code
    ///
    /// What happened, what to do about it, and whether to try again. The `type` of every problem
    /// leads here.
    #[oai(path = "/errors/:code", method = "get", operation_id = "explain_error")]
    async fn explain_error(
        &self,
        /// The `code` of a problem.
        code: Path<String>,
    ) -> Result<JsonAnswer<ErrorMeaning>, ApiError> {
        let Some(found) = ErrorCode::find(&code.0) else {
            let known = error_codes::ALL.map(|code| code.facts().code).join(", ");
            let detail = format!("there is no such code; there are: {known}");
            return Err(ApiError::new(ErrorCode::NotFound, detail));
        };
        let facts = found.facts();
        Ok(JsonAnswer(ErrorMeaning {
            code: facts.code.into(),
            status: facts.status,
            title: facts.title.into(),
            cause: facts.cause.into(),
            remedy: facts.remedy.into(),
            retry: facts.retry,
        }))
    }
}
