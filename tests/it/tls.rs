//! TLS: what clients are shown, how it changes, and how the database is asked by it.

mod database;

use crate::support::app::{PATIENCE, TestApp, two_features};
use crate::support::certificates::{Authority, Signed};
use crate::support::database::{Engine, TestDatabase};
use crate::support::eventually::eventually;
use crate::support::https::{Kept, Streams, connect, shown};
use crate::support::process::Launch;
use crate::support::rows::load_two_features;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::PathBuf;
use tempfile::TempDir;

const QUERY: &str = "/v1/predict?feature_1=1&feature_2=-1";

/// The two files that the service reads.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts others in their place, one after the other.
    fn put(&self, signed: &Signed) {
        for (from, name) in [(&signed.certificate, "tls.crt"), (&signed.key, "tls.key")] {
            let new = self.path("new");
            std::fs::copy(from, &new).unwrap();
            std::fs::rename(&new, self.path(name)).unwrap();
        }
    }

    fn settings(&self) -> [(String, String); 2] {
        [("CERTIFICATE", "tls.crt"), ("KEY", "tls.key")].map(|(field, name)| {
            let path = self.path(name).display().to_string();
            (format!("LOGITD_HTTP__TLS__{field}"), path)
        })
    }
}

async fn serving(database: &TestDatabase, files: &Files) -> TestApp {
    let settings = files.settings();
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    TestApp::start(two_features(&database.url(), &settings)).await
}

fn of(signed: &Signed) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(&signed.certificate).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_certificate_is_shown_to_the_next_and_drops_nobody() {
    let (authority, files) = (Authority::new(), Files::new());
    let (first, second) = (authority.sign("first"), authority.sign("second"));
    files.put(&first);
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = serving(&database, &files).await;
    let address = app.client.address();
    let stream = connect(address, &authority, &[]).await.unwrap();
    assert_eq!(shown(&stream), of(&first));
    let mut kept = Kept::over(stream, address).await;
    assert_eq!(kept.status("/livez").await, 200);

    files.put(&second);
    eventually(PATIENCE, "the second certificate is shown", async || {
        let stream = connect(address, &authority, &[]).await.unwrap();
        (shown(&stream) == of(&second)).then_some(())
    })
    .await;
    assert_eq!(kept.status("/livez").await, 200, "on the old connection");

    // No pair: what is there stays, and is told.
    std::fs::copy(&first.key, files.path("tls.key")).unwrap();
    let told = async || {
        let checks = app.health.checks();
        let found = checks
            .iter()
            .find(|(name, _)| name.as_str() == "certificate");
        format!("{:?}", found.unwrap().1)
            .contains("old certificate stays")
            .then_some(())
    };
    eventually(PATIENCE, "the check warns", told).await;
    let stream = connect(address, &authority, &[]).await.unwrap();
    assert_eq!(shown(&stream), of(&second));
    files.put(&first);
    eventually(
        PATIENCE,
        "the first certificate is shown again",
        async || {
            let stream = connect(address, &authority, &[]).await.unwrap();
            (shown(&stream) == of(&first)).then_some(())
        },
    )
    .await;
    let stranger = Authority::new();
    let refused = connect(address, &stranger, &[])
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("invalid peer certificate"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_and_silence_get_nothing_there() {
    let (authority, files) = (Authority::new(), Files::new());
    files.put(&authority.sign("server"));
    let database = TestDatabase::new(Engine::Sqlite).await;
    let mut settings = files.settings().to_vec();
    settings.push(("LOGITD_HTTP__HEADER_READ_TIMEOUT_MS".into(), "300".into()));
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let app = TestApp::start(two_features(&database.url(), &settings)).await;
    let answer = app
        .client
        .raw(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    // `raw` fails the test if the connection stays open.
    for silent in [&b""[..], b"\x16\x03\x01"] {
        app.client.raw(silent).await;
    }
    assert!(connect(app.client.address(), &authority, &[]).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_spoken_with_who_asks_for_it_and_ends_with_its_streams() {
    let (authority, files) = (Authority::new(), Files::new());
    files.put(&authority.sign("server"));
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let app = serving(&database, &files).await;
    app.champion().await;
    let address = app.client.address();
    for (asked, spoken) in [
        (&["h2", "http/1.1"][..], Some(&b"h2"[..])),
        (&["http/1.1"][..], Some(&b"http/1.1"[..])),
        (&[][..], None),
    ] {
        let stream = connect(address, &authority, asked).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), spoken);
    }
    let stream = connect(address, &authority, &["h2"]).await.unwrap();
    let streams = Streams::over(stream, address).await;
    let many = futures_util::future::join_all((0..50).map(|_| streams.get(QUERY))).await;
    assert!(many.iter().all(|(status, _)| *status == 200));

    app.health.start_draining();
    let (status, headers) = streams.get(QUERY).await;
    assert_eq!(status, 200);
    assert!(!headers.contains_key("connection"), "{headers:?}");
    let ended = tokio::time::timeout(PATIENCE, streams.connection).await;
    ended.expect("told to end").unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_shown_are_refused_at_the_start() {
    let (authority, files) = (Authority::new(), Files::new());
    let (first, second) = (authority.sign("first"), authority.sign("second"));
    let folder = tempfile::tempdir().unwrap();
    let example = crate::support::app::example("two-features");
    std::fs::write(folder.path().join("logitd.toml"), example).unwrap();
    let refused = async || {
        let mut launch = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
            .args(["serve"])
            .directory(folder.path())
            .env("LOGITD_HTTP__LISTEN", "127.0.0.1:0");
        for (name, value) in files.settings() {
            launch = launch.env(&name, value);
        }
        let mut process = launch.start();
        assert_eq!(process.wait_exit(PATIENCE).await.code(), Some(2));
        process.stderr()
    };
    let told = refused().await;
    assert!(
        told.contains("tls.crt: cannot be read: No such file"),
        "{told}"
    );
    files.put(&first);
    std::fs::copy(&second.key, files.path("tls.key")).unwrap();
    let told = refused().await;
    assert!(told.contains("they cannot be used together"), "{told}");
    std::fs::copy(&first.key, files.path("tls.crt")).unwrap();
    let told = refused().await;
    assert!(told.contains("no certificate stands in it"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthcheck_asks_by_tls() {
    let (authority, files) = (Authority::new(), Files::new());
    files.put(&authority.sign("server"));
    let database = TestDatabase::new(Engine::Sqlite).await;
    load_two_features(&database.connect().await, 300, 7).await;
    let app = serving(&database, &files).await;
    app.champion().await;
    let folder = tempfile::tempdir().unwrap();
    let example = crate::support::app::example("two-features");
    std::fs::write(folder.path().join("logitd.toml"), example).unwrap();
    let asks = || {
        Launch::clean(env!("CARGO_BIN_EXE_logitd"))
            .args(["healthcheck"])
            .directory(folder.path())
            .env("LOGITD_HTTP__LISTEN", app.client.address().to_string())
    };
    let ready = async || {
        let mut launch = asks();
        for (name, value) in files.settings() {
            launch = launch.env(&name, value);
        }
        let mut process = launch.start();
        (process.wait_exit(PATIENCE).await.code() == Some(0)).then_some(())
    };
    eventually(PATIENCE, "it is ready", ready).await;
    let mut plain = asks().start();
    assert_eq!(plain.wait_exit(PATIENCE).await.code(), Some(1));
}
