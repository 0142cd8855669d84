//! An authority of the test's own, and what it signs, by the installed `openssl`.
//!
//! Turned down: certificates that are checked in (they expire), and a crate that makes them (five more
//! in the tree for one topic).

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

/// An authority with a directory of PEM files, gone with the value.
#[derive(Debug)]
pub(crate) struct Authority {
    directory: TempDir,
}

/// The files of a certificate and its key.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let authority = Self { directory };
        authority.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
             -keyout authority.key -out authority.pem",
        );
        authority
    }

    /// Whom to trust.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.file("authority.pem")
    }

    /// A certificate for this machine's loopback, for a server as for a client.
    pub(crate) fn sign(&self, name: &str) -> Signed {
        let extension = "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n";
        std::fs::write(self.file("extension"), extension).unwrap();
        self.openssl(&format!(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} \
             -keyout {name}.key -out {name}.request"
        ));
        self.openssl(&format!(
            "x509 -req -in {name}.request -CA authority.pem -CAkey authority.key -CAcreateserial \
             -days 2 -extfile extension -out {name}.pem"
        ));
        Signed {
            certificate: self.file(&format!("{name}.pem")),
            key: self.file(&format!("{name}.key")),
        }
    }

    /// A server's side of TLS; `clients` says that they have to show a certificate of this authority.
    pub(crate) fn server(&self, clients: bool) -> ServerConfig {
        let signed = self.sign("server");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let building = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let building = if clients {
            let mut roots = RootCertStore::empty();
            let ours = CertificateDer::from_pem_file(self.certificate()).unwrap();
            roots.add(ours).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            building.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            building.with_no_client_auth()
        };
        let chain = vec![CertificateDer::from_pem_file(signed.certificate).unwrap()];
        let key = PrivateKeyDer::from_pem_file(signed.key).unwrap();
        building.with_single_cert(chain, key).unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn openssl(&self, words: &str) {
        let said = Command::new("openssl")
            .args(words.split_whitespace())
            .current_dir(self.directory.path())
            .output()
            .expect("openssl is missing: apt-get install openssl");
        let words = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success(), "{words}");
    }
}
