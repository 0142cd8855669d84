//! `[auth]`: who may call. Absent, everybody may.

use super::api_key::{self, ApiKey};
use super::document::{self, GivenTable};
use super::fault::ConfigError;
use super::field::Field;
use super::loading::read_file;
use super::section::Section;
use super::writer::SectionWriter;
use std::path::PathBuf;

pub(super) const SECTION: &str = "auth";

pub(super) const FIELDS: &[Field] = &[
    Field::without_default(
        "keys",
        "none: every caller is let in",
        "the keys that are valid, an `[[auth.keys]]` each",
    ),
    Field::without_default(
        "keys_file",
        "none",
        "a TOML file with `keys` of its own, `[[keys]]` each, valid beside those here; read again \
         when it changes",
    ),
];

/// The same field in a file of keys, where nothing stands for it.
const FILE_FIELDS: &[Field] = &[Field::without_default(
    "keys",
    "none",
    "the keys that are valid, a `[[keys]]` each",
)];

/// Who may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    /// The keys that stand in the configuration.
    pub keys: Vec<ApiKey>,
    /// Where more of them stand.
    pub keys_file: Option<PathBuf>,
}

impl Auth {
    /// Whether a caller needs a key.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        !self.keys.is_empty() || self.keys_file.is_some()
    }

    /// The text of the file of keys; none where none is configured.
    ///
    /// # Errors
    /// It is not there, cannot be read or is not UTF-8.
    pub fn read_keys_file(&self) -> Result<Option<String>, ConfigError> {
        let Some(path) = &self.keys_file else {
            return Ok(None);
        };
        let text = read_file(path)?.ok_or_else(|| {
            let detail = "cannot be read: there is no such file".to_owned();
            ConfigError::of_file(&path.display().to_string(), None, detail)
        })?;
        Ok(Some(text))
    }

    /// Every key that is valid: those of the configuration and those of a file of keys with this
    /// text.
    ///
    /// # Errors
    /// Everything that is wrong in the file; a file without keys too, since one that is being
    /// written looks like that.
    pub fn with_keys_of(&self, text: &str) -> Result<Vec<ApiKey>, ConfigError> {
        let path = self.keys_file.clone().unwrap_or_default();
        let (root, origin) = document::parse_root(text, &path.display().to_string())?;
        let given = GivenTable::of(root, origin.whole(), &origin);
        let mut section = Section::new(SECTION, FILE_FIELDS, given);
        let keys = read_keys(&mut section, &self.keys);
        if !section.is_given("keys") {
            let detail = "is missing: write `[[keys]]` and below it name, role and sha256";
            section.refuse("keys", detail);
        }
        match section.finish() {
            faults if faults.is_empty() => Ok([self.keys.clone(), keys].concat()),
            faults => Err(ConfigError::of(faults)),
        }
    }
}

pub(super) fn read(section: &mut Section<'_>) -> Auth {
    let keys = read_keys(section, &[]);
    let keys_file = section.name("keys_file").map(PathBuf::from);
    Auth { keys, keys_file }
}

/// The keys that can be used; `beside` are those that are valid already.
fn read_keys(section: &mut Section<'_>, beside: &[ApiKey]) -> Vec<ApiKey> {
    let mut keys: Vec<ApiKey> = Vec::new();
    for listed in (1..).zip(section.tables("keys").unwrap_or_default()) {
        let mut read = api_key::read(listed);
        if let Some(key) = read.key {
            let known = beside.iter().chain(&keys);
            match known.into_iter().find(|known| known.sha256 == key.sha256) {
                Some(known) => {
                    let detail =
                        format!("the key {:?} has the same; give each its own", known.name);
                    read.section.refuse("sha256", detail);
                }
                None => keys.push(key),
            }
        }
        section.adopt(read.section.finish());
    }
    keys
}

pub(super) fn write(auth: &Auth, out: &mut SectionWriter<'_>) {
    let keys_file = auth
        .keys_file
        .as_ref()
        .map(|path| path.display().to_string());
    out.optional_text("keys_file", keys_file.as_deref());
}
