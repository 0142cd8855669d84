//! `[http]`: the address, and how much of the process one client may use for how long.

use std::net::SocketAddr;

use super::fault::{ConfigFault, Place};
use super::field::Field;
use super::http_tls::HttpTls;
use super::section::Section;
use super::typed::{DAY_MS, DAY_SECONDS};
use super::writer::SectionWriter;

pub(super) const SECTION: &str = "http";

/// One gibibyte: a body is held in memory.
const LARGEST_BODY_BYTES: u64 = 1 << 30;
const MILLION: u64 = 1_000_000;

pub(super) const FIELDS: &[Field] = &[
    Field::with_default(
        "listen",
        "\"127.0.0.1:8080\"",
        "address and port to listen on",
    ),
    Field::with_default("insecure", "false", "true: serve off loopback without keys"),
    Field::with_default(
        "header_read_timeout_ms",
        "5000",
        "how long a request's head may take",
    ),
    Field::with_default(
        "body_read_timeout_ms",
        "5000",
        "how long a request's body may take",
    ),
    Field::with_default(
        "write_timeout_ms",
        "10000",
        "how long a client may take to take an answer; then its connection is closed",
    ),
    Field::with_default(
        "cors_origins",
        "[]",
        "origins whose pages may call, as browsers send them (`\"https://app.example\"`); `\"*\"`: every one",
    ),
    Field::with_default(
        "request_timeout_ms",
        "5000",
        "how long an answer may take; then 504 `timeout`",
    ),
    Field::with_default(
        "max_body_bytes",
        "4194304",
        "larger bodies: 413 `payload_too_large`",
    ),
    Field::with_default("max_instances", "10000", "instances in one batch at most"),
    Field::with_default(
        "drain_seconds",
        "5",
        "after SIGTERM: not ready but still answering; SIGINT skips it",
    ),
    Field::with_default(
        "shutdown_seconds",
        "20",
        "after the drain: time for requests in flight and a training run; then the end",
    ),
    Field::with_default(
        "max_connections",
        "4096",
        "past it the longest-idle connection is closed",
    ),
    Field::with_default(
        "max_in_flight",
        "1024",
        "past it 503 `overloaded` with Retry-After",
    ),
];

/// The address and the limits of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether an address off loopback may be served without keys.
    pub insecure: bool,
    /// How long a request's head may take, in milliseconds.
    pub header_read_timeout_ms: u64,
    /// How long a request's body may take, in milliseconds.
    pub body_read_timeout_ms: u64,
    /// How long a client may take to take an answer, in milliseconds.
    pub write_timeout_ms: u64,
    /// The origins whose pages may call; `*` is every one.
    pub cors_origins: Vec<String>,
    /// How long an answer may take, in milliseconds.
    pub request_timeout_ms: u64,
    /// The largest body, in bytes.
    pub max_body_bytes: usize,
    /// Instances in one batch at most.
    pub max_instances: usize,
    /// How long to answer on while not ready, in seconds; 0: no drain.
    pub drain_seconds: u64,
    /// How long requests and a run may go on after the drain, in seconds.
    pub shutdown_seconds: u64,
    /// Open connections at most.
    pub max_connections: usize,
    /// Requests at work at most.
    pub max_in_flight: usize,
    /// The certificate to show; absent, it is plain HTTP.
    pub tls: Option<HttpTls>,
}

impl Http {
    /// Whether the address may be served as it stands; `keys` says whether a caller needs one. A
    /// file that says `0.0.0.0` is right for every command but `serve`, so this is asked at the
    /// start and not while reading.
    ///
    /// # Errors
    /// The address is not loopback, there are no keys and `insecure` is not set.
    pub fn check_exposure(&self, keys: bool) -> Result<(), ConfigFault> {
        if keys || self.insecure || self.listen.ip().to_canonical().is_loopback() {
            return Ok(());
        }
        let detail = format!(
            "{} is reachable from other machines and every caller would be let in: give [auth] \
             keys (logitd key new makes one), listen on 127.0.0.1, or set insecure = true \
             (LOGITD_HTTP__INSECURE=true) where a network policy or a proxy decides who may call",
            self.listen
        );
        let (section, field) = (SECTION.to_owned(), "listen".to_owned());
        Err(ConfigFault {
            place: Place::Nowhere,
            section,
            field,
            detail,
        })
    }
}

