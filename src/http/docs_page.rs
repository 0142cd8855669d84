//! Swagger UI with nothing loaded from outside, and the document in its two forms.
//!
//! The page is built once: the finished document in place of poem-openapi's own, kept from closing
//! the script it stands in.

use super::openapi::Document;
use poem::{Endpoint, IntoEndpoint, Response, endpoint::make_sync};
use poem_openapi::{ApiResponse, OpenApi};

/// The page for a document; `raw_page` is Swagger UI around `raw_document`.
pub(super) fn page(raw_page: &str, raw_document: &str, document: &Document, model: &str) -> String {
    let title = format!("<title>logitd: {}</title>", escape_html(model));
    let document = document
        .json
        .replace("</", "<\\/")
        .replace("<!--", "<\\!--");
    let page = raw_page
        .replace(raw_document, &document)
        .replace("<title>Swagger UI</title>", &title)
        .replace(
            "<html charset=\"UTF-8\">",
            "<!doctype html>\n<html lang=\"en\">",
        )
        .replace(
            "<head>",
            "<head>\n    <meta name=\"viewport\" content=\"width=device-width\">",
        );
    page.trim_start().to_owned()
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// An endpoint that answers with these bytes, shared and not copied.
pub(super) fn fixed(
    content_type: &'static str,
    body: String,
) -> impl IntoEndpoint<Endpoint = impl Endpoint<Output = Response> + 'static> {
    let body = bytes::Bytes::from(body);
    make_sync(move |_| {
        Response::builder()
            .content_type(content_type)
            .body(body.clone())
    })
}

pub(super) struct StartApi;

#[OpenApi]
impl StartApi {
    /// `/` leads to the page.
    #[oai(path = "/", method = "get", operation_id = "start", hidden)]
    async fn start(&self) -> Redirected {
        Redirected::Found("/docs".into())
    }
}

/// Somewhere else.
#[derive(ApiResponse)]
enum Redirected {
    /// Look there.
    #[oai(status = 302)]
    Found(#[oai(header = "Location")] String),
}
