//! Cells behind delimiters, one row a line: CSV as people's programs write it.
//!
//! Shape: [`Rows`] reads the header, finds the delimiter by the names that are looked for, and gives
//! one row after another with the line that it begins on; [`number`] reads a cell, [`decimal`] a number wherever one begins. What the columns
//! mean, and whether a fault ends the reading, is the caller's: an import refuses a row, a request is
//! refused whole.
//!
//! Concurrency: a reader belongs to whoever reads; nothing is shared.
//!
//! Turned down: serde's rows (columns are known at run time only, and a fault would have no column), and
//! a reading for each caller, which would come to mean two things by one file.

mod decimal;
mod header;
mod number;
mod row_limit;
mod rows;

pub use decimal::decimal;
pub use header::{Header, HeaderFault};
pub use number::number;
pub use rows::{Row, Rows, Unreadable};
