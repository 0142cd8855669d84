//! TLS by rustls with ring: which certificate is shown, replaced while connections go on.
//!
//! Concurrency: a lock held for the copying of a pointer, once a connection. A connection keeps what it
//! began with; the next one gets what is in force then. TLS 1.2 and 1.3, HTTP/2 before HTTP/1.1.

use crate::config::PemFiles;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::{Arc, PoisonError, RwLock};
use tokio_rustls::TlsAcceptor;

/// Why certificate and key cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum CertificatesError {
    /// No PEM, or one of something else.
    #[error("the certificate is no PEM file of certificates: {0}")]
    Certificate(pem::Error),
    /// A PEM file without a certificate.
    #[error("no certificate stands in it")]
    NoCertificate,
    /// No PEM, or one without a private key.
    #[error("the key is no PEM file of a private key: {0}")]
    Key(pem::Error),
    /// They are not a pair, or not made for this.
    #[error("they cannot be used together: {0}")]
    Pair(rustls::Error),
}

/// What is shown to whoever connects.
#[derive(Debug, Clone)]
pub struct Certificates(Arc<RwLock<Arc<ServerConfig>>>);

impl Certificates {
    /// Those of two PEM files.
    ///
    /// # Errors
    /// [`CertificatesError`].
    pub fn of(files: &PemFiles) -> Result<Self, CertificatesError> {
        Ok(Self(Arc::new(RwLock::new(server_config(files)?))))
    }

    /// Shows others from the next connection on.
    ///
    /// # Errors
    /// [`CertificatesError`]; then the old ones stay.
    pub fn replace(&self, files: &PemFiles) -> Result<(), CertificatesError> {
        let config = server_config(files)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let config = self.0.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&config))
    }
}

fn server_config(files: &PemFiles) -> Result<Arc<ServerConfig>, CertificatesError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&files.certificate)
        .collect::<Result<_, _>>()
        .map_err(CertificatesError::Certificate)?;
    if chain.is_empty() {
        return Err(CertificatesError::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(&files.key).map_err(CertificatesError::Key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(CertificatesError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(CertificatesError::Pair)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
