//! The one place that turns what went wrong, wherever it did, into a problem.

use super::error_codes::ErrorCode;
use super::open_inference::{OpenInferenceProblem, speaks_the_protocol};
use super::problem::{Problem, ProblemFault};
use crate::serving::RegistryError;
use crate::telemetry::{current_trace_id, with_causes};
use poem::error::{
    MethodNotAllowedError, NotFoundError, ParsePathError, ParseQueryError, ResponseError,
};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::error::{
    ContentTypeError, ParseParamError, ParsePathError as ParseApiPathError,
    ParseRequestPayloadError,
};
use poem_openapi::registry::{MetaResponses, Registry};
use std::error::Error;

/// The call whose body is no JSON.
const CSV_PATH: &str = "/v1/predict/csv";

/// How many faults one problem tells.
pub(super) const MOST_FAULTS: usize = 100;

/// A failure on its way out.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(super) struct ApiError {
    pub(super) code: ErrorCode,
    pub(super) detail: String,
    pub(super) faults: Vec<ProblemFault>,
    pub(super) allow: Option<Box<str>>,
    /// How to say who asks, for `WWW-Authenticate`.
    pub(super) challenge: Option<&'static str>,
    pub(super) link: Option<Box<str>>,
    #[source]
    pub(super) source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// A failure with words of its own.
    pub(super) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            faults: Vec::new(),
            allow: None,
            challenge: None,
            link: None,
            source: None,
        }
    }

    /// A failure with the faults that make it up.
    pub(super) fn with_faults(mut self, faults: Vec<ProblemFault>) -> Self {
        self.faults = faults;
        self
    }

    /// A failure that asks for a key.
    pub(super) fn with_challenge(mut self, challenge: &'static str) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// A failure for something that stands in the way, and where it is.
    pub(super) fn with_link(mut self, link: String) -> Self {
        self.link = Some(link.into());
        self
    }

    /// Faults of parameters in the path or the query.
    pub(super) fn parameters(faults: Vec<ProblemFault>) -> Self {
        let detail = counted(faults.len(), "parameter", "parameters");
        Self::new(ErrorCode::InvalidParameter, detail).with_faults(faults)
    }

    /// The problem as it goes over the wire, in the form that the path's protocol has.
    pub(super) fn into_problem(self, request_id: &str, path: &str) -> Response {
        if let Some(source) = &self.source {
            tracing::error!(request_id, error = %self, causes = with_causes(source.as_ref()), "request failed");
        }
        let facts = self.code.facts();
        let mut faults = self.faults;
        faults.truncate(MOST_FAULTS);
        let problem = Problem {
            kind: format!("/errors/{}", facts.code),
            title: facts.title.to_owned(),
            status: facts.status,
            code: facts.code.to_owned(),
            detail: self.detail,
            errors: (!faults.is_empty()).then_some(faults),
            link: self.link.as_deref().map(str::to_owned),
            request_id: request_id.to_owned(),
            trace_id: current_trace_id(),
        };
        let (media, body) = written(problem, path);
        let mut response = Response::builder()
            .status(self.code.status())
            .content_type(media)
            .body(body);
        response.set_data(self.code);
        let headers = response.headers_mut();
        if let Some(seconds) = self.code.retry_after_seconds() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(Ok(link)) = self.link.as_deref().map(HeaderValue::from_str) {
            headers.insert(header::LOCATION, link);
        }
        if let Some(Ok(allow)) = self.allow.as_deref().map(HeaderValue::from_str) {
            headers.insert(header::ALLOW, allow);
        }
        if let Some(challenge) = self.challenge {
            let challenge = HeaderValue::from_static(challenge);
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

fn written(problem: Problem, path: &str) -> (&'static str, Vec<u8>) {
    if speaks_the_protocol(path) {
        let problem = OpenInferenceProblem::of(problem);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        return ("application/json", body);
    }
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    ("application/problem+json", body)
}

/// "1 parameter cannot be used", "3 parameters cannot be used".
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{count} {noun} cannot be used")
}

impl ResponseError for ApiError {
    fn status(&self) -> StatusCode {
        self.code.status()
    }

    fn as_response(&self) -> Response {
        // Only the edge, which knows the request id, makes the body.
        self.code.status().into_response()
    }
}

/// The document's problem responses come from one table, see `openapi::problems`.
impl poem_openapi::ApiResponse for ApiError {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: Vec::new(),
        }
    }

    fn register(_registry: &mut Registry) {}
}

impl From<RegistryError> for ApiError {
    fn from(error: RegistryError) -> Self {
        let mut failed = match &error {
            RegistryError::Conflict(_) => {
                return Self::new(ErrorCode::Conflict, "somebody else was first; look again");
            }
            RegistryError::Unreadable { version, .. } => Self::new(
                ErrorCode::NotFound,
                format!("version {version} is stored in a form that this process cannot read"),
            ),
            RegistryError::Unavailable(_) => Self::new(
                ErrorCode::StoreUnavailable,
                "the database cannot serve now; predictions go on without it",
            ),
            _ => Self::internal(),
        };
        failed.source = Some(Box::new(error));
        failed
    }
}

impl ApiError {
    /// A fault of the service; its cause is told in the log only.
    pub(super) fn internal() -> Self {
        Self::new(
            ErrorCode::Internal,
            "the service failed; the log tells more by the request id",
        )
    }

    /// What the framework refused, in our form.
    pub(super) fn from_framework(error: poem::Error, path: &str) -> Self {
        let described = error.to_string();
        if let Some(refused) = error.downcast_ref::<ParseParamError>() {
            return Self::parameters(vec![ProblemFault::of(refused.name, refused.reason.clone())]);
        }
        if error.is::<NotFoundError>() {
            return Self::new(ErrorCode::NotFound, format!("there is nothing at {path}"));
        }
        if error.is::<MethodNotAllowedError>() {
            return Self::new(
                ErrorCode::MethodNotAllowed,
                "the address takes other methods",
            );
        }
        if error.is::<ContentTypeError>() {
            let detail = match path {
                CSV_PATH => "the body must be text/csv or application/octet-stream",
                _ => "the body must be application/json",
            };
            return Self::new(ErrorCode::UnsupportedMediaType, detail);
        }
        if error.is::<ParsePathError>() || error.is::<ParseApiPathError>() {
            return Self::new(ErrorCode::NotFound, format!("there is nothing at {path}"));
        }
        if error.is::<ParseQueryError>() || error.is::<ParseRequestPayloadError>() {
            return Self::new(ErrorCode::InvalidParameter, described);
        }
        let mut failed = match error.status() {
            StatusCode::NOT_FOUND => Self::new(ErrorCode::NotFound, "there is nothing here"),
            status if status.is_client_error() => Self::new(ErrorCode::InvalidParameter, described),
            _ => Self::internal(),
        };
        failed.source = Some(described_cause(&error));
        failed
    }
}

fn described_cause(error: &poem::Error) -> Box<dyn Error + Send + Sync> {
    format!("{error:?}").into()
}
