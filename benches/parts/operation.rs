//! One thing whose cost is asked for.

/// Whatever kept it from being done: then there is no number.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// A named piece of work.
pub(crate) struct Operation {
    /// `serving` or `learning`.
    pub(crate) room: &'static str,
    /// A word, as it is asked for and shown.
    pub(crate) name: &'static str,
    /// Rows that one call works on.
    pub(crate) rows: u64,
    /// Whether a call takes more than a millisecond.
    pub(crate) is_long: bool,
    /// Does it once. What it gives depends on all of the work, so that none can be left out.
    pub(crate) run: Box<dyn FnMut() -> Result<u64, Failure>>,
}
