//! A fit alone, and a search beside it, on a table in memory: what `bench/training/fits.py` compares.
//!
//! Shape: `fit FILE ROWS FEATURES THREADS ROUNDS`; the file holds doubles, column after column, and then
//! a class a row as a byte. Each round fits all rows under the penalty 1, from the values as a table has
//! them: scaling, the checks of what cannot be learned, start, Newton, certificate. `--search` instead
//! trains with 5 penalties by 5 folds and tells the time of the search and of the one fit after it.
//! Prints JSON. Concurrency: on so many threads. Turned down: timing `logitd train` from outside, which
//! reads a database too.

use logitd::learning::{
    Cell, Classes, Feature, Part, Recipe, RowKey, Schema, Search, SplitRule, Step, StepName,
    TrainSettings, TrainingSetBuilder, fit, train,
};
use ndarray::{Array2, ShapeBuilder};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

/// Never set: nothing here is stopped.
static STOP: AtomicBool = AtomicBool::new(false);

/// The whole file.
struct Table {
    schema: Schema,
    values: Array2<f64>,
    labels: Vec<u16>,
}

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // Cargo says `--bench` last.
    let words = words.strip_suffix(&["--bench"]).unwrap_or(&words);
    let (words, is_search) = match words {
        ["--search", words @ ..] => (words, true),
        words => (words, false),
    };
    let &[file, rows, features, threads, rounds] = words else {
        return Err("fit [--search] FILE ROWS FEATURES THREADS ROUNDS".into());
    };
    let table = Table::read(file, rows.parse()?, features.parse()?)?;
    let (threads, rounds) = (threads.parse()?, rounds.parse()?);
    let told = match is_search {
        true => searched(&table, threads, rounds)?,
        false => fitted(&table, threads, rounds)?,
    };
    writeln!(std::io::stdout(), "{told}")?;
    Ok(())
}

impl Table {
    fn read(file: &str, rows: usize, features: usize) -> Result<Self, Failure> {
        let bytes = std::fs::read(file)?;
        if bytes.len() != rows * (8 * features + 1) {
            return Err(format!("{file} does not hold {rows} rows of {features} features").into());
        }
        let (doubles, classes) = bytes.split_at(8 * rows * features);
        let (doubles, _) = doubles.as_chunks::<8>();
        let values = doubles
            .iter()
            .map(|bytes| f64::from_le_bytes(*bytes))
            .collect();
        let names = (1..=features).map(|at| Feature::named(format!("feature_{at}")));
        let schema = Schema::new("class".into(), names.collect(), None, None);
        Ok(Self {
            schema: schema.map_err(|faults| format!("{faults:?}"))?,
            values: Array2::from_shape_vec((rows, features).f(), values)?,
            labels: classes.iter().map(|class| u16::from(*class)).collect(),
        })
    }
}

fn fitted(table: &Table, threads: usize, rounds: u32) -> Result<serde_json::Value, Failure> {
    let part = Part {
        features: table.values.view(),
        labels: &table.labels,
    };
    let classes = Classes::new(vec!["0".into(), "1".into()], 1)?;
    let recipe = Recipe::new(1.0, 42)?.with_threads(threads);
    let mut seconds = Vec::new();
    let mut last = None;
    for _ in 0..rounds {
        let began = Instant::now();
        last = Some(fit(&table.schema, part, &classes, &recipe, &STOP)?.report);
        seconds.push(began.elapsed().as_secs_f64());
    }
    let report = last.ok_or("no round was asked for")?;
    Ok(serde_json::json!({
        "seconds": seconds, "gradient_norm": report.gradient_norm, "objective": report.objective,
        "converged": report.converged, "steps": report.steps,
    }))
}

fn searched(table: &Table, threads: usize, rounds: u32) -> Result<serde_json::Value, Failure> {
    let mut builder = TrainingSetBuilder::new(&table.schema, table.labels.len());
    for (at, (row, label)) in table
        .values
        .rows()
        .into_iter()
        .zip(&table.labels)
        .enumerate()
    {
        let cells: Vec<Cell> = row.iter().copied().map(Cell::Number).collect();
        let label = Cell::Integer(i64::from(*label));
        builder.push(RowKey::Text(&at.to_string()), &cells, &label);
    }
    let rule = SplitRule {
        held_out_fraction: 0.0,
        minimum_rows: 2,
    };
    let set = builder.finish(&rule)?;
    let (mut searches, mut fits) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let begun = Mutex::new(Vec::new());
        let note = |step: Step| {
            if let Ok(mut begun) = begun.lock() {
                begun.push((step.name, Instant::now()));
            }
        };
        let settings = TrainSettings {
            search: Search::new(vec![0.01, 0.1, 1.0, 10.0, 100.0], 5)?,
            seed: 42,
            refit: false,
            threads,
            stop: &STOP,
            progress: Some(&note),
        };
        train(&table.schema, &set, &settings)?;
        let begun = begun.into_inner()?;
        let at = |name: StepName| {
            let mut of = begun.iter().filter(|(step, _)| *step == name);
            of.next()
                .map(|(_, at)| *at)
                .ok_or(format!("{name} never began"))
        };
        let (search, one) = (at(StepName::Search)?, at(StepName::Fit)?);
        searches.push((one - search).as_secs_f64());
        fits.push((at(StepName::Evaluate)? - one).as_secs_f64());
    }
    Ok(serde_json::json!({"search_seconds": searches, "fit_seconds": fits}))
}
