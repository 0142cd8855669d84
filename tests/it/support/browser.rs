//! Headless Chromium, driven through the WebDriver protocol by the tests' own HTTP client.
//!
//! Shape: one `chromedriver` and one session a [`Browser`], with a profile of its own that is
//! gone afterwards; the driver's performance log tells which URLs a page asked for. Every name
//! but 127.0.0.1 resolves to nothing, so a page that needs the network fails here as well.
//! Turned down: a WebDriver crate (a tree of dependencies for ten calls).

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use super::client::Client;
use super::eventually::eventually;
use super::process::{Launch, Process};
use super::watchdog::{Watchdog, short_directory};

const INSTALL: &str =
    "if Chromium is missing, install it: apt-get install chromium chromium-driver";

const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

/// The name under which WebDriver hands out an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one empty page.
#[derive(Debug)]
pub(crate) struct Browser {
    session: String,
    client: Client,
    requested: Mutex<Vec<String>>,
    // Dropped in this order: the watchdog ends Chromium and removes its profile.
    _driver: Process,
    _watchdog: Watchdog,
}

impl Browser {
    /// Starts driver and browser; panics with the line that installs them if one is missing.
    pub(crate) async fn start() -> Self {
        let profile = short_directory();
        let mut watchdog = Watchdog::over(&profile, &[]);
        let driver = Launch::tool("chromedriver").args(["--port=0"]);
        // All that driver and browser write stays in the directory that goes.
        let driver = driver.env("HOME", &profile).env("TMPDIR", &profile);
        let mut driver = driver
            .try_start()
            .unwrap_or_else(|error| panic!("{error}; {INSTALL}"));
        watchdog.remember(driver.id());
        let line = driver
            .line_containing("successfully on port", Duration::from_secs(30))
            .await;
        let digits: String = line.chars().filter(char::is_ascii_digit).collect();
        let port: u16 = digits
            .parse()
            .unwrap_or_else(|_| panic!("no port in {line:?}"));
        let client = Client::new(([127, 0, 0, 1], port).into());

        let opened = call(&client, "POST", "/session", &capabilities(&profile)).await;
        let opened = opened.unwrap_or_else(|fault| panic!("{fault}; {INSTALL}"));
        // Chromium outlives a driver that is killed: the watchdog has to know it.
        let browser = opened["capabilities"]["goog:processID"].as_u64();
        let browser = browser.and_then(|id| u32::try_from(id).ok());
        watchdog.remember(browser.expect("the driver tells the browser's process id"));
        let id = opened["sessionId"].as_str().expect("a session id");
        let session = format!("/session/{id}");
        let requested = Mutex::new(Vec::new());
        Self {
            session,
            client,
            requested,
            _driver: driver,
            _watchdog: watchdog,
        }
    }

    async fn command(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        call(
            &self.client,
            method,
            &format!("{}{path}", self.session),
            body,
        )
        .await
    }

    /// Opens `url` and waits until the page has loaded.
    pub(crate) async fn goto(&self, url: &str) {
        let opened = self.command("POST", "/url", &json!({ "url": url })).await;
        opened.unwrap_or_else(|fault| panic!("open {url}: {fault}"));
    }

    /// From now on pages are asked for this colour scheme: `light` or `dark`.
    pub(crate) async fn prefer_colours(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        let features = json!({ "features": [feature] });
        self.emulate("Emulation.setEmulatedMedia", features).await;
    }

    /// From now on pages are so many pixels wide: 1280 is a desktop, 390 a phone.
    pub(crate) async fn be_wide(&self, pixels: u32) {
        let phone = pixels < 600;
        let screen =
            json!({ "width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": phone });
        self.emulate("Emulation.setDeviceMetricsOverride", screen)
            .await;
    }

    /// Tells Chromium by its own protocol what to seem to be.
    async fn emulate(&self, what: &str, params: Value) {
        let body = json!({ "cmd": what, "params": params });
        let set = self.command("POST", "/goog/cdp/execute", &body).await;
        set.unwrap_or_else(|fault| panic!("{what}: {fault}"));
    }

    /// Runs the body of a function in the page and gives what it returns.
    pub(crate) async fn execute(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        let returned = self.command("POST", "/execute/sync", &body).await;
        returned.unwrap_or_else(|fault| panic!("run {script:?}: {fault}"))
    }

    /// The first element that `css` selects, for the other calls; none if there is none.
    pub(crate) async fn find(&self, css: &str) -> Option<Element> {
        let body = json!({ "using": "css selector", "value": css });
        let found = self.command("POST", "/element", &body).await.ok()?;
        Some(Element(found[ELEMENT].as_str()?.to_owned()))
    }

    /// Waits for an element that `css` selects.
    pub(crate) async fn wait_for(&self, css: &str) -> Element {
        let deadline = Duration::from_secs(30);
        eventually(deadline, &format!("{css:?} in the page"), async || {
            self.find(css).await
        })
        .await
    }

    /// Waits for an element that can be clicked, and clicks it.
    pub(crate) async fn click(&self, css: &str) {
        let deadline = Duration::from_secs(30);
        eventually(deadline, &format!("a click on {css:?}"), async || {
            let Element(id) = self.find(css).await?;
            self.command("POST", &format!("/element/{id}/click"), &json!({}))
                .await
                .ok()
        })
        .await;
    }

    /// The text of an element as a person sees it.
    pub(crate) async fn text(&self, element: &Element) -> String {
        let path = format!("/element/{}/text", element.0);
        let text = self
            .command("GET", &path, &Value::Null)
            .await
            .expect("the element's text");
        text.as_str().expect("text").to_owned()
    }

