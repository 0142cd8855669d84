//! What is kept about the rows besides their values: the key, the counts, the refusals.
//!
//! Shape: plain records. Concurrency: none needed. Turned down: keeping every refused row (a wrong
//! bound would refuse a whole table); the counts are exact, the list is the first hundred.

use serde::{Deserialize, Serialize};

/// What the table says a row is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKey<'a> {
    /// The key's canonical text.
    Text(&'a str),
    /// The table has a key column and this row has none in it: the row is refused.
    Null,
    /// The table has no key column: the row is known by its feature values.
    None,
}

/// A row that cannot be learned from, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// The key's text; absent when the table has no key, or the row none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The first column that is at fault.
    pub column: String,
    /// What is wrong with it, as a fragment.
    pub reason: String,
}

/// How many rows were read, and what became of them: `read` is the sum of the other three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Rows judged.
    pub read: u64,
    /// Rows that can be learned from.
    pub usable: u64,
    /// Rows at fault.
    pub refused: u64,
    /// Rows without a label: no fault, and nothing to learn from.
    pub unlabelled: u64,
}
