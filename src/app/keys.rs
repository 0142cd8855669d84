//! The keys that are in force, and the file in which they change.
//!
//! The file is read once a second and compared with what is in force: a mounted secret is replaced
//! by a new link, an editor's file by a new one, and both look the same from here. A file that
//! cannot be used changes nothing: the old keys stay valid, and it is told once, in the log and as a
//! check. Turned down: watching by inotify, which sees neither a network's file systems nor what
//! happens behind a link.

use super::guarded::guarded_turn;
use crate::config::{ApiKey, Auth, ConfigError};
use crate::health::{CheckName, CheckState, Health};
use crate::http::Keyring;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const PAUSE: Duration = Duration::from_secs(1);

/// Looks after the keys of one process.
#[derive(Debug)]
pub(super) struct KeyWatch {
    auth: Auth,
    keyring: Arc<Keyring>,
    /// The text of the file whose keys are in force.
    in_force: Option<String>,
    /// What is wrong with the file that is there now.
    told: Option<ConfigError>,
}

impl KeyWatch {
    /// Reads the keys for the first time.
    ///
    /// # Errors
    /// The file is not there or wrong: at the start there are no old keys to go on with.
    pub(super) fn begin(auth: &Auth) -> Result<Self, ConfigError> {
        let in_force = auth.read_keys_file()?;
        let keyring = match &in_force {
            Some(text) => Keyring::of(auth.with_keys_of(text)?),
            None if auth.is_configured() => Keyring::of(auth.keys.clone()),
            None => Keyring::open(),
        };
        Ok(Self {
            auth: auth.clone(),
            keyring: Arc::new(keyring),
            in_force,
            told: None,
        })
    }

    pub(super) fn keyring(&self) -> Arc<Keyring> {
        Arc::clone(&self.keyring)
    }

    /// Follows the file until the service stops.
    pub(super) async fn run(mut self, health: Arc<Health>, mut stopped: watch::Receiver<bool>) {
        if self.in_force.is_none() {
            return;
        }
        health.tell(CheckName::Keys, CheckState::Up);
        while tokio::time::timeout(PAUSE, stopped.wait_for(|stop| *stop))
            .await
            .is_err()
        {
            let auth = self.auth.clone();
            // A file system may take its time.
            let reading = tokio::task::spawn_blocking(move || auth.read_keys_file());
            if let Ok(read) = reading.await {
                let read = read.map(Option::unwrap_or_default);
                guarded_turn("keys", || self.look(read, &health));
            }
        }
    }

    fn look(&mut self, read: Result<String, ConfigError>, health: &Health) {
        match read.and_then(|text| self.changed(text)) {
            Ok(None) if self.told.is_none() => {}
            Ok(changed) => {
                if let Some((text, keys)) = changed {
                    tracing::info!(keys = keys.len(), "the keys have changed");
                    self.keyring.replace(keys);
                    self.in_force = Some(text);
                }
                self.told = None;
                health.tell(CheckName::Keys, CheckState::Up);
            }
            Err(error) if self.told.as_ref() == Some(&error) => {}
            Err(error) => {
                let detail = error.to_string().replace('\n', "; ");
                let detail = format!("the old keys stay valid: {detail}");
                tracing::warn!(detail, "the file of keys cannot be used");
                health.tell(CheckName::Keys, CheckState::Warning(detail));
                self.told = Some(error);
            }
        }
    }

    /// The keys of this text, if it is not the one in force.
    fn changed(&self, text: String) -> Result<Option<(String, Vec<ApiKey>)>, ConfigError> {
        if self.in_force.as_ref() == Some(&text) {
            return Ok(None);
        }
        let keys = self.auth.with_keys_of(&text)?;
        Ok(Some((text, keys)))
    }
}