    /// Replaces what stands in an input with `text`.
    pub(crate) async fn write(&self, element: &Element, text: &str) {
        let path = format!("/element/{}", element.0);
        let cleared = self
            .command("POST", &format!("{path}/clear"), &json!({}))
            .await;
        cleared.expect("clear the input");
        let written = self
            .command("POST", &format!("{path}/value"), &json!({ "text": text }))
            .await;
        written.expect("write into the input");
    }

    /// Every URL that pages asked for since the start, `data:` ones too.
    pub(crate) async fn requested_urls(&self) -> Vec<String> {
        // The driver hands each entry out once, so they are kept here.
        let body = json!({ "type": "performance" });
        let log = self
            .command("POST", "/se/log", &body)
            .await
            .expect("the performance log");
        let entries = log.as_array().expect("a list of entries").iter();
        let urls = entries.filter_map(|entry| requested_url(entry["message"].as_str()?));
        let mut requested = self.requested.lock().expect("no probe has panicked");
        requested.extend(urls);
        requested.clone()
    }

    /// Writes a picture of the page as PNG.
    pub(crate) async fn screenshot(&self, path: &Path) {
        let picture = self.command("GET", "/screenshot", &Value::Null).await;
        let picture = picture.expect("a screenshot");
        let bytes = base64(picture.as_str().expect("base64"));
        std::fs::write(path, bytes).expect("write the screenshot");
    }
}

/// An element of the page, until the page changes.
#[derive(Clone, Debug)]
pub(crate) struct Element(String);

fn capabilities(profile: &Path) -> Value {
    let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
    arguments.push(format!(
        "--user-data-dir={}",
        profile.join("profile").display()
    ));
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": { "args": arguments },
        "goog:loggingPrefs": { "performance": "ALL" },
    } } })
}

/// One WebDriver call; the error is the driver's own words.
async fn call(client: &Client, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let body = if method == "GET" {
        String::new()
    } else {
        body.to_string()
    };
    let headers = [("content-type", "application/json")];
    let answer = client
        .try_request(method, path, &headers, body.into())
        .await?;
    let mut said = answer.json();
    if answer.status == 200 {
        return Ok(said["value"].take());
    }
    Err(format!(
        "{}: {}",
        said["value"]["error"], said["value"]["message"]
    ))
}

/// The URL of a `Network.requestWillBeSent` entry; none of any other.
fn requested_url(message: &str) -> Option<String> {
    let entry: Value = serde_json::from_str(message).ok()?;
    let event = &entry["message"];
    (event["method"] == "Network.requestWillBeSent").then_some(())?;
    event["params"]["request"]["url"]
        .as_str()
        .map(str::to_owned)
}

/// Standard base64 (RFC 4648), which is how a picture comes.
fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: &u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let digits: Vec<u8> = text.as_bytes().iter().filter_map(digit).collect();
    let bytes = digits.chunks(4).flat_map(|group| {
        let bits = group
            .iter()
            .fold(0_u32, |bits, digit| bits << 6 | u32::from(*digit));
        let bits = bits << (6 * (4 - group.len()));
        bits.to_be_bytes().into_iter().skip(1).take(group.len() - 1)
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const PAGE: &str = "<title>A page</title><link rel=icon href=data:,><input id=name>\
        <button onclick=\"fetch('/asked').then(() => document.title = 'Asked')\">Ask</button>\
        <p>words</p><script src=http://elsewhere.example/x.js></script>";

    /// Serves [`PAGE`] at every path.
    async fn serving_a_page() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 4096]).await;
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close";
                    let _ = stream
                        .write_all(format!("{head}\r\n\r\n{PAGE}").as_bytes())
                        .await;
                });
            }
        });
        format!("http://{address}")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_page_is_opened_clicked_and_watched() {
        let (browser, url) = (Browser::start().await, serving_a_page().await);
        browser.goto(&format!("{url}/")).await;
        assert_eq!(browser.execute("return document.title").await, "A page");
        let words = browser.wait_for("p").await;
        assert_eq!(browser.text(&words).await, "words");
        let input = browser.wait_for("#name").await;
        browser.write(&input, "Ada").await;
        assert_eq!(
            browser
                .execute("return document.querySelector('input').value")
                .await,
            "Ada"
        );
        assert!(browser.find("#missing").await.is_none());

        browser.click("button").await;
        eventually(
            Duration::from_secs(20),
            "the page's own request",
            async || {
                let title = browser.execute("return document.title").await;
                (title == "Asked").then_some(())
            },
        )
        .await;
        let urls = browser.requested_urls().await;
        for expected in [&format!("{url}/"), &format!("{url}/asked")] {
            assert!(urls.contains(expected), "{expected} is not among {urls:?}");
        }
        assert!(
            urls.iter()
                .any(|url| url == "http://elsewhere.example/x.js"),
            "{urls:?}"
        );
        assert_eq!(browser.requested_urls().await.len(), urls.len());

        let picture = tempfile::tempdir().unwrap().path().with_extension("png");
        browser.screenshot(&picture).await;
        let bytes = std::fs::read(&picture).unwrap();
        std::fs::remove_file(picture).unwrap();
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.ends_with(b"IEND\xaeB`\x82"));
    }

    #[test]
    fn base64_follows_the_standard() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(base64(text), bytes.as_bytes());
        }
    }
}
