//! Which pages of other origins may call (`[http] cors_origins`, the Fetch standard's CORS protocol).
//!
//! Nobody's, unless configured: then no header of it is sent and a preflight is a method like another.
//! Cookies are never taken, so credentials need not be allowed: a key goes in a header of its own.
//! Turned down: poem's own, which refuses every request with a foreign `Origin`, the page at `/docs`
//! through a proxy too, where a browser only has to be told nothing.

use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Request, Response};

/// Every origin.
const ANY: &str = "*";
/// What a page may send besides what it always may.
const HEADERS: &str = "authorization, content-type, x-api-key, x-request-id, traceparent, \
                       tracestate, baggage, inference-header-content-length";
/// What a page may read besides what it always may.
const EXPOSED: &str = "x-request-id, location, retry-after, allow, www-authenticate, \
                       inference-header-content-length";
/// Two hours, the longest that browsers keep it.
const MAX_AGE_SECONDS: &str = "7200";

/// The origins whose pages may call.
#[derive(Debug, Clone, Default)]
pub struct Cors(Vec<String>);

impl Cors {
    /// These origins, as browsers send them; `*` is every one.
    #[must_use]
    pub fn of(origins: Vec<String>) -> Self {
        Self(origins)
    }

    /// The origin that asks, if it may.
    pub(super) fn admitted(&self, headers: &HeaderMap) -> Option<Admitted> {
        if self.0.is_empty() {
            return None;
        }
        let origin = headers.get(header::ORIGIN)?;
        let listed = |known: &String| known == ANY || known.as_bytes() == origin.as_bytes();
        self.0.iter().any(listed).then(|| Admitted(origin.clone()))
    }

    /// Whether answers depend on who asks.
    pub(super) fn is_asked(&self) -> bool {
        !self.0.is_empty()
    }
}

/// An origin whose pages may call.
#[derive(Debug)]
pub(super) struct Admitted(HeaderValue);

impl Admitted {
    /// The answer to a browser that asks before it sends, if this is one; `allowed` are the methods of
    /// the address.
    pub(super) fn preflight(&self, request: &Request, allowed: &str) -> Option<Response> {
        let asks = request.method() == Method::OPTIONS
            && (request.headers()).contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        asks.then(|| {
            Response::builder()
                .status(StatusCode::NO_CONTENT)
                .header(header::ACCESS_CONTROL_ALLOW_METHODS, allowed)
                .header(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS)
                .header(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS)
                .finish()
        })
    }

    /// Lets the page read the answer.
    pub(super) fn mark(self, headers: &mut HeaderMap) {
        let exposed = HeaderValue::from_static(EXPOSED);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.0);
    }
}

/// Adds `Origin` to what an answer depends on.
pub(super) fn vary_by_origin(headers: &mut HeaderMap) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(origin: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_str(origin).unwrap())])
    }

    #[test]
    fn only_a_listed_origin_is_admitted_and_it_alone() {
        let listed = Cors::of(vec!["https://app.example".into()]);
        for (origin, admitted) in [
            ("https://app.example", true),
            ("http://app.example", false),
            ("https://app.example:444", false),
            ("https://app.example.evil", false),
            ("null", false),
        ] {
            assert_eq!(
                listed.admitted(&from(origin)).is_some(),
                admitted,
                "{origin}"
            );
            assert!(Cors::default().admitted(&from(origin)).is_none());
            let any = Cors::of(vec!["*".into()]);
            assert!(any.admitted(&from(origin)).is_some(), "{origin}");
        }
        assert!(listed.admitted(&HeaderMap::new()).is_none());
    }
}
