//! Why a text is no schedule.

/// What is wrong with a cron pattern; displayed as words that follow on its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleFault {
    /// Another number of fields.
    #[error(
        "must have five fields (minute, hour, day of the month, month, day of the week) or six \
         (seconds first), found {found}"
    )]
    Fields {
        /// How many there are.
        found: usize,
    },
    /// A field that is none.
    #[error("is no cron pattern: {detail}")]
    Unreadable {
        /// What the parser says.
        detail: String,
    },
    /// Every date that it names is one that no year has.
    #[error("never comes: there is no {dates}")]
    NoSuchDate {
        /// `30 February`, or several.
        dates: String,
    },
    /// No tick within the years that are looked at.
    #[error("never comes: no year has such a day")]
    Never,
}
