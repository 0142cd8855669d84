//! The page at `/docs`, as a person with a browser and no network sees it.

use crate::documents::cases::{hostile_names, members, operations};
use crate::support::app::{TestApp, config, two_features};
use crate::support::browser::Browser;
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use logitd::config::KeyDigest;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// Opens the page and waits until every operation of the served document is there.
async fn open_page(app: &TestApp) -> (Browser, Value) {
    let document = app.client.get("/openapi.json").await.json();
    let expected = operations(&document).len();
    let browser = Browser::start().await;
    browser.goto(&url(app, "/docs")).await;
    eventually(PATIENCE, "every operation on the page", async || {
        let count = browser
            .execute("return document.querySelectorAll('.opblock').length")
            .await;
        (count == expected).then_some(())
    })
    .await;
    (browser, document)
}

fn url(app: &TestApp, path: &str) -> String {
    format!("http://{}{path}", app.client.address())
}

/// Every URL that the page asked for, but what stands in the page itself and the browser's own
/// first page.
async fn asked_for(browser: &Browser) -> Vec<String> {
    let mut urls = browser.requested_urls().await;
    urls.retain(|url| {
        !["data:", "blob:", "chrome:"]
            .iter()
            .any(|own| url.starts_with(own))
    });
    urls
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_all_and_loads_nothing_from_elsewhere() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = TestApp::with_breast_cancer(&database).await;
    let (browser, _) = open_page(&app).await;
    let title = browser.execute("return document.title").await;
    assert_eq!(title, "logitd: breast-cancer");
    let groups = "return [...document.querySelectorAll('.opblock-tag')].map(e => e.dataset.tag)";
    let groups = browser.execute(groups).await;
    assert_eq!(
        groups,
        json!([
            "prediction",
            "models",
            "training",
            "deployments",
            "open-inference",
            "health",
            "errors"
        ])
    );
    // The path form of thirty features is a thousand characters long.
    let width = "return document.documentElement.scrollWidth - window.innerWidth";
    let over = browser.execute(width).await;
    assert!(over.as_i64().unwrap() <= 0, "{over} pixels too wide");
    let errors = browser
        .execute("return document.querySelectorAll('.errors-wrapper').length")
        .await;
    assert_eq!(errors, 0);
    assert_eq!(asked_for(&browser).await, [url(&app, "/docs")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn try_it_out_on_the_prediction_answers_200() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = TestApp::with_breast_cancer(&database).await;
    let (browser, document) = open_page(&app).await;
    browser
        .click("#operations-prediction-predict .opblock-summary")
        .await;
    browser
        .click("#operations-prediction-predict .try-out__btn")
        .await;
    browser
        .wait_for("#operations-prediction-predict textarea")
        .await;
    let shown = "return document.querySelector('#operations-prediction-predict textarea').value";
    let shown = browser.execute(shown).await;
    let example = &document["components"]["schemas"]["Instance"]["example"];
    let shown: Value = serde_json::from_str(shown.as_str().unwrap()).unwrap();
    let names = |value: &Value| members(value).map(|(name, _)| name.to_owned()).collect();
    let (shown, example): (Vec<String>, Vec<String>) = (names(&shown), names(example));
    assert_eq!(shown, example);
    browser
        .click("#operations-prediction-predict .execute")
        .await;
    let live = "#operations-prediction-predict .live-responses-table";
    let status = browser
        .wait_for(&format!("{live} tbody .response-col_status"))
        .await;
    assert_eq!(browser.text(&status).await.lines().next(), Some("200"));
    let answer = browser
        .wait_for(&format!("{live} tbody .highlight-code"))
        .await;
    let answer = browser.text(&answer).await;
    assert!(answer.contains("\"probabilities\""), "{answer}");
    for asked in asked_for(&browser).await {
        assert!(asked.starts_with(&url(&app, "/")), "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_can_be_tried_as_it_stands() {
    const CALL: &str = "#operations-prediction-predict_csv";
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = TestApp::with_breast_cancer(&database).await;
    let (browser, _) = open_page(&app).await;
    for step in [".opblock-summary", ".try-out__btn", ".execute"] {
        browser.wait_for(&format!("{CALL} {step}")).await;
        browser.click(&format!("{CALL} {step}")).await;
    }
    let live = format!("{CALL} .live-responses-table tbody");
    let status = browser
        .wait_for(&format!("{live} .response-col_status"))
        .await;
    assert_eq!(browser.text(&status).await.lines().next(), Some("200"));
    let answer = browser.wait_for(&format!("{live} .highlight-code")).await;
    let answer = browser.text(&answer).await;
    assert!(answer.contains("label,probability_benign"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_entered_once() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let digits = KeyDigest::of(b"the key").digits();
    let keys = format!("[{{ name = \"ann\", role = \"predict\", sha256 = \"{digits}\" }}]");
    let config = two_features(&database.url(), &[("LOGITD_AUTH__KEYS", &keys)]);
    let app = TestApp::start(config).await;
    let (browser, _) = open_page(&app).await;
    let list = "#operations-models-list_models";
    let status = async || {
        browser.click(&format!("{list} .opblock-summary")).await;
        browser.click(&format!("{list} .try-out__btn")).await;
        browser.click(&format!("{list} .execute")).await;
        let shown = format!("{list} .live-responses-table tbody .response-col_status");
        let shown = browser.wait_for(&shown).await;
        let shown = browser.text(&shown).await;
        shown.lines().next().map(str::to_owned)
    };
    assert_eq!(status().await.as_deref(), Some("401"));
    browser.click(".auth-wrapper .authorize").await;
    let input = browser.wait_for(".auth-container input").await;
    browser.write(&input, "the key").await;
    browser.click(".auth-container .authorize").await;
    browser
        .wait_for(".auth-container button[aria-label='Remove authorization']")
        .await;
    // The page is opened anew: the key is still there.
    browser.goto(&url(&app, "/docs")).await;
    browser.wait_for(".auth-wrapper .authorize.locked").await;
    assert_eq!(status().await.as_deref(), Some("200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_word_can_be_read_by_day_and_by_night() {
    const CALL: &str = "#operations-prediction-predict_csv";
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = TestApp::with_breast_cancer(&database).await;
    let (browser, _) = open_page(&app).await;
    for step in [".opblock-summary", ".try-out__btn", ".execute"] {
        browser.wait_for(&format!("{CALL} {step}")).await;
        browser.click(&format!("{CALL} {step}")).await;
    }
    let live = format!("{CALL} .live-responses-table tbody .highlight-code");
    browser.wait_for(&live).await;
    for (call, shown) in [
        ("#operations-models-get_champion", "table.headers"),
        ("#operations-prediction-predict_from_query", ".parameters"),
    ] {
        browser.click(&format!("{call} .opblock-summary")).await;
        browser.wait_for(&format!("{call} {shown}")).await;
    }
    let mut grounds = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer_colours(scheme).await;
        let seen = browser.execute(include_str!("page/contrast.js")).await;
        assert!(
            seen["looked_at"].as_u64().unwrap() > 300,
            "{scheme}: {seen}"
        );
        grounds.push(seen["ground"].as_f64().unwrap());
    }
    assert!(grounds[0] > 0.9 && grounds[1] < 0.05, "{grounds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_no_one_would_choose_are_shown_as_they_are() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = TestApp::start(hostile_names(&database.url())).await;
    let (browser, _) = open_page(&app).await;
    browser
        .click("#operations-prediction-predict .opblock-summary")
        .await;
    let example = browser
        .wait_for("#operations-prediction-predict .opblock-body pre")
        .await;
    let example = browser.text(&example).await;
    assert!(example.contains("</script>"), "{example}");
    assert_eq!(asked_for(&browser).await, [url(&app, "/docs")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_a_name_stays_text() {
    const NAME: &str = "</script><img src=x onerror=alert(1)>";
    let database = TestDatabase::new(Engine::Sqlite).await;
    let image = "![x](http://elsewhere.example/x.png)";
    let feature = format!(
        "[[dataset.features]]\nname = \"{NAME}\"\ndescription = \"{NAME}{image}\"\nunit = \"{NAME}\"\n"
    );
    let text = format!("[dataset]\ntable = \"{NAME}\"\ntarget = \"class\"\n{feature}");
    let app = TestApp::start(config(&text, &database.url(), &[])).await;
    let (browser, _) = open_page(&app).await;
    // An alert would make every further command fail.
    browser
        .click("#operations-prediction-predict .opblock-summary")
        .await;
    browser
        .click("#operations-prediction-predict_from_query .opblock-summary")
        .await;
    let query = "#operations-prediction-predict_from_query";
    let parameter = browser.wait_for(&format!("{query} .parameter__name")).await;
    let parameter = browser.text(&parameter).await;
    assert!(parameter.contains(NAME), "{parameter}");
    let images = "return document.querySelectorAll('img, [onerror]').length";
    assert_eq!(browser.execute(images).await, 0);
    assert_eq!(asked_for(&browser).await, [url(&app, "/docs")]);
}