/// All but what stands in a section of its own.
pub(super) fn read(section: &mut Section<'_>) -> Option<Http> {
    let listen = read_listen(section);
    let insecure = section.boolean("insecure");
    let header_read_timeout_ms = section.integer("header_read_timeout_ms", 1..=DAY_MS);
    let body_read_timeout_ms = section.integer("body_read_timeout_ms", 1..=DAY_MS);
    let write_timeout_ms = section.integer("write_timeout_ms", 1..=DAY_MS);
    let cors_origins = read_origins(section);
    let request_timeout_ms = section.integer("request_timeout_ms", 1..=DAY_MS);
    let max_body_bytes = section.integer("max_body_bytes", 1..=LARGEST_BODY_BYTES);
    let max_instances = section.integer("max_instances", 1..=MILLION);
    let drain_seconds = section.integer("drain_seconds", 0..=DAY_SECONDS);
    let shutdown_seconds = section.integer("shutdown_seconds", 1..=DAY_SECONDS);
    let max_connections = section.integer("max_connections", 1..=MILLION);
    let max_in_flight = section.integer("max_in_flight", 1..=MILLION);
    Some(Http {
        listen: listen?,
        insecure: insecure?,
        header_read_timeout_ms: header_read_timeout_ms?,
        body_read_timeout_ms: body_read_timeout_ms?,
        write_timeout_ms: write_timeout_ms?,
        cors_origins: cors_origins?,
        request_timeout_ms: request_timeout_ms?,
        max_body_bytes: max_body_bytes?,
        max_instances: max_instances?,
        drain_seconds: drain_seconds?,
        shutdown_seconds: shutdown_seconds?,
        max_connections: max_connections?,
        max_in_flight: max_in_flight?,
        tls: None,
    })
}

fn read_listen(section: &mut Section<'_>) -> Option<SocketAddr> {
    let listen = section.text("listen")?;
    let address = listen.parse().ok();
    if address.is_none() {
        let rule = "must be an address and a port like \"127.0.0.1:8080\" or \"[::1]:8080\"";
        section.refuse_shown("listen", rule, &listen);
    }
    address
}

fn read_origins(section: &mut Section<'_>) -> Option<Vec<String>> {
    let origins = section.texts("cors_origins")?;
    if let Some(wrong) = origins.iter().find(|origin| !is_origin(origin)) {
        let rule = "must be origins like \"https://app.example\" or \"http://localhost:3000\", without \
                    a path, or \"*\"";
        section.refuse_shown("cors_origins", rule, wrong);
        return None;
    }
    Some(origins)
}

/// Whether a browser could send it as `Origin`: lower case, no path, no slash at the end.
fn is_origin(text: &str) -> bool {
    let authority = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._:[]".contains(&byte);
    text == "*" || authority.is_some_and(|name| !name.is_empty() && name.bytes().all(fits))
}

pub(super) fn write(http: &Http, out: &mut SectionWriter<'_>) {
    out.text("listen", &http.listen.to_string());
    out.boolean("insecure", http.insecure);
    out.integer("header_read_timeout_ms", http.header_read_timeout_ms);
    out.integer("body_read_timeout_ms", http.body_read_timeout_ms);
    out.integer("write_timeout_ms", http.write_timeout_ms);
    out.texts("cors_origins", &http.cors_origins);
    out.integer("request_timeout_ms", http.request_timeout_ms);
    out.integer("max_body_bytes", http.max_body_bytes as u64);
    out.integer("max_instances", http.max_instances as u64);
    out.integer("drain_seconds", http.drain_seconds);
    out.integer("shutdown_seconds", http.shutdown_seconds);
    out.integer("max_connections", http.max_connections as u64);
    out.integer("max_in_flight", http.max_in_flight as u64);
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Environment};

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for (origin, taken) in [
            ("*", true),
            ("https://app.example", true),
            ("http://localhost:3000", true),
            ("http://[::1]:3000", true),
            ("https://app.example/", false),
            ("https://App.example", false),
            ("app.example", false),
            ("https://", false),
            ("null", false),
            ("https://a\r\nx: y", false),
        ] {
            assert_eq!(super::is_origin(origin), taken, "{origin}");
        }
    }

    #[test]
    fn off_loopback_needs_keys_or_insecure() {
        let smallest = "dataset = {table = 't', target = 'c', features = [{name = 'f'}]}";
        for (listen, insecure, allowed) in [
            ("127.0.0.1:0", "false", true),
            ("127.9.9.9:1", "false", true),
            ("[::1]:1", "false", true),
            ("[::ffff:127.0.0.1]:1", "false", true),
            ("0.0.0.0:1", "false", false),
            ("[::]:1", "false", false),
            ("10.0.0.1:1", "false", false),
            ("0.0.0.0:1", "true", true),
        ] {
            let pairs = [
                ("LOGITD_HTTP__LISTEN", listen),
                ("LOGITD_HTTP__INSECURE", insecure),
            ];
            let environment = Environment::from_pairs(pairs);
            let http = Config::parse(smallest, "logitd.toml", &environment)
                .unwrap()
                .http;
            assert!(http.check_exposure(true).is_ok(), "{listen}");
            let refused = http
                .check_exposure(false)
                .err()
                .map(|fault| fault.to_string());
            assert_eq!(refused.is_none(), allowed, "{listen}");
            let start = format!("[http] listen: {listen} is reachable from other machines");
            assert!(
                refused.is_none_or(|told| told.starts_with(&start)),
                "{listen}"
            );
        }
    }
}
