//! Rows of a SQLite file, read past the driver that everything else goes through.
//!
//! Shape: rusqlite steps through the rows on a thread of its own and hands them over in batches of
//! cells; a few batches are under way at most. One select is one snapshot. The text of the select is
//! the query builder's, as everywhere, and the file is only ever opened for reading.
//!
//! Concurrency: the thread is one of [`background`]'s and ends when nobody takes its rows any more, also
//! in the middle of computing the next. One that waits for the file itself (a file system on a network that
//! is gone) ends when the kernel lets it; who takes the rows does not wait with it.
//! Turned down: sqlx, which wakes the reader for every row and copies every value (six seconds for a
//! million rows of twenty features, where SQLite itself takes less than one), and several connections
//! over ranges of keys (they would see several states of the table).

use super::StoreError;
use super::bounded::within;
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
/// SQLite's own instructions between two looks whether the rows are still wanted: milliseconds.
const INSTRUCTIONS: i32 = 100_000;
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
    longest_silence: Duration,
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

    /// Begins to read. The next rows are waited for as long as told.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: no thread could be started. What the file says comes at the end.
    pub(super) fn read(
        &self,
        wanted: Wanted,
        longest_silence: Duration,
    ) -> Result<FileRows, StoreError> {
        let (sender, batches) = mpsc::channel(BATCHES);
        let file = self.clone();
        let ended = background::compute("logitd-read", move || file.send(&wanted, &sender))
            .map_err(|error| StoreError::Unavailable(DbErr::Custom(error.to_string())))?;
        Ok(FileRows {
            batches,
            ended,
            longest_silence,
        })
    }

    fn send(&self, wanted: &Wanted, to: &mpsc::Sender<Vec<Cell>>) -> Result<(), StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.0, flags)?;
        connection.busy_timeout(LONGEST_WAIT)?;
        let taken = to.clone();
        connection.progress_handler(INSTRUCTIONS, Some(move || taken.is_closed()))?;
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
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: none came in time.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Cell>>, StoreError> {
        let next = async { Ok(self.batches.recv().await) };
        within(self.longest_silence, next).await
    }

    /// How it ended.
    ///
    /// # Errors
    /// What the file said; [`StoreError::Unavailable`] where it says nothing in time.
    pub(super) async fn end(self) -> Result<(), StoreError> {
        drop(self.batches);
        let ended = async {
            let lost = "the thread that reads the file has panicked";
            let ended = self.ended.await;
            ended.map_err(|_| StoreError::Database(DbErr::Custom(lost.into())))?
        };
        within(self.longest_silence, ended).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::sea_query::{ColumnDef, Expr, ExprTrait, Query, Table};

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
        let mut rows = file.read(wanted, Duration::from_secs(60)).unwrap();
        assert_eq!(rows.next().await.unwrap(), None);
        assert!(rows.end().await.unwrap_err().is_unavailable());
    }

    /// Ten rows in a file of this folder.
    fn ten_rows(folder: &std::path::Path) -> SqliteFile {
        let path = folder.join("rows.db");
        let connection = Connection::open(&path).unwrap();
        let mut column = ColumnDef::new("a");
        let table = Table::create().table("t").col(column.integer()).take();
        let mut insert = Query::insert().into_table("t").columns(["a"]).take();
        for value in 0..10 {
            insert.values_panic([value.into()]);
        }
        for text in [
            table.to_string(SqliteQueryBuilder),
            insert.to_string(SqliteQueryBuilder),
        ] {
            connection.execute(&text, []).unwrap();
        }
        SqliteFile::of(&format!("sqlite://{}", path.display())).unwrap()
    }

    /// All rows of so many times the ten, of which none fits: a condition on a sum lets no index help.
    fn none_of_ten_to_the(power: usize) -> Wanted {
        let names: Vec<String> = (0..power).map(|n| format!("t{n}")).collect();
        let mut select = Query::select().expr(Expr::val(1)).take();
        let sum = names.iter().fold(Expr::val(0), |sum, name| {
            select.from_as("t", name.clone());
            sum.add(Expr::col((name.clone(), "a")))
        });
        select.and_where(sum.lt(0));
        Wanted {
            select,
            readings: Vec::new(),
        }
    }

    #[tokio::test]
    async fn rows_that_take_too_long_are_given_up_and_computed_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let file = ten_rows(folder.path());
        let mut rows = file
            .read(none_of_ten_to_the(2), Duration::from_secs(60))
            .unwrap();
        while rows.next().await.unwrap().is_some() {}
        rows.end().await.unwrap();
        // Years.
        let limit = Duration::from_millis(50);
        let mut rows = file.read(none_of_ten_to_the(18), limit).unwrap();
        let said = rows.next().await.unwrap_err();
        assert!(said.is_unavailable(), "{said}");
        let FileRows { batches, ended, .. } = rows;
        drop(batches);
        let ended = tokio::time::timeout(Duration::from_secs(60), ended).await;
        let said = ended.expect("the thread ends").unwrap().unwrap_err();
        assert!(format!("{said:?}").contains("interrupted"), "{said:?}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_says_nothing_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("silent.db");
        // Who opens it to read waits in the kernel until somebody opens it to write.
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        let file = SqliteFile::of(&format!("sqlite://{}", path.display())).unwrap();
        let limit = Duration::from_millis(50);
        let mut rows = file.read(none_of_ten_to_the(1), limit).unwrap();
        for said in [
            rows.next().await.unwrap_err(),
            rows.end().await.unwrap_err(),
        ] {
            assert!(said.is_unavailable(), "{said:?}");
            assert!(
                format!("{said:?}").contains("no answer within 50 ms"),
                "{said:?}"
            );
        }
        std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    }
}
