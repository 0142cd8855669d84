//! `[http.tls]`: the certificate that the service shows. Absent, it speaks plain HTTP.

use super::fault::ConfigError;
use super::field::Field;
use super::section::Section;
use super::writer::SectionWriter;
use std::path::{Path, PathBuf};

pub(super) const SECTION: &str = "http.tls";

pub(super) const FIELDS: &[Field] = &[
    Field::without_default(
        "certificate",
        "none: plain HTTP",
        "a PEM file with the service's certificate and those between it and its authority; read again when it \
         changes",
    ),
    Field::without_default(
        "key",
        "none",
        "a PEM file with the certificate's private key; read again when it changes",
    ),
];

/// Where the service's certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpTls {
    /// The certificate and those between it and its authority, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// What the two files hold. `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PemFiles {
    /// The certificates.
    pub certificate: Vec<u8>,
    /// The private key.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for PemFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PemFiles").finish_non_exhaustive()
    }
}

impl HttpTls {
    /// Reads both files.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub fn read_files(&self) -> Result<PemFiles, ConfigError> {
        Ok(PemFiles {
            certificate: read_bytes(&self.certificate)?,
            key: read_bytes(&self.key)?,
        })
    }

    /// What is wrong with the files' content, told where it has to be mended.
    #[must_use]
    pub fn unusable(&self, detail: String) -> ConfigError {
        let (certificate, key) = (self.certificate.display(), self.key.display());
        ConfigError::of_file(&format!("{certificate} with {key}"), None, detail)
    }
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|error| {
        let detail = format!("cannot be read: {error}");
        ConfigError::of_file(&path.display().to_string(), None, detail)
    })
}

/// Nothing where nothing is given; one without the other is a fault.
pub(super) fn read(section: &mut Section<'_>) -> Option<HttpTls> {
    let certificate = section.name("certificate").map(PathBuf::from);
    let key = section.name("key").map(PathBuf::from);
    for (given, name, other) in [
        (section.is_given("certificate"), "key", "certificate"),
        (section.is_given("key"), "certificate", "key"),
    ] {
        if given && !section.is_given(name) {
            section.refuse(other, format!("needs {name} beside it"));
        }
    }
    Some(HttpTls {
        certificate: certificate?,
        key: key?,
    })
}

pub(super) fn write(tls: &HttpTls, out: &mut SectionWriter<'_>) {
    out.text("certificate", &tls.certificate.display().to_string());
    out.text("key", &tls.key.display().to_string());
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Environment};

    fn read(text: &str) -> Result<Config, String> {
        let smallest = "dataset = {table = 't', target = 'c', features = [{name = 'f'}]}\n";
        let nothing = Environment::from_pairs([("PATH", "")]);
        let read = Config::parse(&format!("{smallest}{text}"), "f", &nothing);
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn a_table_below_http_or_inside_it_is_the_same() {
        let apart = "[http]\ninsecure = true\n[http.tls]\ncertificate = 'c'\nkey = 'k'\n";
        let inside = "http = {insecure = true, tls = {certificate = 'c', key = 'k'}}\n";
        let (apart, inside) = (read(apart).unwrap(), read(inside).unwrap());
        assert_eq!(apart, inside);
        let tls = apart.http.tls.as_ref().unwrap();
        assert_eq!(
            (tls.certificate.to_str(), tls.key.to_str()),
            (Some("c"), Some("k"))
        );
        assert!(
            apart
                .to_toml()
                .contains("\n[http.tls]\ncertificate = \"c\"\nkey = \"k\"\n")
        );
        assert_eq!(read("").unwrap().http.tls, None);
    }

    #[test]
    fn half_of_it_or_more_than_it_is_refused_by_name() {
        for (text, told) in [
            (
                "[http.tls]\nkey = 'k'\n",
                "[http.tls] key: needs certificate beside it",
            ),
            (
                "[http.tls]\ncertificate = 'c'\n",
                "[http.tls] certificate: needs key beside it",
            ),
            (
                "[http.tls]\ncertificate = 'c'\nkeys = 'k'\n",
                "[http.tls] keys: unknown key; did you mean key?",
            ),
            (
                "[http]\ntls = 'c'\n",
                "[http.tls]: is a section: write [http.tls]",
            ),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(told), "{refused}");
        }
    }
}
