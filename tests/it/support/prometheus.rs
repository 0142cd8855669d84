//! Prometheus itself, from the installed package: scrapes one service and answers queries.
//!
//! Shape: one a test, on a free port of loopback, with its data in a directory of its own; a
//! [`Watchdog`] ends both however the test process ends. It scrapes five times a second, so that a
//! test waits for seconds and not for minutes.

use super::client::Client;
use super::process::{Launch, Process};
use super::watchdog::{Watchdog, short_directory};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A running Prometheus.
#[derive(Debug)]
pub(crate) struct Prometheus {
    client: Client,
    /// Ended by its drop; the watchdog, dropped last, removes the directory.
    _process: Process,
    _watchdog: Watchdog,
}

impl Prometheus {
    /// Starts one that scrapes this address and keeps these rules.
    pub(crate) async fn scraping(target: SocketAddr, rules: &Path) -> Self {
        let directory = short_directory();
        let mut watchdog = Watchdog::over(&directory, &[]);
        let file = directory.join("prometheus.yaml");
        let configuration = format!(
            "global: {{scrape_interval: 200ms, evaluation_interval: 200ms}}\n\
             rule_files: ['{}']\n\
             scrape_configs: [{{job_name: logitd, static_configs: \
             [{{targets: ['{target}'], labels: {{namespace: here}}}}]}}]\n",
            rules.display()
        );
        std::fs::write(&file, configuration).unwrap();
        let started = Launch::tool("prometheus")
            .args(["--web.listen-address=127.0.0.1:0"])
            .args([&format!("--config.file={}", file.display())])
            .args([&format!(
                "--storage.tsdb.path={}",
                directory.join("data").display()
            )])
            .try_start();
        let mut process = started.unwrap_or_else(|error| {
            panic!("prometheus cannot be started ({error}): apt-get install prometheus")
        });
        watchdog.remember(process.id());
        let line = process.line_containing("Listening on", STARTS_WITHIN).await;
        let (_, address) = line.split_once("address=").unwrap();
        let address = address.split_whitespace().next().unwrap();
        let ready = "Server is ready to receive web requests";
        process.line_containing(ready, STARTS_WITHIN).await;
        Self {
            client: Client::new(address.parse().unwrap()),
            _process: process,
            _watchdog: watchdog,
        }
    }

    /// The series that a query gives now, or what Prometheus has against it.
    pub(crate) async fn query(&self, query: &str) -> Result<Vec<Value>, String> {
        let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
        let answer = self.api(&format!("query?query={query}")).await;
        if answer["status"] != "success" {
            return Err(answer["error"].to_string());
        }
        match &answer["data"]["result"] {
            Value::Array(series) if answer["data"]["resultType"] == "vector" => Ok(series.clone()),
            other => Err(format!("no vector: {other}")),
        }
    }

    /// The data of a call of its API, status and all.
    pub(crate) async fn api(&self, call: &str) -> Value {
        self.client.get(&format!("/api/v1/{call}")).await.json()
    }
}
