//! A PostgreSQL that shows a certificate: `sslmode=verify-full` lets in that one and no other.

use super::PATIENCE;
use crate::support::app::{TestApp, example, two_features};
use crate::support::certificates::Authority;
use crate::support::postgres::Cluster;
use crate::support::process::Launch;
use crate::support::rows::load_two_features;

async fn migrate(url: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("logitd.toml"), example("two-features")).unwrap();
    let mut process = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(["migrate", "up"])
        .directory(folder.path())
        .env("LOGITD_DATABASE__URL", url)
        .start();
    let code = process.wait_exit(PATIENCE).await.code();
    (code, process.stderr())
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_full_trusts_the_named_authority_and_the_host_in_the_url() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let cluster = Cluster::private();
    let name = cluster.create_database();
    let signed = authority.sign("server");
    cluster.stop();
    let port = cluster.listen_encrypted(&signed.certificate, &signed.key);
    cluster.start();
    let url = |host: &str, mode: &str, root: Option<&Authority>| {
        let root = root.map(|root| format!("&sslrootcert={}", root.certificate().display()));
        let root = root.unwrap_or_default();
        format!("postgres://logitd@{host}:{port}/{name}?sslmode={mode}{root}")
    };

    for (wrong, told) in [
        (
            url("127.0.0.1", "verify-full", Some(&stranger)),
            "sslrootcert=FILE in the URL",
        ),
        (
            url("127.0.0.1", "verify-full", None),
            "sslrootcert=FILE in the URL",
        ),
        (
            url("localhost", "verify-full", Some(&authority)),
            "its certificate is for another host",
        ),
    ] {
        let (code, said) = migrate(&wrong).await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(told), "{said}");
    }
    let (code, said) = migrate(&url("127.0.0.1", "disable", None)).await;
    assert_eq!(code, Some(1), "this server speaks nothing but TLS: {said}");

    let right = url("127.0.0.1", "verify-full", Some(&authority));
    let (code, said) = migrate(&right).await;
    assert_eq!(code, Some(0), "{said}");
    let db = sea_orm::Database::connect(&right).await.unwrap();
    load_two_features(&db, 300, 7).await;
    let app = TestApp::start(two_features(&right, &[])).await;
    app.champion().await;
    assert_eq!(app.client.get("/v1/models").await.status, 200);
}
