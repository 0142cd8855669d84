//! What is wrong with a configuration, all of it at once: [`ConfigError`].
//!
//! Shape: one [`ConfigFault`] a line, each with the place where it was written (a line of a file
//! or the name of a variable), the field and what would be right. Nothing here holds the value of
//! a secret.

use std::fmt;
use std::sync::Arc;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// The path as it was given.
        source: Arc<str>,
        /// The line, from 1; none where the fault is of the whole file.
        line: Option<usize>,
    },
    /// In a variable of the environment, by its name.
    Variable(String),
    /// Nowhere: a default, or a fault of no one value.
    Nowhere,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File {
                source,
                line: Some(line),
            } => write!(formatter, "{source}:{line}: "),
            Self::File { source, line: None } => write!(formatter, "{source}: "),
            Self::Variable(name) => write!(formatter, "{name}: "),
            Self::Nowhere => Ok(()),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{}{detail}", heading(section, field))]
pub struct ConfigFault {
    /// Where it was written.
    pub place: Place,
    /// The section (`training`, `dataset.features`); empty where the fault is of no section.
    pub section: String,
    /// The field in it; empty where the fault is of the whole section.
    pub field: String,
    /// What is wrong and what would be right.
    pub detail: String,
}

impl ConfigFault {
    /// The field's dotted name, `training.penalties`.
    pub fn dotted_name(&self) -> String {
        match (self.section.is_empty(), self.field.is_empty()) {
            (false, false) => format!("{}.{}", self.section, self.field),
            _ => format!("{}{}", self.section, self.field),
        }
    }

    /// The order of telling: the file by its lines, then the variables by name, then the rest.
    fn rank(&self) -> (u8, usize, &str) {
        match &self.place {
            Place::File { line, .. } => (0, line.unwrap_or(0), ""),
            Place::Variable(name) => (1, 0, name),
            Place::Nowhere => (2, 0, ""),
        }
    }
}

/// `[training] seed: `, as far as there is any of it.
fn heading(section: &str, field: &str) -> String {
    let section = match section {
        "" => String::new(),
        "dataset.features" | "auth.keys" => format!("[[{section}]]"),
        name => format!("[{name}]"),
    };
    match (section.is_empty(), field.is_empty()) {
        (true, true) => String::new(),
        (false, false) => format!("{section} {field}: "),
        _ => format!("{section}{field}: "),
    }
}

/// Everything that is wrong with a configuration; displayed as one fault a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(faults))]
pub struct ConfigError {
    /// The faults, by line of the file, then by name of the variable; at least one.
    pub faults: Vec<ConfigFault>,
}

impl ConfigError {
    /// All faults in the order of telling.
    pub(super) fn of(mut faults: Vec<ConfigFault>) -> Self {
        faults.sort_by(|left, right| left.rank().cmp(&right.rank()));
        Self { faults }
    }

    /// One fault of the whole file, or of one of its lines.
    pub(super) fn of_file(source: &str, line: Option<usize>, detail: String) -> Self {
        let place = Place::File {
            source: Arc::from(source),
            line,
        };
        let fault = ConfigFault {
            place,
            section: String::new(),
            field: String::new(),
            detail,
        };
        Self {
            faults: vec![fault],
        }
    }
}

fn lines(faults: &[ConfigFault]) -> String {
    let lines: Vec<String> = faults.iter().map(ConfigFault::to_string).collect();
    lines.join("\n")
}
