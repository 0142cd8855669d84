//! Every route, and what stands around all of them.

use super::docs_page;
use super::edge::{AllowedMethods, Edge};
use super::error::ApiError;
use super::openapi::{self, Document};
use super::predictions::predict_from_path;
use super::state::ApiState;
use poem::endpoint::{BoxEndpoint, make_sync};
use poem::{EndpointExt, IntoResponse, Request, Response, Route, get};

/// The one endpoint behind every connection.
pub type ApiEndpoint = Edge<BoxEndpoint<'static, Response>>;

/// Builds the endpoint over this state. From the outside in: the edge (request id, limits, panics,
/// the one error form), the state, the routes.
///
/// # Errors
/// As [`openapi::document`].
pub fn endpoint(state: &ApiState) -> Result<ApiEndpoint, serde_json::Error> {
    let document = openapi::document(&state.model, &state.schema)?;
    let allowed = AllowedMethods::from_document(&document.value);
    let routes = routes(state, &document).data(state.clone()).boxed();
    Ok(Edge::new(
        routes,
        allowed,
        state.health.clone(),
        state.limits,
    ))
}

fn routes(state: &ApiState, document: &Document) -> Route {
    let service = openapi::service(&state.model);
    let page = docs_page::page(
        &service.swagger_ui_html(),
        &service.spec(),
        document,
        &state.model,
    );
    let json = docs_page::fixed("application/json", document.json.clone());
    let yaml = docs_page::fixed("application/yaml", document.yaml.clone());
    Route::new()
        .at(
            "/docs",
            get(docs_page::fixed("text/html; charset=utf-8", page)),
        )
        .at("/openapi.json", get(json))
        .at("/openapi.yaml", get(yaml))
        .at("/predict/*rest", get(path_form(state.clone())))
        .nest_no_strip("/", service)
}

/// The path form reads the address as it came, encoded: split first, decoded after.
fn path_form(state: ApiState) -> impl poem::Endpoint<Output = Response> {
    make_sync(move |request: Request| {
        let path = request.original_uri().path();
        let rest = path.strip_prefix("/predict/").unwrap_or_default();
        let answer: Result<_, ApiError> = predict_from_path(&state, rest);
        answer
            .map(IntoResponse::into_response)
            .map_err(poem::Error::from)
    })
}
