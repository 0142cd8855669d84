//! `GET /metrics`, and the endpoint of the second address: the same, and the probes.

use super::allowed_methods::AllowedMethods;
use super::edge::Edge;
use super::observed::Traced;
use super::probes::ProbeApi;
use super::routes::BoxedRoutes;
use super::state::ApiState;
use poem::endpoint::make_sync;
use poem::{Endpoint, EndpointExt, Response, Route, get};
use poem_openapi::OpenApiService;

/// Prometheus' text format.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Every metric, as it stands when it is asked for.
pub(super) fn metrics(state: &ApiState) -> impl Endpoint<Output = Response> + use<> {
    let telemetry = state.telemetry.clone();
    make_sync(move |_| {
        Response::builder()
            .content_type(CONTENT_TYPE)
            .body(telemetry.prometheus_text())
    })
}

/// The endpoint behind the second address.
pub type MetricsEndpoint = Traced<Edge<BoxedRoutes>>;

/// What `[telemetry] metrics_listen` answers: metrics and probes, whatever the load on the other
/// address.
#[must_use]
pub fn metrics_endpoint(state: &ApiState) -> MetricsEndpoint {
    let probes = OpenApiService::new(ProbeApi, "logitd", env!("CARGO_PKG_VERSION"));
    let routes = Route::new()
        .at("/metrics", get(metrics(state)))
        .nest_no_strip("/", probes)
        .data(state.clone());
    let edge = Edge::new(
        routes.boxed(),
        AllowedMethods::default(),
        state.health.clone(),
        state.keyring.clone(),
        state.limits,
    );
    Traced::new(edge, state.telemetry.clone())
}
