//! Swagger UI with nothing loaded from outside, and the document in its two forms.
//!
//! The page is built once, when somebody first asks for it, and kept: it is three megabytes that most
//! processes never show. The finished document stands in it in place of an empty one of poem-openapi's.
//! Names and words in it are anybody's, so it goes in as a string that JavaScript parses: no text in it
//! can close the script it stands in, and a feature called `__proto__` is a name like another.
//!
//! Turned down: replacing in the whole page (a description may say `<head>` too), the document as a
//! JavaScript literal (where `__proto__` means something else than in JSON), and building it for every
//! request (many at once would take three megabytes each).

use super::instance_payload::CSV;
use super::openapi::Document;
use super::pages::{by_hash, harmless};
use bytes::Bytes;
use poem::http::HeaderValue;
use poem::{Endpoint, IntoEndpoint, Response, endpoint::make_sync};
use poem_openapi::OpenApiService;
use serde_json::Value;
use std::sync::OnceLock;

/// What Swagger UI lacks in its head. The empty icon keeps browsers from asking for one.
const HEAD: &str = "<head>
    <meta name=\"viewport\" content=\"width=device-width\">
    <meta name=\"color-scheme\" content=\"light dark\">
    <link rel=\"icon\" href=\"data:,\">";

/// Lets nothing in at all.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'");

/// Behind Swagger UI's own style: what is hard to read in it, and how it looks in the dark.
const STYLE: &str = concat!(include_str!("docs_page.css"), "</style>");

/// Among what Swagger UI is started with.
const OPTIONS: &str = "deepLinking: true,";
const OWN_OPTIONS: &str = "deepLinking: true,
        persistAuthorization: true,
        displayRequestDuration: true,
        defaultModelsExpandDepth: 0,";

/// The page for a document, which is JSON.
fn page(document: &str, model: &str) -> String {
    let empty = OpenApiService::new((), "", "");
    let (raw_page, raw_document) = (empty.swagger_ui_html(), empty.spec());
    let (before, after) = raw_page
        .split_once(&raw_document)
        .unwrap_or((&raw_page, ""));
    let title = format!("<title>logitd: {}</title>", escape_html(model));
    let before = before
        .replacen("<title>Swagger UI</title>", &title, 1)
        .replacen(
            "<html charset=\"UTF-8\">",
            "<!doctype html>\n<html lang=\"en\">",
            1,
        )
        .replacen("<head>", HEAD, 1)
        .replacen("</style>", STYLE, 1);
    let document = as_script(document);
    // A key is entered once: the browser keeps it for this address until it is logged out. The schemas
    // stand folded below the calls.
    let after = after.replacen(OPTIONS, OWN_OPTIONS, 1);
    format!("{}{document}{after}", before.trim_start())
}

/// A file's body has no example on the page, only a button that asks for a file. A CSV is taken as
/// `text/csv` just as well: shown as that, it is a text that can be tried as it stands.
fn with_text_to_edit(document: &Value) -> Value {
    let mut shown = document.clone();
    let content = shown.pointer_mut("/paths/~1v1~1predict~1csv/post/requestBody/content");
    if let Some(Value::Object(content)) = content
        && let Some(mut file) = content.shift_remove("application/octet-stream")
    {
        file["schema"] = serde_json::json!({"type": "string"});
        content.insert(CSV.to_owned(), file);
    }
    shown
}

/// An expression that gives the document, with nothing in it that HTML would read.
fn as_script(json: &str) -> String {
    let literal = Value::from(json).to_string().replace('<', "\\u003c");
    format!("JSON.parse({literal})")
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The page with its policy, as it is shown.
struct Shown {
    page: Bytes,
    policy: HeaderValue,
}

impl Shown {
    fn new(page: String) -> Self {
        Self {
            policy: HeaderValue::from_str(&policy(&page)).unwrap_or(NOTHING),
            page: Bytes::from(page),
        }
    }
}

/// The page with its policy: it runs its own scripts and loads nothing but answers of the service
/// itself, whatever a description says.
pub(super) fn guarded(
    document: &Document,
    model: &str,
) -> impl IntoEndpoint<Endpoint = impl Endpoint<Output = Response> + 'static> {
    let (document, model) = (
        with_text_to_edit(&document.value).to_string(),
        model.to_owned(),
    );
    let shown = OnceLock::new();
    make_sync(move |_| {
        let Shown { page, policy } = shown.get_or_init(|| Shown::new(page(&document, &model)));
        let page = Response::builder()
            .content_type("text/html; charset=utf-8")
            .body(page.clone());
        harmless(page, policy)
    })
}

/// Swagger UI draws by styles that it sets itself; its scripts are known by their hashes.
fn policy(page: &str) -> String {
    let scripts: Vec<String> = scripts(page).map(by_hash).collect();
    format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        scripts.join(" ")
    )
}

/// What stands between the tags of every script, as a browser reads them.
fn scripts(page: &str) -> impl Iterator<Item = &str> {
    let mut rest = page;
    std::iter::from_fn(move || {
        let (_, tag) = rest.split_once("<script")?;
        let (_, from) = tag.split_once('>')?;
        let (script, after) = from.split_once("</script>")?;
        rest = after;
        Some(script)
    })
}

/// An endpoint that answers with these bytes, shared and not copied.
pub(super) fn fixed(
    content_type: &'static str,
    body: String,
) -> impl IntoEndpoint<Endpoint = impl Endpoint<Output = Response> + 'static> {
    let body = Bytes::from(body);
    make_sync(move |_| {
        Response::builder()
            .content_type(content_type)
            .body(body.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_known_by_what_stands_between_its_tags() {
        let page = "<head><script a=\"b\">let a = '<script>';</script><p>x</p><script>\n</script>";
        let found: Vec<_> = scripts(page).collect();
        assert_eq!(found, ["let a = '<script>';", "\n"]);
        // printf '' | openssl dgst -sha256 -binary | base64
        assert!(
            policy("<script></script>")
                .contains("script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';")
        );
    }
}
