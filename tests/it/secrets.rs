//! Secrets planted wherever one can be given, and looked for wherever something comes out: the log at its
//! most talkative, answers, pages, metrics, what is exported, what is stored, what commands print.

use crate::support::app::{PATIENCE, example};
use crate::support::client::{Answer, Client};
use crate::support::collector::{Collector, Manner};
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::eventually::eventually;
use crate::support::postgres::Cluster;
use crate::support::process::{Launch, Process};
use crate::support::rows::load_two_features;
use logitd::config::KeyDigest;
use std::path::Path;
use tempfile::TempDir;

/// In every planted secret and nowhere else.
const PLANTED: &str = "planted-";
const PASSWORD: &str = "planted-password-03bd";
const COLLECTOR: &str = "planted-collector-71aa";
const RIGHT: &str = "planted-right-key-4f1c";
const WRONG: &str = "planted-wrong-key-9a7e";
/// As a browser sends the two: user and password in base64.
const BASIC: [&str; 2] = [
    "OnBsYW50ZWQtcmlnaHQta2V5LTRmMWM=",
    "OnBsYW50ZWQtd3Jvbmcta2V5LTlhN2U=",
];

fn assert_untold(place: &str, told: &str) {
    for secret in [&[PLANTED][..], &BASIC[..]].concat() {
        let found = told.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{place} tells {secret}");
    }
}

fn check(answer: &Answer, path: &str) {
    let headers = format!("{:?}", answer.headers);
    assert_untold(path, &headers);
    assert_untold(path, answer.text());
}

/// A folder with a configuration and, in files, what it must not tell.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
        let digits = KeyDigest::of(RIGHT.as_bytes()).digits();
        let key = format!("{{ name = 'ours', role = 'operate', sha256 = '{digits}' }}");
        write("logitd.toml", &example("two-features")).unwrap();
        write("url", url).unwrap();
        write("keys.toml", &format!("keys = [{key}]\n")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn launch(&self, command: &str, collector: &str) -> Launch {
        let words = command.split(' ');
        Launch::clean(env!("CARGO_BIN_EXE_logitd"))
            .args(words)
            .directory(self.folder.path())
            .env("LOGITD_LOG", "trace")
            .env("LOGITD_DATABASE__URL_FILE", self.path("url"))
            .env("LOGITD_AUTH__KEYS_FILE", self.path("keys.toml"))
            .env("LOGITD_HTTP__LISTEN", "127.0.0.1:0")
            .env("LOGITD_HTTP__DRAIN_SECONDS", "0")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
            .env("OTEL_EXPORTER_OTLP_HEADERS", format!("x-token={COLLECTOR}"))
    }

    /// What a command prints, whatever comes of it.
    async fn printed(&self, command: &str, collector: &str) -> String {
        let mut process = self.launch(command, collector).start();
        process.wait_exit(PATIENCE).await;
        process.stdout() + "\n" + &process.stderr()
    }
}

/// The database's URL with a password in it, where it can have one. Nobody is asked for it there.
fn with_password(database: &TestDatabase) -> String {
    let url = database.url();
    let with = url.replace("://logitd@", &format!("://logitd:{PASSWORD}@"));
    assert_eq!(with == url, database.engine() == Engine::Sqlite);
    with
}

/// Every way in which a caller may hand something over that is nobody's business.
async fn ask_everything(client: &Client) {
    let bearer = [RIGHT, WRONG].map(|key| format!("Bearer {key}"));
    let basic = BASIC.map(|key| format!("Basic {key}"));
    let ways = [
        ("x-api-key", RIGHT),
        ("x-api-key", WRONG),
        ("authorization", &bearer[0]),
        ("authorization", &bearer[1]),
        ("authorization", &basic[0]),
        ("authorization", &basic[1]),
        ("authorization", WRONG),
        ("cookie", "session=planted-cookie-5e"),
    ];
    let paths = [
        "/",
        "/docs",
        "/openapi.json",
        "/openapi.yaml",
        "/livez",
        "/readyz?verbose",
        "/v1/schema",
        "/v1/models",
        "/v1/predict?feature_1=1.5&feature_2=-2",
        "/v1/predict?feature_1=1.5&feature_2=-2&api_key=planted-in-query-77",
        "/v1/nothing",
        "/metrics",
    ];
    for path in paths {
        for way in ways {
            let answer = client.request("GET", path, &[way], "").await;
            assert!(answer.status < 500, "{path}: {}", answer.text());
            check(&answer, path);
        }
    }
    let broken = [ways[1], ("content-type", "application/json")];
    for path in ["/v1/predict", "/v1/training-runs", "/v1/deployments"] {
        check(&client.request("POST", path, &broken, "{").await, path);
    }
}

async fn end(mut process: Process) -> String {
    process.terminate();
    process.wait_exit(PATIENCE).await;
    process.stdout() + "\n" + &process.stderr()
}

