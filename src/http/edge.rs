//! What stands around every route: the request's id, who asks, the limit of requests at once, the
//! time allowed, panics, and the one error form.
//!
//! Probes and metrics are answered whatever the load. A refusal costs nothing: no queue grows here.

use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::keyring::Keyring;
use super::pages::is_of_a_page;
use super::state::RequestLimits;
use crate::health::{CheckName, Health};
use crate::retraining::StoreError;
use futures_util::FutureExt;
use poem::http::{HeaderMap, HeaderValue, Method, header};
use poem::{Endpoint, IntoResponse, Request, Response};
use serde_json::Value;
use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::Semaphore;

const REQUEST_ID: &str = "x-request-id";

/// What is answered whatever the load.
const PROBES: [&str; 6] = [
    "/metrics",
    "/livez",
    "/readyz",
    "/startupz",
    "/v2/health/live",
    "/v2/health/ready",
];

/// The endpoint around all routes.
pub struct Edge<E> {
    inner: E,
    allowed: AllowedMethods,
    health: Arc<Health>,
    keyring: Arc<Keyring>,
    limits: RequestLimits,
    in_flight: Semaphore,
}

impl<E> Edge<E> {
    pub(super) fn new(
        inner: E,
        allowed: AllowedMethods,
        health: Arc<Health>,
        keyring: Arc<Keyring>,
        limits: RequestLimits,
    ) -> Self {
        let in_flight = Semaphore::new(limits.max_in_flight);
        Self {
            inner,
            allowed,
            health,
            keyring,
            limits,
            in_flight,
        }
    }
}

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let page = is_of_a_page(&request);
        let caller = self.keyring.identify(request.headers(), page);
        caller.clone().put_on(&mut request);
        let id = request_id(request.headers());
        let (method, path) = (
            request.method().clone(),
            request.original_uri().path().to_owned(),
        );
        // Asked first: the tables may be ready by the time that the answer is.
        let stored = self.health.works(CheckName::Store);
        let answered = match self.answer(request, &path).await {
            Ok(response) => response,
            Err(error) if !stored && is_of_database(&error) => {
                without_tables(error).into_problem(&id, &path)
            }
            Err(error) => self.allowing(error, &path).into_problem(&id, &path),
        };
        let status = answered.status().as_u16();
        tracing::debug!(
            request_id = id,
            caller = caller.name(),
            %method,
            path,
            status,
            "answered"
        );
        Ok(self.finish(answered, &id))
    }
}

impl<E: Endpoint> Edge<E> {
    async fn answer(&self, request: Request, path: &str) -> Result<Response, ApiError> {
        let probe = PROBES.contains(&path);
        let _permit = match self.in_flight.try_acquire() {
            Ok(permit) => Some(permit),
            Err(_) if probe => None,
            Err(_) => {
                let detail = "more requests are in flight than the service takes";
                return Err(ApiError::new(ErrorCode::Overloaded, detail));
            }
        };
        let answering = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        match tokio::time::timeout(self.limits.request_timeout, answering).await {
            Ok(Ok(Ok(response))) => Ok(response.into_response()),
            Ok(Ok(Err(error))) => refused(error, path),
            Ok(Err(panic)) => Err(panicked(panic.as_ref())),
            Err(_) => {
                let detail = "the answer took longer than allowed";
                Err(ApiError::new(ErrorCode::Timeout, detail))
            }
        }
    }

    /// A 405 says what would have been allowed.
    fn allowing(&self, mut error: ApiError, path: &str) -> ApiError {
        if error.code == ErrorCode::MethodNotAllowed {
            error.allow = Some(self.allowed.of(path).into());
        }
        error
    }

