//! Why nothing can be learned from a table, in words that say what to do.
//!
//! Shape: one variant a reason, each with a stable code. Concurrency: none needed. Turned down:
//! fitting anyway and warning; a classifier of one class, or of nothing, would be served.

use thiserror::Error;

use super::warning::listed;

/// Why no classifier can come out of these rows.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum NotTrainable {
    /// Fewer usable rows than asked for.
    #[error(
        "only {found} rows can be used and at least {minimum} are needed: add rows, or lower minimum_rows"
    )]
    TooFewRows {
        /// Usable rows.
        found: usize,
        /// Rows asked for.
        minimum: usize,
    },
    /// Every usable row has the same label.
    #[error("every usable row has the label {label:?}: rows of another class are needed")]
    OneClass {
        /// The only label.
        label: String,
    },
    /// So many labels that the target is hardly a class.
    #[error(
        "found more than {limit} different labels: the target does not look like a class, take another column"
    )]
    ManyLabels {
        /// Labels at which counting stops.
        limit: usize,
    },
    /// A class is only among the held-out rows, or nowhere.
    #[error(
        "no row of the class {class:?} is among the rows to fit on: add rows of it, or lower held_out_fraction"
    )]
    ClassMissingFromTraining {
        /// The class.
        class: String,
    },
    /// The configured positive class is not among the labels.
    #[error(
        "the positive class {positive:?} is not among the labels {found:?}: correct positive, or add rows of it"
    )]
    UnknownPositive {
        /// What is configured.
        positive: String,
        /// The classes of the table, in order.
        found: Vec<String>,
    },
    /// Every feature has one value only.
    #[error("no feature varies over the rows to fit on: other features are needed")]
    NothingVaries,
    /// A key that is there more than once.
    #[error(
        "{rows} rows share their key in {column:?} with another row: take a column that names each row, or remove what is there twice"
    )]
    RepeatedKeys {
        /// The key column.
        column: String,
        /// Rows whose key another row has too.
        rows: usize,
    },
    /// Without a penalty: features that determine each other.
    #[error(
        "the columns {} determine each other, so that without a penalty their coefficients have no single best value: leave one of them out, or set a penalty above 0",
        listed(columns)
    )]
    Dependent {
        /// The columns, the last of them a combination of the others (and a constant).
        columns: Vec<String>,
    },
    /// Without a penalty: features that tell classes apart without an error.
    #[error(
        "the columns {} tell {} apart without an error, so that without a penalty the coefficients grow without end: leave columns out, or set a penalty above 0",
        listed(columns), if *.complete { "the classes" } else { "some rows" }
    )]
    Separated {
        /// The columns that do it, at least together.
        columns: Vec<String>,
        /// Every row is told apart (complete separation), or only some (quasi-complete).
        complete: bool,
    },
    /// Without a penalty: the Hessian is singular but for rounding.
    #[error(
        "the columns {} nearly determine each other or nearly tell the classes apart, so that without a penalty the coefficients cannot be computed: leave columns out, or set a penalty above 0",
        listed(columns)
    )]
    Singular {
        /// The columns.
        columns: Vec<String>,
    },
    /// Without a penalty: more coefficients than can be certified.
    #[error(
        "{parameters} coefficients are too many to be fitted without a penalty, at most {limit} are: set a penalty above 0, or leave features out"
    )]
    TooWide {
        /// Coefficients and constants of the fit.
        parameters: usize,
        /// How many may be.
        limit: usize,
    },
    /// No penalty of a search can be fitted and tested.
    #[error(
        "none of the penalties can be fitted and tested on a part of the rows: add rows, or add a penalty above 0"
    )]
    NothingToChoose,
    /// The computation left the range of doubles.
    #[error(
        "the coefficients are not finite: look for extreme values among the features, or set a larger penalty"
    )]
    NotFinite,
}

impl NotTrainable {
    /// A stable word for the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooFewRows { .. } => "too_few_rows",
            Self::OneClass { .. } => "one_class",
            Self::ManyLabels { .. } => "many_labels",
            Self::ClassMissingFromTraining { .. } => "class_missing_from_training",
            Self::UnknownPositive { .. } => "unknown_positive",
            Self::NothingVaries => "nothing_varies",
            Self::RepeatedKeys { .. } => "repeated_keys",
            Self::Dependent { .. } => "dependent",
            Self::Separated { .. } => "separated",
            Self::Singular { .. } => "singular",
            Self::TooWide { .. } => "too_wide",
            Self::NothingToChoose => "nothing_to_choose",
            Self::NotFinite => "not_finite",
        }
    }
}