/// Everything that is stored, as text.
fn stored(database: &TestDatabase) -> String {
    if database.engine() == Engine::Postgres {
        return Cluster::shared().dump(database.name());
    }
    let url = database.url();
    let file = Path::new(url.strip_prefix("sqlite://").unwrap());
    let folder = std::fs::read_dir(file.parent().unwrap()).unwrap();
    let files = folder.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    files
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned() + "\n")
        .collect()
}

on_both!(no_secret_comes_out_while_all_is_well, |database| async {
    load_two_features(&database.connect().await, 300, 7).await;
    let collector = Collector::start(Manner::Healthy).await;
    let place = Place::new(&with_password(&database));
    let mut process = place.launch("serve", &collector.endpoint()).start();
    let client = Client::new(process.address().await);
    let ready = async || (client.get("/readyz").await.status == 200).then_some(());
    eventually(PATIENCE, "the service is ready", ready).await;
    let asked = [("x-api-key", RIGHT)];
    let right = client.request("GET", "/v1/models", &asked, "").await;
    assert_eq!(right.status, 200, "the planted key is the key");
    ask_everything(&client).await;
    let log = end(process).await;
    assert!(log.contains("\"level\":\"INFO\""), "{log}");
    assert_untold("the log", &log);
    collector.read(|received| {
        let mut sent = received.headers.iter();
        assert!(sent.any(|it| it.values().any(|value| value == COLLECTOR)));
        assert!(!received.spans.is_empty() && !received.logs.is_empty());
        let (spans, logs) = (&received.spans, &received.logs);
        let (metrics, of) = (&received.metrics, &received.resources);
        assert_untold(
            "an export",
            &format!("{spans:#?} {logs:#?} {metrics:#?} {of:#?}"),
        );
    });
    let stored = stored(&database);
    assert!(stored.contains("logitd_model_version"), "{stored}");
    assert_untold("a table", &stored);
    for command in [
        "config",
        "openapi",
        "migrate status",
        "train",
        "healthcheck",
    ] {
        let printed = place.printed(command, &collector.endpoint()).await;
        assert!(!printed.trim().is_empty(), "{command}");
        assert_untold(command, &printed);
    }
});

#[tokio::test(flavor = "multi_thread")]
async fn nor_while_nobody_can_be_reached() {
    let nobody = format!("postgres://logitd:{PASSWORD}@127.0.0.1:1/x?password={PASSWORD}");
    let place = Place::new(&nobody);
    let collector = format!("http://us:{COLLECTOR}@127.0.0.1:1");
    let mut process = place.launch("serve", &collector).start();
    let client = Client::new(process.address().await);
    process
        .line_containing("\"check\":\"store\"", PATIENCE)
        .await;
    process.line_containing("failed to export", PATIENCE).await;
    let asked = [("x-api-key", RIGHT)];
    for path in [
        "/readyz?verbose",
        "/v1/models",
        "/v1/predict?feature_1=1&feature_2=2",
        "/",
    ] {
        check(&client.request("GET", path, &asked, "").await, path);
    }
    assert_untold("the log", &end(process).await);
    for command in ["config", "migrate status", "migrate up", "train"] {
        let printed = place.printed(command, &collector).await;
        assert!(!printed.trim().is_empty(), "{command}");
        assert_untold(command, &printed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_by_a_fault_in_what_holds_it() {
    let place = Place::new("sqlite://x.db");
    let bad = [
        ("url", format!("mysql://u:{PASSWORD}@h/x")),
        ("url", format!("postgres://u:{PASSWORD}@h:port/x")),
        (
            "url",
            format!("postgres://u:{PASSWORD}@h/x?sslmode={PASSWORD}"),
        ),
        (
            "keys.toml",
            format!("keys = [{{ name = 'x', role = 'operate', sha256 = '{RIGHT}' }}]"),
        ),
        ("keys.toml", format!("keys = '{RIGHT}")),
        ("keys.toml", format!("keys = [{{ key = '{RIGHT}' }}]")),
    ];
    for (name, text) in bad {
        let before = std::fs::read(place.path(name)).unwrap();
        std::fs::write(place.path(name), &text).unwrap();
        let printed = place.printed("serve", "").await;
        assert!(
            printed.contains(name) || printed.contains("url"),
            "{printed}"
        );
        assert_untold(&text, &printed);
        std::fs::write(place.path(name), before).unwrap();
    }
    // A key that stands where the certificate should, and the other way round.
    let key = "-----BEGIN PRIVATE KEY-----\nplanted-line-of-a-key\n-----END PRIVATE KEY-----\n";
    std::fs::write(place.path("key.pem"), key).unwrap();
    let tls = place
        .launch("serve", "")
        .env("LOGITD_HTTP__TLS__CERTIFICATE", place.path("key.pem"))
        .env("LOGITD_HTTP__TLS__KEY", place.path("key.pem"));
    let mut tls = tls.start();
    assert_eq!(tls.wait_exit(PATIENCE).await.code(), Some(2));
    assert!(tls.stderr().contains("key.pem"), "{}", tls.stderr());
    assert_untold("the certificate's fault", &tls.stderr());
}
