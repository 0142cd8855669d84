//! What stands around every page: head, style, navigation, and the headers that keep it harmless.
//!
//! The policy allows this style and nothing else: no script, whatever a name in the page says, no
//! picture, no form, no frame around it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use poem::http::{HeaderName, HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponses, Registry};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("pages.css");

/// The empty icon, which keeps browsers from asking for one, is a `data:` picture.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
});

/// A whole page.
#[derive(Debug)]
pub(in crate::http) struct HtmlPage {
    /// For the browser's tab, and before it the page's subject.
    pub(in crate::http) title: String,
    /// Everything between navigation and the page's end.
    pub(in crate::http) content: Markup,
}

impl HtmlPage {
    fn html(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) }
                    link rel="icon" href="data:,";
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#content" { "To the content" }
                    header.top {
                        a.brand href="/" { "logitd" }
                        nav aria-label="The service" {
                            a href="/" { "Status" }
                            a href="/docs" { "API" }
                            a href="/metrics" { "Metrics" }
                        }
                    }
                    main #content { (self.content) }
                }
            }
        }
    }
}

impl IntoResponse for HtmlPage {
    fn into_response(self) -> Response {
        let mut response = Response::builder()
            .content_type("text/html; charset=utf-8")
            .body(self.html().into_string());
        let headers = response.headers_mut();
        let fixed: [(HeaderName, &'static str); 2] = [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "same-origin"),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Ok(policy) = HeaderValue::from_str(&POLICY) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// A page alone is no part of the document, which is for programs.
impl ApiResponse for HtmlPage {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: Vec::new(),
        }
    }

    fn register(_registry: &mut Registry) {}
}

/// A moment, in words for people and exactly for programs.
pub(in crate::http) fn when(time: DateTime<Utc>) -> Markup {
    let exact = crate::http::model_version_body::timestamp(time);
    html! { time datetime=(exact) { (time.format("%Y-%m-%d %H:%M:%S UTC")) } }
}

/// A table with what it tells above it. It may be wider than a phone: then it scrolls by itself, with
/// keys too.
pub(in crate::http) fn scrolled(label: &str, caption: &str, table: &Markup) -> Markup {
    html! {
        p.caption { (caption) }
        div.scrolled role="region" aria-label=(label) tabindex="0" { (table) }
    }
}

/// Words in which what stands between backticks is to be typed as it is.
pub(in crate::http) fn worded(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}
