//! TLS to the collector: which certificates are trusted, and the client's own.

use crate::config::OtlpExport;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

/// Why TLS could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read as PEM.
    #[error("read the PEM file {file:?}")]
    Pem {
        /// Its name.
        file: String,
        /// What is wrong with it.
        #[source]
        source: pem::Error,
    },
    /// Certificates that cannot be used.
    #[error("use the certificates")]
    Certificates(#[from] rustls::Error),
}

/// The client's side of TLS, by ring, as everywhere in this process.
pub(super) fn client_config(to: &OtlpExport) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let trusting = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots(to)?);
    match &to.client {
        None => Ok(trusting.with_no_client_auth()),
        Some((certificate, key)) => {
            let chain = certificates(certificate)?;
            let key = PrivateKeyDer::from_pem_file(Path::new(key)).map_err(unreadable(key))?;
            Ok(trusting.with_client_auth_cert(chain, key)?)
        }
    }
}

/// Those of the named file alone, else Mozilla's list.
fn roots(to: &OtlpExport) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    match &to.certificate {
        Some(file) => {
            for certificate in certificates(file)? {
                roots.add(certificate)?;
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    Ok(roots)
}

fn certificates(file: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_file_iter(Path::new(file))
        .and_then(Iterator::collect)
        .map_err(unreadable(file))
}

fn unreadable(file: &str) -> impl FnOnce(pem::Error) -> TlsError {
    let file = file.to_owned();
    |source| TlsError::Pem { file, source }
}
