//! The certificate that is shown, and the files in which it changes.
//!
//! Followed like the keys: read once a second and compared, so that a mounted secret, a link and an
//! editor look the same from here. Two files change one after the other: while they are no pair the old
//! certificate stays, and is told only if they still are none at the next look.

use super::guarded::guarded_turn;
use crate::config::{ConfigError, HttpTls, PemFiles};
use crate::health::{CheckName, CheckState, Health};
use crate::http::Certificates;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const PAUSE: Duration = Duration::from_secs(1);

/// Looks after the certificate of one process.
#[derive(Debug)]
pub(super) struct CertificateWatch {
    tls: HttpTls,
    certificates: Certificates,
    in_force: PemFiles,
    /// What was wrong at the last look.
    found: Option<ConfigError>,
    told: bool,
}

impl CertificateWatch {
    /// Reads the files for the first time; nothing where none are configured.
    ///
    /// # Errors
    /// They are not there, cannot be read or are no pair: there is nothing to go on with.
    pub(super) fn begin(tls: Option<&HttpTls>) -> Result<Option<Self>, ConfigError> {
        let Some(tls) = tls else {
            return Ok(None);
        };
        let in_force = tls.read_files()?;
        let certificates =
            Certificates::of(&in_force).map_err(|error| tls.unusable(error.to_string()))?;
        Ok(Some(Self {
            tls: tls.clone(),
            certificates,
            in_force,
            found: None,
            told: false,
        }))
    }

    pub(super) fn certificates(&self) -> Certificates {
        self.certificates.clone()
    }

    /// Follows the files until the service stops.
    pub(super) async fn run(mut self, health: Arc<Health>, mut stopped: watch::Receiver<bool>) {
        health.tell(CheckName::Certificate, CheckState::Up);
        while tokio::time::timeout(PAUSE, stopped.wait_for(|stop| *stop))
            .await
            .is_err()
        {
            let tls = self.tls.clone();
            // A file system may take its time.
            let reading = tokio::task::spawn_blocking(move || tls.read_files());
            if let Ok(read) = reading.await {
                guarded_turn("certificate", || self.look(read, &health));
            }
        }
    }

    fn look(&mut self, read: Result<PemFiles, ConfigError>, health: &Health) {
        match read.and_then(|files| self.take(files)) {
            Ok(changed) => {
                if changed {
                    tracing::info!("the certificate has changed");
                }
                if self.told {
                    health.tell(CheckName::Certificate, CheckState::Up);
                }
                (self.found, self.told) = (None, false);
            }
            Err(error) => {
                let again = self.found.as_ref() == Some(&error);
                if again && !self.told {
                    let detail = error.to_string().replace('\n', "; ");
                    let detail = format!("the old certificate stays: {detail}");
                    tracing::warn!(detail, "the files of the certificate cannot be used");
                    health.tell(CheckName::Certificate, CheckState::Warning(detail));
                }
                self.told = again;
                self.found = Some(error);
            }
        }
    }

    /// Shows what is in the files, if it is not shown already.
    fn take(&mut self, files: PemFiles) -> Result<bool, ConfigError> {
        if files == self.in_force {
            return Ok(false);
        }
        let replaced = self.certificates.replace(&files);
        replaced.map_err(|error| self.tls.unusable(error.to_string()))?;
        self.in_force = files;
        Ok(true)
    }
}
