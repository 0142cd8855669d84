//! A database that lets nobody in, told with what to look at.

use crate::config::{Config, Secret};
use crate::store::StoreError;
use std::error::Error;

/// It is not there, or refuses whoever comes.
#[derive(Debug, thiserror::Error)]
#[error("reach {url}; see whether {setting} is right and the database runs")]
pub(super) struct Unreachable {
    url: String,
    setting: &'static str,
    source: StoreError,
}

impl Unreachable {
    /// The database of this URL, which stands in this setting; its password is hidden.
    pub(super) fn at(url: &Secret, setting: &'static str, source: StoreError) -> Self {
        Self {
            url: url.redacted_url(),
            setting,
            source,
        }
    }

    /// The error as it is, or with the database of our own tables if nobody could get in.
    pub(super) fn named(
        config: &Config,
        error: Box<dyn Error + Send + Sync>,
    ) -> Box<dyn Error + Send + Sync> {
        Self::named_at(&config.database.url, "[database] url", error)
    }

    /// The same of the database that the dataset is in.
    pub(super) fn named_of_dataset(
        config: &Config,
        error: Box<dyn Error + Send + Sync>,
    ) -> Box<dyn Error + Send + Sync> {
        match &config.dataset.url {
            Some(url) => Self::named_at(url, "[dataset] url", error),
            None => Self::named(config, error),
        }
    }

    fn named_at(
        url: &Secret,
        setting: &'static str,
        error: Box<dyn Error + Send + Sync>,
    ) -> Box<dyn Error + Send + Sync> {
        match error.downcast::<StoreError>() {
            Ok(refused) if refused.is_connecting() => Self::at(url, setting, *refused).into(),
            Ok(other) => other,
            Err(other) => other,
        }
    }
}
