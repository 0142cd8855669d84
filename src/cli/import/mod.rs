//! `logitd import`: labelled rows from a CSV file into the configured table.
//!
//! Shape: [`header`] finds the delimiter and the columns, [`labelled_csv`] makes typed rows of what
//! follows, and says by line and column why a row cannot be one; both are pure. [`command`] takes the
//! rows to the store in batches; [`row_limit`] keeps a row from taking the whole file;
//! [`refused_rows`], [`repeated_keys`] and [`progress`] tell a person how it goes.
//!
//! Concurrency: one task reads, writes and tells, in turn; a signal is looked at between batches, so
//! what was committed is known to the row.
//!
//! Turned down: reading ahead while a batch is written (the database is the slower half by far), and
//! PostgreSQL's COPY, which cannot upsert and ends at the first bad row.

mod command;
mod header;
mod labelled_csv;
mod number;
mod progress;
mod refused_rows;
mod repeated_keys;
mod row_limit;

pub(super) use command::run;
