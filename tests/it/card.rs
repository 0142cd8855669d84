//! The card of a version: what it tells, that its curves are the field's, and how it looks as a page.

mod curves;
mod page;
mod plotted;
mod told;

use crate::support::app::TestApp;
use crate::support::client::Answer;

/// What a browser sends.
const BROWSER: (&str, &str) = (
    "accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
);

/// A page as a browser asks for it.
async fn page_of(app: &TestApp, path: &str) -> Answer {
    let answer = app.client.request("GET", path, &[BROWSER], "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    answer
}
