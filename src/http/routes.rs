//! Every route, and what stands around all of them.

use super::access::{self, PATH_FORM, UnlistedCall};
use super::allowed_methods::AllowedMethods;
use super::docs_page;
use super::edge::Edge;
use super::error::ApiError;
use super::guard::Guard;
use super::metrics::metrics;
use super::observed::Observed;
use super::openapi::{self, Document, Surface};
use super::predictions::predict_from_path;
use super::route_table::{self, RouteTable};
use super::state::ApiState;
use poem::endpoint::{BoxEndpoint, make_sync};
use poem::{Endpoint, EndpointExt, IntoEndpoint, IntoResponse, Request, Response, Route, get};

/// The one endpoint behind every connection.
pub type ApiEndpoint = Observed<Edge<BoxedRoutes>>;

/// Routes of any kind.
pub(super) type BoxedRoutes = BoxEndpoint<'static, Response>;

/// Why there is no endpoint.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The document.
    #[error("make the OpenAPI document")]
    Document(#[from] serde_json::Error),
    /// A call that nobody gave a role.
    #[error(transparent)]
    UnlistedCall(#[from] UnlistedCall),
}

/// Builds the endpoint over this state. From the outside in: span and measures, the edge (request id,
/// limits, panics, the one error form), the state, the routes, before each of them its guard.
///
/// # Errors
/// [`EndpointError`]: as [`openapi::document`], and a call that the table of roles does not name.
pub fn endpoint(state: &ApiState) -> Result<ApiEndpoint, EndpointError> {
    let surface = Surface {
        keys: state.keyring.is_asked_for(),
        observations: state.observations.is_some(),
        ordered: state.observation_form().ordered,
    };
    let document = openapi::document(&state.model, &state.schema, surface)?;
    access::check(&document.value)?;
    let allowed = AllowedMethods::from_document(&document.value);
    let routes = routes(state, &document, surface)
        .data(state.clone())
        .boxed();
    let edge = Edge::new(
        routes,
        allowed,
        state.health.clone(),
        state.keyring.clone(),
        state.limits,
    )
    .with_cors(state.cors.clone());
    let table = RouteTable::from_document(&document.value);
    Ok(Observed::new(edge, table, state.telemetry.clone()))
}

/// The calls of the document, and what stands beside them.
///
/// Turned down: poem's `nest`, which makes the address anew for each request and looks for its route twice.
struct Routes {
    calls: BoxEndpoint<'static>,
    beside: Route,
}

/// Where [`Routes::beside`] is asked, besides all that begins as the path form does.
const BESIDE: [&str; 4] = ["/docs", "/metrics", "/openapi.json", "/openapi.yaml"];

impl Endpoint for Routes {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.uri().path();
        if BESIDE.contains(&path) || path.starts_with(route_table::PATH_FORM) {
            self.beside.call(request).await
        } else {
            self.calls.call(request).await
        }
    }
}

fn routes(state: &ApiState, document: &Document, surface: Surface) -> Routes {
    let service = openapi::service(&state.model, surface);
    let json = docs_page::fixed("application/json", document.json.clone());
    let yaml = docs_page::fixed("application/yaml", document.yaml.clone());
    let page = docs_page::guarded(document, &state.model);
    let routes = at(Route::new(), "/docs", page);
    let routes = at(routes, "/metrics", metrics(state));
    let routes = at(routes, "/openapi.json", json);
    let routes = at(routes, "/openapi.yaml", yaml);
    Routes {
        calls: service.into_endpoint(),
        beside: at(routes, PATH_FORM, path_form(state.clone())),
    }
}

/// A `GET` that poem-openapi does not know, guarded like the others.
fn at<E>(routes: Route, path: &str, endpoint: E) -> Route
where
    E: IntoEndpoint<Endpoint: 'static>,
{
    let guarded = Guard::around("GET", path, endpoint.into_endpoint());
    routes.at(path, get(guarded))
}

/// The path form reads the address as it came, encoded: split first, decoded after.
fn path_form(state: ApiState) -> impl Endpoint<Output = Response> {
    make_sync(move |request: Request| {
        let path = request.original_uri().path();
        let rest = path.strip_prefix("/predict/").unwrap_or_default();
        let answer: Result<_, ApiError> = predict_from_path(&state, rest);
        answer
            .map(IntoResponse::into_response)
            .map_err(poem::Error::from)
    })
}
