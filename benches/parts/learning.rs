//! The steps of a training on 100,000 rows of 20 features, by what `learning` offers.

use super::operation::{Failure, Operation};
use super::table;
use logitd::learning::{
    Cell, Feature, Fit, Recipe, RowKey, Schema, Search, SplitRule, TrainSettings, TrainingSet,
    TrainingSetBuilder, curves, evaluate, fit, profile, train,
};
use std::rc::Rc;
use std::sync::atomic::AtomicBool;

const ROWS: usize = 100_000;
const FEATURES: usize = 20;
/// Of the search: it fits 25 times.
const SEARCHED_ROWS: usize = 20_000;
const HELD_OUT: SplitRule = SplitRule {
    held_out_fraction: 0.2,
    minimum_rows: 100,
};

/// Never set: nothing here is stopped.
static STOP: AtomicBool = AtomicBool::new(false);

/// A table as a store hands it over.
struct Rows {
    schema: Schema,
    cells: Vec<(String, Vec<Cell>, Cell)>,
}

impl Rows {
    fn made(rows: usize) -> Result<Self, Failure> {
        let names = (0..FEATURES).map(|at| Feature::named(format!("feature_{at}")));
        let schema = Schema::new("class".into(), names.collect(), None, None);
        let schema = schema.map_err(|faults| format!("{faults:?}"))?;
        let rows = table::rows(rows, FEATURES).into_iter().enumerate();
        let cells = rows.map(|(at, (values, class))| {
            let values = values.into_iter().map(Cell::Number).collect();
            (at.to_string(), values, Cell::Integer(class))
        });
        let cells = cells.collect();
        Ok(Self { schema, cells })
    }

    /// Judged, hashed, kept by columns, put in order.
    fn arranged(&self) -> Result<TrainingSet, Failure> {
        let mut builder = TrainingSetBuilder::new(&self.schema, self.cells.len());
        for (key, values, class) in &self.cells {
            builder.push(RowKey::Text(key), values, class);
        }
        Ok(builder.finish(&HELD_OUT)?)
    }
}

pub(crate) fn operations() -> Result<Vec<Operation>, Failure> {
    let rows = Rc::new(Rows::made(ROWS)?);
    let set = Rc::new(rows.arranged()?);
    let first = Rc::new(fitted(&rows.schema, &set)?);
    let long = |name, rows: usize, run| Operation {
        room: "learning",
        name,
        rows: rows as u64,
        is_long: true,
        run,
    };
    Ok(vec![
        long("judge-and-arrange", ROWS, judging(&rows)),
        long("fit", ROWS, fitting(&rows, &set)),
        long("profile", ROWS, profiling(&rows, &set)),
        long("evaluate", ROWS / 5, evaluating(&set, &first)),
        long("curves", ROWS / 5, drawing(&set, &first)),
        long("search", SEARCHED_ROWS, searching()?),
    ])
}

type Run = Box<dyn FnMut() -> Result<u64, Failure>>;

fn judging(rows: &Rc<Rows>) -> Run {
    let rows = Rc::clone(rows);
    Box::new(move || Ok(rows.arranged()?.counts().usable))
}

fn fitting(rows: &Rc<Rows>, set: &Rc<TrainingSet>) -> Run {
    let (rows, set) = (Rc::clone(rows), Rc::clone(set));
    Box::new(move || Ok(fitted(&rows.schema, &set)?.report.objective.to_bits()))
}

fn fitted(schema: &Schema, set: &TrainingSet) -> Result<Fit, Failure> {
    let recipe = Recipe::new(1.0, 42)?;
    Ok(fit(schema, set.training(), set.classes(), &recipe, &STOP)?)
}

fn profiling(rows: &Rc<Rows>, set: &Rc<TrainingSet>) -> Run {
    let (rows, set) = (Rc::clone(rows), Rc::clone(set));
    Box::new(move || Ok(profile(&rows.schema, set.all(), set.classes()).rows))
}

fn evaluating(set: &Rc<TrainingSet>, first: &Rc<Fit>) -> Run {
    let (set, first) = (Rc::clone(set), Rc::clone(first));
    Box::new(move || {
        let told = evaluate(&first.classifier, set.held_out(), set.training(), 42);
        Ok(told.ok_or("nothing is held out")?.log_loss.to_bits())
    })
}

fn drawing(set: &Rc<TrainingSet>, first: &Rc<Fit>) -> Run {
    let (set, first) = (Rc::clone(set), Rc::clone(first));
    Box::new(move || Ok(curves(&first.classifier, set.held_out()).len() as u64))
}

/// Five penalties by five folds, with the one fit and the profile that follow on them.
fn searching() -> Result<Run, Failure> {
    let rows = Rows::made(SEARCHED_ROWS)?;
    let set = rows.arranged()?;
    let search = Search::new(vec![0.01, 0.1, 1.0, 10.0, 100.0], 5)?;
    Ok(Box::new(move || {
        let settings = TrainSettings {
            search: search.clone(),
            seed: 42,
            refit: false,
            threads: 1,
            stop: &STOP,
            progress: None,
        };
        let trained = train(&rows.schema, &set, &settings)?;
        let table = trained.search.ok_or("nothing was searched")?;
        Ok(table.chosen.to_bits())
    }))
}
