//! What stands before every route: the caller's role against what the table asks.
//!
//! Shape: [`Guard`] wraps one endpoint; [`Guarded`] wraps a whole set of poem-openapi calls, so that
//! a handler added to it is guarded without knowing. It stands behind the router: what it judges is
//! the route that was really taken, not a path that it would have to read as the router does. It
//! stands before the extractors: no body is read for whoever may not call.

use super::access::{self, Access};
use super::caller::Caller;
use super::openapi::{Surface, observations};
use super::pages::challenged;
use crate::config::Role;
use poem::endpoint::{BoxEndpoint, EndpointExt};
use poem::http::Method;
use poem::{Endpoint, Request, Result};
use poem_openapi::OpenApi;
use poem_openapi::registry::{MetaApi, Registry};
use std::collections::HashMap;

/// One endpoint and what it needs.
pub(super) struct Guard<E> {
    inner: E,
    access: Access,
}

impl<E> Guard<E> {
    /// Around the endpoint of this call.
    pub(super) fn around(method: &str, path: &str, inner: E) -> Self {
        // Only a call that `access::check` never saw has no row.
        let access = access::needed(method, path).unwrap_or(Access::Needs(Role::Operate));
        Self { inner, access }
    }
}

impl<E: Endpoint> Endpoint for Guard<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> Result<Self::Output> {
        let may = Caller::on(&request)?.may(self.access);
        may.map_err(|refused| challenged(refused, &request))?;
        self.inner.call(request).await
    }
}

/// Calls, each behind its guard; those that the configuration switches off are not there.
pub(in crate::http) struct Guarded<T> {
    calls: T,
    surface: Surface,
}

impl<T> Guarded<T> {
    pub(super) fn new(calls: T, surface: Surface) -> Self {
        Self { calls, surface }
    }
}

impl<T: OpenApi> OpenApi for Guarded<T> {
    fn meta() -> Vec<MetaApi> {
        T::meta()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        let mut unguarded = HashMap::new();
        self.calls.add_routes(&mut unguarded);
        if !self.surface.observations {
            unguarded.retain(|path, _| !observations::is_theirs(path));
        }
        for (path, methods) in unguarded {
            for (method, endpoint) in methods {
                let guarded = Guard::around(method.as_str(), &path, endpoint).boxed();
                let methods = routes.entry(path.clone()).or_default();
                methods.insert(method, guarded);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ApiKey, KeyDigest};
    use crate::http::error::ApiError;
    use crate::http::error_codes::ErrorCode;
    use poem::endpoint::make_sync;
    use poem_openapi::OpenApiService;
    use poem_openapi::payload::PlainText;

    struct Forgotten;

    #[OpenApi]
    impl Forgotten {
        #[oai(path = "/v1/forgotten", method = "get")]
        async fn forgotten(&self) -> PlainText<&'static str> {
            PlainText("reached")
        }
    }

    fn from(role: Option<Role>, path: &str) -> Request {
        let sha256 = KeyDigest::of(b"x");
        let name = "ci".to_owned();
        let caller = role.map(|role| Caller::of(&ApiKey { name, role, sha256 }));
        let mut request = Request::builder().uri(path.parse().unwrap()).finish();
        let caller = caller.unwrap_or_else(Caller::without_key);
        caller.put_on(&mut request);
        request
    }

    #[tokio::test]
    async fn a_call_without_a_row_needs_the_highest_role() {
        let service = OpenApiService::new(Guarded::new(Forgotten, Surface::default()), "t", "1");
        let route = poem::Route::new().nest_no_strip("/", service);
        for (role, code) in [
            (None, Some(ErrorCode::Unauthorized)),
            (Some(Role::Ingest), Some(ErrorCode::Forbidden)),
            (Some(Role::Operate), None),
        ] {
            let answered = route.call(from(role, "/v1/forgotten")).await;
            let refused = answered.err().and_then(|e| e.downcast::<ApiError>().ok());
            assert_eq!(refused.map(|error| error.code), code, "{role:?}");
        }
    }

    #[tokio::test]
    async fn nothing_passes_around_the_edge() {
        let guard = Guard::around("GET", "/v1/schema", make_sync(|_| "reached"));
        assert!(guard.call(Request::default()).await.is_err());
    }
}
