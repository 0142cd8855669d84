//! The outermost layer: a span and the measures of every request, whoever answered it. Who only watches, on
//! the second address, is not measured, and belongs to a trace all the same.

use super::error_codes::ErrorCode;
use super::route_table::{PATH_FORM, RouteTable};
use crate::telemetry::{AnsweredRequest, HttpRecorder, RequestHead, Telemetry};
use poem::http::uri::Scheme;
use poem::{Endpoint, Request, Response};

/// An endpoint that is measured.
pub struct Observed<E> {
    inner: E,
    routes: RouteTable,
    recorder: HttpRecorder,
}

impl<E> Observed<E> {
    pub(super) fn new(inner: E, routes: RouteTable, telemetry: Telemetry) -> Self {
        let recorder = HttpRecorder::new(telemetry, routes.templates());
        Self {
            inner,
            routes,
            recorder,
        }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Observed<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.original_uri().path();
        let observed = self.recorder.begin(&RequestHead {
            method: request.method().as_str(),
            route: self.routes.find(path),
            // The path form holds what is predicted for.
            path: Some(path).filter(|path| !path.starts_with(PATH_FORM)),
            secure: request.scheme() == &Scheme::HTTPS,
            headers: request.headers(),
        });
        let response = observed
            .span()
            .around(self.inner.get_response(request))
            .await;
        observed.answered(AnsweredRequest {
            status: response.status().as_u16(),
            code: response.data::<ErrorCode>().map(|code| code.facts().code),
        });
        Ok(response)
    }
}

/// An endpoint whose requests belong to a trace and are not measured.
pub struct Traced<E> {
    inner: E,
    telemetry: Telemetry,
}

impl<E> Traced<E> {
    pub(super) fn new(inner: E, telemetry: Telemetry) -> Self {
        Self { inner, telemetry }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Traced<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let trace = self.telemetry.trace_of(request.headers());
        Ok(trace.around(self.inner.get_response(request)).await)
    }
}
