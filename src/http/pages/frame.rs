//! What stands around every page: head, style, navigation, and the headers that keep it harmless.
//!
//! The policy allows this style and nothing else: no script, whatever a name in the page says, no
//! picture, no form, no frame around it.

use super::policy::{by_hash, harmless};
use chrono::{DateTime, Utc};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use poem::http::HeaderValue;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponses, Registry};
use std::sync::LazyLock;

const STYLE: &str = include_str!("pages.css");

/// The empty icon, which keeps browsers from asking for one, is a `data:` picture.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = by_hash(STYLE);
    let policy = format!(
        "default-src 'none'; style-src {style}; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(NOTHING)
});

/// Lets nothing in at all.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'");

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
        let response = Response::builder()
            .content_type("text/html; charset=utf-8")
            .body(self.html().into_string());
        harmless(response, &POLICY)
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
