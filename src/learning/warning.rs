//! What a person should know about a version, although it can be served.
//!
//! Shape: a stable code, words that say what to do, and the columns it is about. Concurrency: none
//! needed. Turned down: levels of warnings (each one stands for one thing to look at).

use serde::{Deserialize, Serialize};

/// Columns that are named in one message.
const MOST_NAMED: usize = 10;

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredWarning")]
pub struct Warning {
    /// A stable word for it.
    pub code: String,
    /// What it is, and what can be done.
    pub detail: String,
    /// The columns it is about; there may be none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// Versions that were stored by 0.1.0 have the code alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredWarning {
    Code(String),
    Whole {
        code: String,
        detail: String,
        #[serde(default)]
        columns: Vec<String>,
    },
}

impl From<StoredWarning> for Warning {
    fn from(stored: StoredWarning) -> Self {
        match stored {
            StoredWarning::Code(code) => Self {
                code,
                detail: String::new(),
                columns: Vec::new(),
            },
            StoredWarning::Whole {
                code,
                detail,
                columns,
            } => Self {
                code,
                detail,
                columns,
            },
        }
    }
}

impl Warning {
    /// A warning about no column in particular.
    pub(super) fn new(code: &str, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            detail: detail.into(),
            columns: Vec::new(),
        }
    }

    /// A warning about columns, which its words begin with.
    pub(super) fn about(code: &str, columns: Vec<String>, rest: &str) -> Self {
        Self {
            code: code.to_owned(),
            detail: format!("{} {rest}", listed(&columns)),
            columns,
        }
    }
}

/// The first names in quotes, and how many more there are.
pub(super) fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(MOST_NAMED)
        .map(|name| format!("{name:?}"))
        .collect();
    match names.len().saturating_sub(MOST_NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_code_is_a_warning() {
        let read: Warning = serde_json::from_str("\"constant_feature\"").unwrap();
        assert_eq!(read, Warning::new("constant_feature", ""));
        let columns: Vec<String> = (0..12).map(|at| at.to_string()).collect();
        let about = Warning::about("x", columns, "are odd");
        assert!(
            about.detail.ends_with("\"9\" and 2 more are odd"),
            "{about:?}"
        );
        let text = serde_json::to_string(&about).unwrap();
        assert_eq!(serde_json::from_str::<Warning>(&text).unwrap(), about);
    }
}