    fn finish(&self, mut response: Response, id: &str) -> Response {
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert(REQUEST_ID, id);
        }
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        if self.health.is_draining() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Whether it is for something that the database said, and nobody expected.
fn is_of_database(error: &ApiError) -> bool {
    let mut cause: Option<&dyn Error> = match &error.source {
        Some(source) if error.code == ErrorCode::Internal => Some(source.as_ref()),
        _ => None,
    };
    while let Some(found) = cause {
        if let Some(StoreError::Database(_)) = found.downcast_ref() {
            return true;
        }
        cause = found.source();
    }
    false
}

/// Before our own tables are up to date, what a query finds missing is no fault of the service.
fn without_tables(error: ApiError) -> ApiError {
    let detail = "the service's own tables are not up to date yet; /readyz?verbose tells why";
    ApiError {
        source: error.source,
        ..ApiError::new(ErrorCode::StoreUnavailable, detail)
    }
}

/// An error that is already a whole response goes through as it is.
fn refused(error: poem::Error, path: &str) -> Result<Response, ApiError> {
    if error.is_from_response() {
        return Ok(error.into_response());
    }
    Err(error
        .downcast::<ApiError>()
        .unwrap_or_else(|error| ApiError::from_framework(error, path)))
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> ApiError {
    let said = panic
        .downcast_ref::<&str>()
        .map(|said| (*said).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    let mut error = ApiError::internal();
    error.source = Some(format!("panicked: {}", said.unwrap_or_default()).into());
    error
}

/// The caller's id where it is a plain one, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let plain =
        |id: &&str| (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    given
        .filter(plain)
        .map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned)
}

/// The methods of every documented path, for the header `Allow`.
#[derive(Debug, Clone, Default)]
pub(super) struct AllowedMethods(Vec<(Vec<String>, Vec<String>)>);

impl AllowedMethods {
    pub(super) fn from_document(document: &Value) -> Self {
        let paths = document["paths"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(path, methods)| {
                let methods = methods.as_object().into_iter().flatten();
                (
                    split(path),
                    methods.map(|(method, _)| method.to_uppercase()).collect(),
                )
            });
        Self(paths.collect())
    }

    fn of(&self, path: &str) -> String {
        let asked = split(path);
        let matches = |template: &[String]| {
            template.len() == asked.len()
                && template
                    .iter()
                    .zip(&asked)
                    .all(|(t, a)| t.starts_with('{') || t == a)
        };
        // As the router: a segment that is written out goes before a placeholder.
        let placeholders = |template: &[String]| {
            template
                .iter()
                .filter(|segment| segment.starts_with('{'))
                .count()
        };
        let found = self.0.iter().filter(|(template, _)| matches(template));
        let found = found.min_by_key(|(template, _)| placeholders(template));
        let mut methods: Vec<&str> = found
            .into_iter()
            .flat_map(|(_, methods)| methods.iter().map(String::as_str))
            .collect();
        if methods.is_empty() {
            methods.push(Method::GET.as_str());
        }
        if methods.contains(&"GET") {
            methods.push(Method::HEAD.as_str());
        }
        methods.sort_unstable();
        methods.dedup();
        methods.join(", ")
    }
}

fn split(path: &str) -> Vec<String> {
    path.trim_start_matches('/')
        .split('/')
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn a_path_allows_what_the_document_says() {
        let document = json!({"paths": {
            "/v1/predict": {"get": {}, "post": {}},
            "/v1/models/{version}": {"get": {}},
            "/v1/models/pin": {"put": {}, "delete": {}},
        }});
        let allowed = AllowedMethods::from_document(&document);
        assert_eq!(allowed.of("/v1/predict"), "GET, HEAD, POST");
        assert_eq!(allowed.of("/v1/models/7"), "GET, HEAD");
        assert_eq!(allowed.of("/v1/models/pin"), "DELETE, PUT");
        assert_eq!(allowed.of("/docs"), "GET, HEAD");
    }

    #[tokio::test]
    async fn a_panic_is_one_500_that_tells_nothing_of_the_inside() {
        let limits = RequestLimits {
            max_body_bytes: 1,
            max_instances: 1,
            max_in_flight: 1,
            body_read_timeout: Duration::from_secs(1),
            request_timeout: Duration::from_secs(1),
        };
        let inner = poem::endpoint::make_sync(|_| -> Response { panic!("the secret inside") });
        let allowed = AllowedMethods(Vec::new());
        let open = Arc::new(Keyring::open());
        let edge = Edge::new(inner, allowed, Arc::default(), open, limits);
        for _ in 0..3 {
            let response = edge.get_response(Request::default()).await;
            assert_eq!(response.status().as_u16(), 500);
            let body = response.into_body().into_string().await.unwrap();
            assert!(body.contains("\"code\":\"internal\""), "{body}");
            assert!(!body.contains("secret"), "{body}");
        }
    }

    #[test]
    fn only_a_plain_request_id_is_taken_over() {
        let id = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(value).unwrap());
            request_id(&headers)
        };
        assert_eq!(id("abc-1"), "abc-1");
        for refused in ["", "with space", &"x".repeat(129)] {
            assert_ne!(id(refused), refused);
        }
    }
}
