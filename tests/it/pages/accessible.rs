//! Both pages as people have them: on a desktop and a phone, by day and by night. axe, which others
//! wrote, finds nothing, and nothing is wider than the screen.

use super::{url, with_table};
use crate::support::app::{TestApp, two_features};
use crate::support::browser::Browser;
use crate::support::database::{Engine, TestDatabase};
use logitd::config::KeyDigest;
use serde_json::Value;
use std::sync::OnceLock;

const WIDTHS: [u32; 2] = [1280, 390];
const SCHEMES: [&str; 2] = ["light", "dark"];
const INSTALL: &str = "install it with: tests/accessibility/install.sh";

/// axe, to be put before what asks it.
fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/target/accessibility/node_modules/axe-core/axe.min.js"
        );
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}; {INSTALL}"))
    })
}

/// What axe says of the page that is open, all of its rules, folded parts unfolded.
async fn found(browser: &Browser) -> Value {
    let script = format!(
        "{}\ndocument.querySelectorAll('details').forEach(one => one.open = true);\n\
         return axe.run(document).then(said => ({{passes: said.passes.length, \
         violations: said.violations.map(one => [one.id, one.help, one.nodes.map(node => node.html.slice(0, 200))])}}))",
        axe()
    );
    browser.execute(&script).await
}

/// Looks at a page in every way; gives how many of axe's rules applied to it.
async fn is_open_to_all(browser: &Browser, url: &str) -> u64 {
    let mut applied = 0;
    for width in WIDTHS {
        browser.be_wide(width).await;
        for scheme in SCHEMES {
            browser.prefer_colours(scheme).await;
            browser.goto(url).await;
            let said = found(browser).await;
            let place = format!("{url} at {width} pixels, {scheme}");
            assert_eq!(
                said["violations"],
                Value::Array(vec![]),
                "{place}: {said:#}"
            );
            applied = said["passes"].as_u64().unwrap();
            let over = browser
                .execute("return document.documentElement.scrollWidth - window.innerWidth")
                .await;
            assert!(
                over.as_i64().unwrap() <= 0,
                "{place} is {over} pixels too wide"
            );
            let ground = browser
                .execute("return getComputedStyle(document.body).backgroundColor")
                .await;
            assert_eq!(
                ground == "rgb(255, 255, 255)",
                scheme == "light",
                "{place}: {ground}"
            );
        }
    }
    applied
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_status_and_card() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = TestApp::with_breast_cancer(&database).await;
    let browser = Browser::start().await;
    for path in ["/", "/v1/models/1/card"] {
        let applied = is_open_to_all(&browser, &url(&app, path)).await;
        assert!(applied > 15, "{path}: {applied} rules");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_with_more_classes_intervals_and_long_names() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let long =
        "A_name_that_somebody_made_of_a_whole_sentence_without_a_single_space_in_it_".repeat(3);
    let names = ["wide", "kind", long.as_str()];
    let labels = ["first kind", long.as_str(), "third kind"];
    let training = "[training]\npenalties = [0.0, 1.0]\n";
    let config = with_table(&database, names, &labels, training).await;
    let app = TestApp::start(config).await;
    app.champion().await;
    let browser = Browser::start().await;
    let chosen = "/v1/models/1/card?class=third%20kind";
    for path in ["/", "/v1/models/1/card", chosen] {
        is_open_to_all(&browser, &url(&app, path)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_before_there_is_a_model_nor_without_a_key() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let digits = KeyDigest::of(b"the key").digits();
    let keys = format!("[{{ name = \"ann\", role = \"predict\", sha256 = \"{digits}\" }}]");
    let never = ("LOGITD_TRAINING__ON_START", "never");
    let browser = Browser::start().await;
    for settings in [&[never][..], &[never, ("LOGITD_AUTH__KEYS", &keys)]] {
        let app = TestApp::start(two_features(&database.url(), settings)).await;
        is_open_to_all(&browser, &url(&app, "/")).await;
    }
}

/// As a checker that says yes to everything would be of no use.
#[tokio::test(flavor = "multi_thread")]
async fn axe_is_asked_and_does_find_what_is_wrong() {
    let browser = Browser::start().await;
    let bare = "data:text/html,<img src=data:,><p style=color:%23eee;background:%23fff>faint</p>";
    browser.goto(bare).await;
    let said = found(&browser).await;
    let found = said["violations"].as_array().unwrap().iter();
    let found: Vec<&str> = found.map(|one| one[0].as_str().unwrap()).collect();
    for rule in ["image-alt", "color-contrast", "html-has-lang"] {
        assert!(found.contains(&rule), "{rule}: {found:?}");
    }
}
