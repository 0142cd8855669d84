//! Markup as the name of a table, a column, a class or a key, and as somebody's reason: it stays text
//! on every page, and nothing runs or loads.

use super::{url, with_table};
use crate::support::app::TestApp;
use crate::support::browser::Browser;
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use std::time::Duration;

const NAME: &str = "</script><img src=x onerror=alert(1)>";
const OTHER: &str = "\"'><svg onload=alert(2)></title></style><script>alert(3)</script>";
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens one of our own pages; an alert would make every further command fail. Nothing that a name
/// brought along is an element, and the name is there to be read.
async fn stays_text(browser: &Browser, app: &TestApp, path: &str, names: &[&str]) {
    browser.goto(&url(app, path)).await;
    let seen = browser
        .execute(
            "return [document.querySelectorAll('script, img, iframe, object, embed, form, [onerror], [onload]').length, \
             document.querySelectorAll('style').length, document.body.innerText, document.title]",
        )
        .await;
    assert_eq!((&seen[0], &seen[1]), (&json!(0), &json!(1)), "{path}");
    for name in names {
        assert!(
            seen[2].as_str().unwrap().contains(name),
            "{path}: {name} is not shown: {seen}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_all_kinds_do_no_harm_on_any_page() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let names = [NAME, NAME, NAME];
    let config = with_table(&database, names, &[NAME, OTHER, "plain"], "").await;
    let app = TestApp::start(config).await;
    app.champion().await;
    let reason = json!({"reason": OTHER});
    let promoted = app.client.post_json("/v1/models/1/promote", &reason).await;
    assert_eq!(promoted.status, 200, "{}", promoted.text());
    let browser = Browser::start().await;
    stays_text(&browser, &app, "/", &[OTHER, NAME]).await;
    stays_text(&browser, &app, "/v1/models/1/card", &[NAME, OTHER]).await;
    for class in [NAME, OTHER] {
        let class = utf8_percent_encode(class, NON_ALPHANUMERIC);
        let path = format!("/v1/models/1/card?class={class}");
        stays_text(&browser, &app, &path, &[NAME, OTHER]).await;
    }

    // The page of the API is made by scripts, which are its own.
    browser.goto(&url(&app, "/docs")).await;
    let drawn = async || {
        let count = "return document.querySelectorAll('.opblock').length";
        (browser.execute(count).await.as_u64() > Some(10)).then_some(())
    };
    eventually(PATIENCE, "the calls on the page", drawn).await;
    for call in ["prediction-predict", "models-get_model_card"] {
        browser
            .click(&format!("#operations-{call} .opblock-summary"))
            .await;
        browser
            .wait_for(&format!("#operations-{call} .opblock-body pre"))
            .await;
    }
    let brought = "return document.querySelectorAll('img, [onerror], [onload]').length";
    assert_eq!(browser.execute(brought).await, 0);

    let mut asked = browser.requested_urls().await;
    asked.retain(|url| {
        !["data:", "blob:", "chrome:"]
            .iter()
            .any(|own| url.starts_with(own))
    });
    for asked in asked {
        let path = asked
            .strip_prefix(&url(&app, ""))
            .unwrap_or_else(|| panic!("{asked}"));
        assert!(
            path == "/" || path == "/docs" || path.starts_with("/v1/models/1/card"),
            "{asked}"
        );
    }
}
