//! Why nothing can be learned from a table, in words that say what to do.
//!
//! Shape: one variant a reason, each with a stable code. Concurrency: none needed. Turned down:
//! fitting anyway and warning; a classifier of one class, or of nothing, would be served.

use thiserror::Error;

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
    /// More than two classes.
    #[error(
        "found {found} classes, and two classes can be learned by this version: fix two with classes, or take another target"
    )]
    TooManyClasses {
        /// Classes configured or found.
        found: usize,
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
    /// Without a penalty: features that are combinations of each other.
    #[error(
        "the features determine each other, or nearly tell the classes apart, so that without a penalty the coefficients have no single best value: leave features out, or set a penalty above 0"
    )]
    Singular,
    /// Without a penalty: features that tell the classes apart without an error.
    #[error(
        "the features tell the classes apart without an error, so that without a penalty the coefficients grow without end: set a penalty above 0"
    )]
    Separated,
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
            Self::TooManyClasses { .. } => "too_many_classes",
            Self::ManyLabels { .. } => "many_labels",
            Self::ClassMissingFromTraining { .. } => "class_missing_from_training",
            Self::UnknownPositive { .. } => "unknown_positive",
            Self::NothingVaries => "nothing_varies",
            Self::Singular => "singular",
            Self::Separated => "separated",
            Self::NotFinite => "not_finite",
        }
    }
}
