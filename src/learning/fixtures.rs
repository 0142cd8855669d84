//! Data for the tests: the breast-cancer example, its published numbers, and made-up rows.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use ndarray::{Array2, ShapeBuilder};
use serde_json::Value;

use super::builder::TrainingSetBuilder;
use super::cell::Cell;
use super::classes::Classes;
use super::feature::Feature;
use super::fit::{Fit, FitError, fit};
use super::params::{Recipe, Search};
use super::rows::RowKey;
use super::schema::Schema;
use super::settings::TrainSettings;
use super::split::SplitRule;
use super::training_set::{Part, TrainingSet};

/// A labelled table in memory.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) features: Vec<String>,
    /// Key, values, label.
    pub(super) rows: Vec<(String, Vec<f64>, String)>,
}

fn text_of(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The 569 rows of the example.
pub(super) fn breast_cancer() -> Table {
    table("examples/breast-cancer/breast_cancer.csv")
}

/// 178 rows in three classes.
pub(super) fn wine() -> Table {
    table("tests/data/wine.csv")
}

/// 32 rows; the numbers that Stata prints for them are known.
pub(super) fn spector() -> Table {
    table("tests/data/spector.csv")
}

/// A CSV file: the key first, the label last.
fn table(path: &str) -> Table {
    let text = text_of(path);
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let last = header.len() - 1;
    let row = |cells: Vec<&str>| {
        let values = cells[1..last]
            .iter()
            .map(|cell| cell.parse().unwrap())
            .collect();
        (cells[0].to_owned(), values, cells[last].to_owned())
    };
    let features = header[1..last]
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    Table {
        features,
        rows: lines.map(row).collect(),
    }
}

/// The numbers that scikit-learn computed for the example, of the class benign.
pub(super) fn reference() -> Value {
    json_of("tests/data/reference.json")["breast_cancer"].clone()
}

/// A JSON file of the project.
pub(super) fn json_of(path: &str) -> Value {
    serde_json::from_str(&text_of(path)).unwrap()
}

impl Table {
    /// The table as a training set.
    pub(super) fn set(&self, positive: &str, held_out_fraction: f64) -> TrainingSet {
        let mut builder = TrainingSetBuilder::new(&self.schema(positive), self.rows.len());
        for (key, values, label) in &self.rows {
            let cells: Vec<Cell> = values
                .iter()
                .map(|value| {
                    if value.is_nan() {
                        Cell::Null
                    } else {
                        Cell::Number(*value)
                    }
                })
                .collect();
            builder.push(RowKey::Text(key), &cells, &Cell::Text(label.clone()));
        }
        builder
            .finish(&SplitRule {
                held_out_fraction,
                minimum_rows: 2,
            })
            .unwrap()
    }

    /// Its schema; missing values take the mean.
    pub(super) fn schema(&self, positive: &str) -> Schema {
        let feature = |name: &String| Feature {
            missing: super::feature::Missing::Mean,
            ..Feature::named(name)
        };
        let features = self.features.iter().map(feature).collect();
        // Nothing is positive among three classes.
        let positive = Some(positive.to_owned());
        Schema::new("label".to_owned(), features, None, positive).unwrap()
    }

    /// The same table with other labels.
    pub(super) fn relabelled(&self, other: impl Fn(&str) -> String) -> Self {
        let mut table = self.clone();
        for row in &mut table.rows {
            row.2 = other(&row.2);
        }
        table
    }
}

/// A recipe with seed 42.
pub(super) fn recipe(penalty: f64) -> Recipe {
    Recipe::new(penalty, 42).unwrap()
}

/// A flag that is never set.
pub(super) fn never() -> AtomicBool {
    AtomicBool::new(false)
}

/// Classes `a` and `b`, `b` positive.
pub(super) fn two_classes() -> Classes {
    Classes::new(vec!["a".to_owned(), "b".to_owned()], 1).unwrap()
}

/// A schema of so many features, `f0` and on.
pub(super) fn numbered(width: usize) -> Schema {
    let features = (0..width)
        .map(|at| Feature::named(format!("f{at}")))
        .collect();
    Schema::new("label".to_owned(), features, None, None).unwrap()
}

/// A fit of rows given one by one, with two classes.
pub(super) fn fit_rows<const WIDTH: usize>(
    rows: &[[f64; WIDTH]],
    labels: &[u16],
    penalty: f64,
) -> Result<Fit, FitError> {
    fit_rows_of(rows, labels, 2, penalty)
}

/// A fit of rows given one by one, with so many classes.
pub(super) fn fit_rows_of<const WIDTH: usize>(
    rows: &[[f64; WIDTH]],
    labels: &[u16],
    classes: usize,
    penalty: f64,
) -> Result<Fit, FitError> {
    let features = Array2::from_shape_fn((rows.len(), WIDTH).f(), |(row, at)| rows[row][at]);
    let part = Part {
        features: features.view(),
        labels,
    };
    let names = ["a", "b", "c", "d", "e", "f"].map(str::to_owned);
    let classes = Classes::new(names[..classes].to_vec(), classes - 1).unwrap();
    fit(&numbered(WIDTH), part, &classes, &recipe(penalty), &never())
}

/// A fit of a part of a set, on one thread.
pub(super) fn fit_part(set: &TrainingSet, part: Part<'_>, penalty: f64) -> Result<Fit, FitError> {
    let schema = numbered(part.features.ncols());
    fit(&schema, part, set.classes(), &recipe(penalty), &never())
}

/// Settings for one penalty or more, on one thread.
pub(super) fn settings<'a>(penalties: &[f64], stop: &'a AtomicBool) -> TrainSettings<'a> {
    let search = Search::new(penalties.to_vec(), 5).unwrap();
    TrainSettings {
        search,
        seed: 42,
        refit: true,
        threads: 1,
        stop,
        progress: None,
    }
}

/// Numbers in [0, 1) that only look random.
pub(super) struct Noise(pub(super) u64);

impl Noise {
    pub(super) fn draw(&mut self) -> f64 {
        // Knuth's MMIX constants; the low bits are the poor ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
