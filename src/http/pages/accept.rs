//! Whether a reader would rather have a page: `Accept` (RFC 9110, 12.5.1).
//!
//! Only who names `text/html` and likes it better than JSON gets one. A browser does; what sends
//! `*/*`, or nothing, gets JSON as before.

use crate::http::answer::JsonAnswer;
use crate::http::pages::HtmlPage;
use poem::http::{HeaderMap, HeaderValue, header};
use poem::{FromRequest, IntoResponse, Request, RequestBody, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponses, Registry};
use poem_openapi::types::Type;
use serde::Serialize;

/// Whether the reader would rather have a page.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct AcceptsPage(pub(in crate::http) bool);

impl AcceptsPage {
    /// As the headers say.
    pub(in crate::http) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).iter();
        let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        let ranges: Vec<_> = values
            .iter()
            .flat_map(|v| v.split(','))
            .map(range)
            .collect();
        let quality = |kinds: [&str; 3]| {
            // The most specific range counts.
            let found = kinds.iter().find_map(|kind| {
                let of_kind = ranges
                    .iter()
                    .find(|(range, _)| range.eq_ignore_ascii_case(kind));
                of_kind.map(|(_, quality)| *quality)
            });
            found.unwrap_or(0.0)
        };
        let page = quality(["text/html", "text/*", "*/*"]);
        Self(page > quality(["application/json", "application/*", "*/*"]))
    }
}

/// A media range and how well it is liked.
fn range(text: &str) -> (&str, f64) {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default();
    let quality = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("q")
            .then(|| value.trim().parse().ok())?
    });
    (range, quality.unwrap_or(1.0))
}

impl<'a> FromRequest<'a> for AcceptsPage {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request.headers()))
    }
}

/// The same as JSON, which the document tells, or as a page.
#[derive(Debug)]
pub(in crate::http) enum PageOr<T> {
    /// For programs.
    Json(JsonAnswer<T>),
    /// For people.
    Page(HtmlPage),
}

/// A page where it is wanted.
pub(in crate::http) fn page_or<T>(
    wanted: AcceptsPage,
    page: impl FnOnce() -> HtmlPage,
    body: impl FnOnce() -> T,
) -> PageOr<T> {
    match wanted.0 {
        true => PageOr::Page(page()),
        false => PageOr::Json(JsonAnswer(body())),
    }
}

impl<T: Serialize + Send> IntoResponse for PageOr<T> {
    fn into_response(self) -> Response {
        let mut response = match self {
            Self::Json(answer) => answer.into_response(),
            Self::Page(page) => page.into_response(),
        };
        let accept = HeaderValue::from_static("Accept");
        response.headers_mut().insert(header::VARY, accept);
        response
    }
}

impl<T: Type> ApiResponse for PageOr<T> {
    fn meta() -> MetaResponses {
        JsonAnswer::<T>::meta()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_a_page_and_a_program_does_not() {
        for (accept, page) in [
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                true,
            ),
            ("text/html", true),
            ("TEXT/HTML; charset=utf-8", true),
            ("application/json;q=0.5, text/html;q=0.6", true),
            ("text/*", true),
            ("text/html, */*;q=0.1", true),
            ("*/*", false),
            ("", false),
            ("application/json", false),
            ("application/json, text/html;q=0.9", false),
            ("application/json, text/html", false),
            ("text/html;q=0, */*", false),
            ("text/html;q=0", false),
            ("text/plain", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(AcceptsPage::of(&headers).0, page, "{accept}");
        }
        assert!(!AcceptsPage::of(&HeaderMap::new()).0);
    }
}
