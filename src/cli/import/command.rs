//! From the file to the table, batch by batch.

use super::columns::WantedColumns;
use super::labelled_csv::LabelledCsv;
use super::progress::Progress;
use super::refused_rows::RefusedRows;
use super::repeated_keys::RepeatedKeys;
use crate::app::{database_options, dataset_table};
use crate::cli::arguments::ImportArguments;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::unreachable::Unreachable;
use crate::config::Config;
use crate::lifecycle::Signals;
use crate::store::labelled_rows::{DatasetWriter, IncomingRow, NewColumns, RefusedRow};
use crate::store::{IncomingOrder, OrderKind, canonical_integer};
use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows of a transaction.
const BATCH_ROWS: usize = 1_000;
/// Rows that decide the types of a new table's key, target and order.
const SAMPLE_ROWS: usize = 10_000;

pub(super) type AnyError = Box<dyn Error + Send + Sync>;

/// Imports the file; ends with 1 if a row was refused or a signal came first.
pub(in crate::cli) async fn run(
    config: Config,
    arguments: ImportArguments,
) -> Result<ExitCode, Failure> {
    let failed = |error| Failure::of("import")(Unreachable::named_of_dataset(&config, error));
    let mut import = Import::open(&config, &arguments).await.map_err(failed)?;
    let ended = import.load().await;
    import.progress.clear();
    if ended.is_err() {
        output::tell(format!("{} rows were committed and stay", import.imported));
    }
    ended.map_err(failed)?;
    import.finish(&config).await.map_err(failed)
}

struct Import {
    csv: LabelledCsv,
    writer: DatasetWriter,
    progress: Progress,
    refused: RefusedRows,
    keys: RepeatedKeys,
    stopped: Arc<AtomicBool>,
    imported: u64,
}

impl Import {
    async fn open(config: &Config, arguments: &ImportArguments) -> Result<Self, AnyError> {
        let schema = &config.dataset.learning_schema;
        let wanted = WantedColumns::of(config);
        let (csv, total_bytes) = open_csv(arguments, &wanted)?;
        tell_header(&csv);
        let options = database_options(config);
        let writer = DatasetWriter::open(&options, &dataset_table(config), schema).await?;
        if let Some(words) = appends(&writer, wanted.key.as_deref()) {
            output::tell(words);
        }
        Ok(Self {
            csv,
            writer,
            progress: Progress::begin(total_bytes),
            refused: RefusedRows::default(),
            keys: RepeatedKeys::default(),
            stopped: watch_signals()?,
            imported: 0,
        })
    }

    async fn load(&mut self) -> Result<(), AnyError> {
        if !self.writer.has_table() {
            let sample = self.read(SAMPLE_ROWS)?;
            let mut batches = sample.chunks(BATCH_ROWS);
            if let Some(first) = batches.next() {
                self.create(kinds(&sample), first).await?;
            }
            for batch in batches {
                self.write(batch).await?;
            }
        }
        loop {
            let batch = self.read(BATCH_ROWS)?;
            if batch.is_empty() {
                return Ok(());
            }
            self.write(&batch).await?;
        }
    }

    /// The next rows that can be used; none at the end, or when it is to stop.
    fn read(&mut self, rows: usize) -> Result<Vec<IncomingRow>, AnyError> {
        let mut batch = Vec::new();
        while batch.len() < rows && !self.is_stopped() {
            match self.csv.next_row()? {
                Some(Ok(row)) => batch.push(row),
                Some(Err(row)) => self.refuse(&row),
                None => break,
            }
        }
        Ok(batch)
    }

    /// Creates the table with its first rows, so that no empty one is ever left behind.
    async fn create(&mut self, kinds: NewColumns, first: &[IncomingRow]) -> Result<(), AnyError> {
        if self.is_stopped() {
            return Ok(());
        }
        match self.writer.create(kinds, first).await? {
            Some(refused) => {
                self.committed(first, &refused);
                Ok(())
            }
            None => self.write(first).await,
        }
    }

    async fn write(&mut self, batch: &[IncomingRow]) -> Result<(), AnyError> {
        if !self.is_stopped() {
            let refused = self.writer.write(batch).await?;
            self.committed(batch, &refused);
        }
        Ok(())
    }

    fn committed(&mut self, batch: &[IncomingRow], refused: &[RefusedRow]) {
        refused.iter().for_each(|row| self.refuse(row));
        self.imported += (batch.len() - refused.len()) as u64;
        for row in batch {
            if let Some(key) = &row.key {
                self.keys.add(key, row.line);
            }
        }
        self.progress.tell(self.imported, self.csv.read_bytes());
    }

