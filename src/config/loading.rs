//! The file: which one it is, and reading it.

use std::io::ErrorKind;
use std::path::Path;

use super::configuration::Config;
use super::environment::Environment;
use super::fault::ConfigError;

/// Where the file is looked for when no path is given; the first that exists is taken.
const SEARCH_LIST: [&str; 2] = ["./logitd.toml", "/etc/logitd/logitd.toml"];

/// What a fault says in the place of a file name when there is no file.
const NO_FILE: &str = "no configuration file";

impl Config {
    /// Reads the file at `path`, else `./logitd.toml`, else `/etc/logitd/logitd.toml`, overlaid by
    /// the environment. Without any file the environment alone may say everything.
    ///
    /// # Errors
    /// The file cannot be read or is wrong: every fault of it at once. There is no file and no
    /// variable of `[dataset]`.
    pub fn load(path: Option<&Path>, environment: &Environment) -> Result<Self, ConfigError> {
        Self::load_among(path, &SEARCH_LIST.map(Path::new), environment)
    }

    /// The same with the places to look at as a parameter.
    pub(super) fn load_among(
        path: Option<&Path>,
        search_list: &[&Path],
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        if let Some(path) = path {
            let text = read_file(path)?.ok_or_else(|| {
                let detail = "cannot be read: there is no such file".to_owned();
                ConfigError::of_file(&path.display().to_string(), None, detail)
            })?;
            return Self::parse(&text, &path.display().to_string(), environment);
        }
        for path in search_list {
            if let Some(text) = read_file(path)? {
                return Self::parse(&text, &path.display().to_string(), environment);
            }
        }
        if environment
            .fields()
            .any(|(name, _)| name.starts_with("LOGITD_DATASET__"))
        {
            return Self::parse("", NO_FILE, environment);
        }
        Err(nothing_given(search_list))
    }
}

/// None where there is no such file; whatever else hinders the reading is a fault, lest a file
/// without permission fall through to the next one.
pub(super) fn read_file(path: &Path) -> Result<Option<String>, ConfigError> {
    let source = path.display().to_string();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(ConfigError::of_file(
                &source,
                None,
                format!("cannot be read: {error}"),
            ));
        }
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let valid = error
            .as_bytes()
            .iter()
            .take(error.utf8_error().valid_up_to());
        let line = valid.filter(|&&byte| byte == b'\n').count() + 1;
        ConfigError::of_file(&source, Some(line), "is not UTF-8 text".to_owned())
    })
}

fn nothing_given(search_list: &[&Path]) -> ConfigError {
    let places: Vec<String> = search_list
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let detail = format!(
        "looked for {}: let `logitd init` write one from a table, say which with --config, or set \
         LOGITD_DATASET__TABLE, LOGITD_DATASET__TARGET and LOGITD_DATASET__FEATURES",
        places.join(" and ")
    );
    ConfigError::of_file(NO_FILE, None, detail)
}
