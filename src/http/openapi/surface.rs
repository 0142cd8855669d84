//! What of the service is switched on, as far as a caller sees it.

/// What follows from the configuration besides model and schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surface {
    /// Whether callers need a key.
    pub keys: bool,
    /// Whether callers may write observations.
    pub observations: bool,
    /// Whether an observation says what it is ordered by.
    pub ordered: bool,
}
