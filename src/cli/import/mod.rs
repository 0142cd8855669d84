//! `logitd import`: labelled rows from a CSV file into the configured table.
//!
//! Shape: [`columns`] finds the configured columns in the file's header, [`labelled_csv`] makes typed
//! rows of what follows, and says by line and column why a row cannot be one; both are pure, over
//! [`crate::delimited`]. [`command`] takes the rows to the store in batches, [`example_table`] a built-in
//! table whole; [`refused_rows`], [`repeated_keys`] and [`progress`] tell a person how it goes.
//!
//! Concurrency: one task reads, writes and tells, in turn; a signal is looked at between batches, so
//! what was committed is known to the row.
//!
//! Turned down: reading ahead while a batch is written (the database is the slower half by far), and
//! PostgreSQL's COPY, which cannot upsert and ends at the first bad row.

mod columns;
mod command;
mod example_table;
#[cfg(test)]
mod fuzzed;
mod labelled_csv;
mod progress;
mod refused_rows;
mod repeated_keys;

pub(super) use command::run;
pub(super) use example_table::create_example_table;
