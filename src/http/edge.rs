//! What stands around every route: the request's id, who asks, the limit of requests at once, the
//! time allowed, panics, and the one error form.
//!
//! Probes and metrics are answered whatever the load. A refusal costs nothing: no queue grows here. A
//! request is in flight until its answer is written, so that readers who are slow count too.

use super::allowed_methods::AllowedMethods;
use super::arriving::Arrival;
use super::cors::{Cors, vary_by_origin};
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::held::leave_on;
use super::keyring::Keyring;
use super::pages::is_of_a_page;
use super::state::RequestLimits;
use super::unwanted::take_and_drop;
use crate::health::{CheckName, Health};
use crate::retraining::StoreError;
use futures_util::FutureExt;
use poem::http::{HeaderMap, HeaderName, HeaderValue, header};
use poem::{Endpoint, IntoResponse, Request, Response};
use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::Semaphore;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A batch of a hundred instances or so.
const BYTES_A_PLACE: u64 = 64 * 1024;
/// What a body counts as that does not tell its length before.
const LENGTH_UNTOLD: u64 = 512 * 1024;

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
    in_flight: Arc<Semaphore>,
    cors: Cors,
}

impl<E> Edge<E> {
    pub(super) fn new(
        inner: E,
        allowed: AllowedMethods,
        health: Arc<Health>,
        keyring: Arc<Keyring>,
        limits: RequestLimits,
    ) -> Self {
        let in_flight = Arc::new(Semaphore::new(limits.max_in_flight));
        Self {
            inner,
            allowed,
            health,
            keyring,
            limits,
            in_flight,
            cors: Cors::default(),
        }
    }

    /// With the pages of these origins let in.
    pub(super) fn with_cors(mut self, cors: Cors) -> Self {
        self.cors = cors;
        self
    }
}

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let page = is_of_a_page(&request);
        let caller = self.keyring.identify(request.headers(), page);
        caller.clone().put_on(&mut request);
        let id = request_id(request.headers());
        let admitted = self.cors.admitted(request.headers());
        let (method, address) = (request.method().clone(), request.original_uri().clone());
        let path = address.path();
        // Asked first: the tables may be ready by the time that the answer is.
        let stored = self.health.works(CheckName::Store);
        let preflight = admitted
            .as_ref()
            .and_then(|origin| origin.preflight(&request, &self.allowed.of(path)));
        let answered = match preflight {
            Some(response) => Ok(response),
            None => self.answer(request, path).await,
        };
        let mut answered = match answered {
            Ok(response) => response,
            Err(error) if !stored && is_of_database(&error) => {
                without_tables(error).into_problem(&id, path)
            }
            Err(error) => self.allowing(error, path).into_problem(&id, path),
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
        if let Some(origin) = admitted {
            origin.mark(answered.headers_mut());
        }
        Ok(self.finish(answered, id))
    }
}

impl<E: Endpoint> Edge<E> {
    async fn answer(&self, mut request: Request, path: &str) -> Result<Response, ApiError> {
        let probe = PROBES.contains(&path);
        let places = places(request.headers(), self.limits.max_in_flight);
        let permit = match Arc::clone(&self.in_flight).try_acquire_many_owned(places) {
            Ok(permit) => Some(permit),
            Err(_) if probe => None,
            Err(_) => {
                // Who waits to be asked for it will hardly send it any more.
                if !request.headers().contains_key(header::EXPECT) {
                    take_and_drop(request.take_body(), self.limits.max_body_bytes);
                }
                let detail = "more requests are in flight than the service takes";
                return Err(ApiError::new(ErrorCode::Overloaded, detail));
            }
        };
        let arrival = Arrival::of(&request);
        let answering = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        let answered = match tokio::time::timeout(self.limits.request_timeout, answering).await {
            Ok(Ok(Ok(response))) => Ok(response.into_response()),
            Ok(Ok(Err(error))) => refused(error, path),
            Ok(Err(panic)) => Err(panicked(panic.as_ref())),
            // Not the service was slow: who asked was.
            Err(_) if arrival.is_awaited() => Err(late_body()),
            Err(_) => {
                let detail = "the answer took longer than allowed";
                Err(ApiError::new(ErrorCode::Timeout, detail))
            }
        };
        let mut answered = answered?;
        if let Some(permit) = permit {
            leave_on(&mut answered, permit);
        }
        Ok(answered)
    }

    /// A 405 says what would have been allowed.
    fn allowing(&self, mut error: ApiError, path: &str) -> ApiError {
        if error.code == ErrorCode::MethodNotAllowed {
            error.allow = Some(self.allowed.of(path).into());
        }
        error
    }

    fn finish(&self, mut response: Response, id: String) -> Response {
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::try_from(id) {
            headers.insert(REQUEST_ID, id);
        }
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        // No answer is anything but what its content type says.
        let nosniff = HeaderValue::from_static("nosniff");
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        if self.cors.is_asked() {
            vary_by_origin(headers);
        }
        if self.health.is_draining() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// How many of `max_in_flight` a request takes: one, and one for every [`BYTES_A_PLACE`] of its body. What
/// is under way at once is bounded so in memory and in time, however large each is.
fn places(headers: &HeaderMap, most: usize) -> u32 {
    let told = headers.get(header::CONTENT_LENGTH);
    let told = told.and_then(|length| length.to_str().ok()?.parse().ok());
    let untold = headers.contains_key(header::TRANSFER_ENCODING);
    let length = told.unwrap_or(if untold { LENGTH_UNTOLD } else { 0 });
    // Alone the largest may come in, whatever the limit is.
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    u32::try_from(1 + length / BYTES_A_PLACE).map_or(most, |places| places.min(most))
}

/// A body that has not come within its time.
pub(super) fn late_body() -> ApiError {
    let detail = "the body did not arrive in time";
    ApiError::new(ErrorCode::RequestTimeout, detail)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_large_body_takes_more_places_and_never_more_than_there_are() {
        let of = |name: &'static str, value: &'static str, most| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            places(&headers, most)
        };
        assert_eq!(places(&HeaderMap::new(), 1024), 1);
        assert_eq!(of("content-length", "65535", 1024), 1);
        assert_eq!(of("content-length", "65536", 1024), 2);
        assert_eq!(of("content-length", "1048576", 1024), 17);
        assert_eq!(of("content-length", "1048576", 8), 8);
        assert_eq!(of("content-length", "18446744073709551615", 8), 8);
        assert_eq!(of("content-length", "-1", 8), 1);
        assert_eq!(of("transfer-encoding", "chunked", 1024), 9);
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
        let allowed = AllowedMethods::default();
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
