//! Rows of a SQLite file, read past the driver that everything else goes through.
//!
//! Shape: rusqlite steps through the rows on a thread of its own and hands them over in batches of
//! cells; a few batches are under way at most. One select is one snapshot. The text of the select is
//! the query builder's, as everywhere, and the file is only ever opened for reading.
//!
//! Concurrency: the thread is one of [`background`]'s and ends when nobody takes its rows any more.
//! Turned down: sqlx, which wakes the reader for every row and copies every value (six seconds for a
//! million rows of twenty features, where SQLite itself takes less than one), and several connections
//! over ranges of keys (they would see several states of the table).

use super::StoreError;
use super::cells::Reading;
use crate::background;
use crate::learning::Cell;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rusqlite::{Connection, OpenFlags};
use sea_orm::DbErr;
use sea_orm::sea_query::{SelectStatement, SqliteQueryBuilder};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Cells of a batch, about: 128 KiB.
const BATCH_CELLS: usize = 4_096;
/// Batches that are ready and not taken yet.
const BATCHES: usize = 4;
/// How long a read waits for a writer that locks the whole file.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What a path keeps as it is in SQLite's form of a URI.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_');

/// A file, as SQLite's URI for reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqliteFile(String);

/// What is asked of it: one cell for each reading a row.
pub(super) struct Wanted {
    pub(super) select: SelectStatement,
    pub(super) readings: Vec<Reading>,
}

/// Rows on their way.
pub(super) struct FileRows {
    batches: mpsc::Receiver<Vec<Cell>>,
    ended: oneshot::Receiver<Result<(), StoreError>>,
}

impl SqliteFile {
    /// Of a URL in the driver's form; `None` for another database's.
    pub(super) fn of(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("sqlite:")?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let path = percent_decode_str(path).decode_utf8_lossy();
        let path = utf8_percent_encode(&path, ENCODED);
        let kept = parameters.split('&').filter(|pair| {
            let name = pair.split('=').next();
            matches!(name, Some("immutable" | "vfs"))
        });
        let kept: String = kept.map(|pair| format!("&{pair}")).collect();
        Some(Self(format!("file:{path}?mode=ro{kept}")))
    }

    /// Begins to read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: no thread could be started. What the file says comes at the end.
    pub(super) fn read(&self, wanted: Wanted) -> Result<FileRows, StoreError> {
        let (sender, batches) = mpsc::channel(BATCHES);
        let file = self.clone();
        let ended = background::compute("logitd-read", move || file.send(&wanted, &sender))
            .map_err(|error| StoreError::Unavailable(DbErr::Custom(error.to_string())))?;
        Ok(FileRows { batches, ended })
    }

    fn send(&self, wanted: &Wanted, to: &mpsc::Sender<Vec<Cell>>) -> Result<(), StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.0, flags)?;
        connection.busy_timeout(LONGEST_WAIT)?;
        let mut statement = connection.prepare(&wanted.select.to_string(SqliteQueryBuilder))?;
        let mut rows = statement.query([])?;
        let width = wanted.readings.len();
        let full = (BATCH_CELLS / width.max(1)).max(1) * width;
        let mut batch = Vec::with_capacity(full);
        while let Some(row) = rows.next()? {
            for (index, reading) in wanted.readings.iter().enumerate() {
                batch.push(reading.of_file(row.get_ref(index)?));
            }
            if batch.len() == full {
                let taken = to.blocking_send(batch);
                if taken.is_err() {
                    return Ok(());
                }
                batch = Vec::with_capacity(full);
            }
        }
        // Whether the last ones are taken, nobody has to know.
        let _ = to.blocking_send(batch);
        Ok(())
    }
}

impl FileRows {
    /// The next rows, one after the other; `None` after the last, and after a failure.
    pub(super) async fn next(&mut self) -> Option<Vec<Cell>> {
        self.batches.recv().await
    }

    /// How it ended.
    ///
    /// # Errors
    /// What the file said.
    pub(super) async fn end(self) -> Result<(), StoreError> {
        drop(self.batches);
        let ended = self.ended.await;
        let lost = |_| DbErr::Custom("the thread that reads the file has panicked".into());
        ended.map_err(|gone| StoreError::Database(lost(gone)))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(url: &str) -> Option<String> {
        SqliteFile::of(url).map(|file| file.0)
    }

    #[test]
    fn a_url_becomes_the_uri_of_the_same_file() {
        for (url, expected) in [
            ("sqlite://own.db", "file:own.db?mode=ro"),
            ("sqlite:data/a.db", "file:data/a.db?mode=ro"),
            (
                "sqlite:///tmp/a%20b%23.db?mode=rwc",
                "file:/tmp/a%20b%23.db?mode=ro",
            ),
            (
                "sqlite:///a.db?cache=private&immutable=1&vfs=unix-none",
                "file:/a.db?mode=ro&immutable=1&vfs=unix-none",
            ),
        ] {
            assert_eq!(uri(url).as_deref(), Some(expected));
        }
        assert_eq!(uri("postgres://host/db"), None);
    }

    #[tokio::test]
    async fn a_file_that_is_gone_is_unavailable() {
        let file = SqliteFile::of("sqlite:///no/such/file.db").unwrap();
        let wanted = Wanted {
            select: SelectStatement::new(),
            readings: Vec::new(),
        };
        let mut rows = file.read(wanted).unwrap();
        assert_eq!(rows.next().await, None);
        assert!(rows.end().await.unwrap_err().is_unavailable());
    }
}