    fn refuse(&mut self, row: &RefusedRow) {
        if let Some(words) = self.refused.add(row) {
            self.progress.clear();
            output::tell(words);
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    async fn finish(self, config: &Config) -> Result<ExitCode, AnyError> {
        let stopped = self.is_stopped();
        let refused = self.refused.count();
        tell_repeated(self.keys, self.writer.upserts());
        self.writer.close().await?;
        let table = dataset_table(config);
        let (rows, line) = (self.imported, self.csv.header().lines);
        if stopped {
            output::tell(format!(
                "stopped: {rows} rows were committed to {table} and stay"
            ));
        } else {
            output::say(format!("imported {rows} rows into {table}"));
            if rows + refused == 0 {
                output::tell(format!("there are no rows behind line {line}"));
            }
        }
        if refused > 0 {
            output::tell(format!("{refused} rows were refused"));
        }
        Ok(ExitCode::from(u8::from(stopped || refused > 0)))
    }
}

/// Why rows are appended and what would replace them, if so.
fn appends(writer: &DatasetWriter, key: Option<&str>) -> Option<String> {
    match key {
        None => Some(
            "no key is configured: rows are appended; [dataset] key names the column by which they would \
             replace each other"
                .to_owned(),
        ),
        Some(key) if writer.has_table() && !writer.upserts() => Some(format!(
            "{key:?} has no unique index: rows are appended; with one they would replace those with their key"
        )),
        Some(_) => None,
    }
}

fn open_csv(
    arguments: &ImportArguments,
    wanted: &WantedColumns,
) -> Result<(LabelledCsv, Option<u64>), AnyError> {
    if let Some(example) = arguments.example {
        let text = example.csv().as_bytes();
        return Ok((LabelledCsv::open(text, wanted)?, Some(text.len() as u64)));
    }
    let path = arguments.file.as_deref().unwrap_or(Path::new(""));
    let named = |error| format!("open {}: {error}", path.display());
    let file = File::open(path).map_err(named)?;
    let about = file.metadata().map_err(named)?;
    let total_bytes = about.is_file().then_some(about.len());
    let csv = LabelledCsv::open(BufReader::new(file), wanted)?;
    Ok((csv, total_bytes))
}

fn tell_header(csv: &LabelledCsv) {
    let separated = match csv.header().delimiter {
        b';' => "semicolons",
        b'\t' => "tabs",
        _ => "commas",
    };
    output::tell(format!("cells are separated by {separated}"));
    if !csv.ignored().is_empty() {
        let named: Vec<String> = csv
            .ignored()
            .iter()
            .map(|name| format!("{name:?}"))
            .collect();
        output::tell(format!("columns left out: {}", named.join(", ")));
    }
}

fn tell_repeated(keys: RepeatedKeys, upserts: bool) {
    let (count, first) = keys.finish();
    let what = if upserts {
        "replaced by"
    } else {
        "kept beside"
    };
    for row in &first {
        output::tell(format!(
            "line {}: {what} line {}, which has the same key",
            row.line, row.again
        ));
    }
    if count > 0 {
        output::tell(format!("{count} rows have a key that a later row repeats"));
    }
}

/// Integers only if every value of the sample is one in the usual spelling; the order's column is of
/// times, dates or numbers if every value is one.
pub(super) fn kinds(sample: &[IncomingRow]) -> NewColumns {
    let integer = |text: &str| canonical_integer(text).is_some();
    let mut labels = sample.iter().filter_map(|row| row.label.as_deref());
    let some_label = sample.iter().any(|row| row.label.is_some());
    NewColumns {
        integer_key: sample
            .iter()
            .all(|row| row.key.as_deref().is_none_or(integer)),
        integer_target: some_label && labels.all(integer),
        order: OrderKind::of(sample.iter().filter_map(|row| match &row.order {
            Some(IncomingOrder::Cell(cell)) => Some(cell.as_str()),
            _ => None,
        })),
    }
}

/// Set by the first signal; a second one ends the process at once.
fn watch_signals() -> Result<Arc<AtomicBool>, AnyError> {
    let signals = Signals::take_over()?;
    let stopped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stopped);
    tokio::spawn(async move {
        signals.first().await;
        flag.store(true, Ordering::Relaxed);
    });
    Ok(stopped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, label: Option<&str>) -> IncomingRow {
        IncomingRow {
            line: 2,
            key: Some(key.into()),
            features: Vec::new(),
            label: label.map(str::to_owned),
            order: None,
        }
    }

    #[test]
    fn a_column_of_integers_is_one_and_a_leading_zero_is_text() {
        let kinds = |rows: &[IncomingRow]| {
            let kinds = kinds(rows);
            (kinds.integer_key, kinds.integer_target)
        };
        assert_eq!(kinds(&[row("1", Some("0")), row("2", None)]), (true, true));
        assert_eq!(
            kinds(&[row("01", Some("a")), row("2", Some("1"))]),
            (false, false)
        );
        assert_eq!(kinds(&[row("1", None)]), (true, false));
    }
}
