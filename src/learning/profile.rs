//! What the data looked like that a classifier was fitted on.
//!
//! Shape: a few numbers a feature and a count a class, kept with every version: warnings about
//! values outside the training range and comparisons with later data come from here. Concurrency:
//! columns side by side. Turned down: an `Option` for a range of nothing (every version that was
//! stored has plain numbers; [`FeatureProfile::range`] is the way to ask).

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::blocks::in_parallel;
use super::classes::Classes;
use super::distribution::{Histogram, Quantile, distribution};
use super::moments::Moments;
use super::schema::Schema;
use super::subset::Subset;
use super::training_set::Part;

/// One feature over the rows; all numbers in its own unit and of the values that are there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureProfile {
    /// The feature's name.
    pub name: String,
    /// Rows with a value. When it is 0 the four numbers below are 0 and mean nothing.
    pub count: u64,
    /// Rows without one.
    pub missing: u64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation (ddof 0).
    pub standard_deviation: f64,
    /// Smallest value.
    pub minimum: f64,
    /// Largest value.
    pub maximum: f64,
    /// Quantiles 0, .01, .05, .25, .5, .75, .95, .99 and 1; empty when nothing is there, and in
    /// versions stored before there were any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<Quantile>,
    /// Twenty bins of equal width; absent where the quantiles are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<Histogram>,
}

impl FeatureProfile {
    fn of(name: &str, column: &[f64]) -> Self {
        let moments = Moments::of(column);
        let (quantiles, histogram) = distribution(column, moments.range());
        Self {
            name: name.to_owned(),
            count: moments.count,
            missing: moments.missing,
            mean: moments.mean,
            standard_deviation: moments.deviation,
            minimum: moments.minimum,
            maximum: moments.maximum,
            quantiles,
            histogram,
        }
    }

    /// Smallest and largest value; `None` when there was no value, so that nothing is outside.
    pub fn range(&self) -> Option<(f64, f64)> {
        (self.count > 0).then_some((self.minimum, self.maximum))
    }
}

/// How many rows a class has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCount {
    /// The class.
    pub label: String,
    /// Its rows.
    pub rows: u64,
}

/// A whole part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Rows seen.
    pub rows: u64,
    /// One a feature, in the schema's order.
    pub features: Vec<FeatureProfile>,
    /// One a class, in class order.
    pub classes: Vec<ClassCount>,
}

/// Profiles a part whose columns are the schema's features.
pub fn profile(schema: &Schema, part: Part<'_>, classes: &Classes) -> Profile {
    let never = AtomicBool::new(false);
    let nothing = Profile {
        rows: 0,
        features: Vec::new(),
        classes: Vec::new(),
    };
    profile_on(schema, part, classes, 1, &never).unwrap_or(nothing)
}

/// The same on more threads; `None` when `stop` was set.
pub(super) fn profile_on(
    schema: &Schema,
    part: Part<'_>,
    classes: &Classes,
    threads: usize,
    stop: &AtomicBool,
) -> Option<Profile> {
    let columns = part.features.ncols().min(schema.features().len());
    let of = |at: usize| {
        let column = Subset::all(part).column(at);
        (!stop.load(Ordering::Relaxed))
            .then(|| FeatureProfile::of(&schema.features()[at].name, &column))
    };
    let per_class = classes
        .names()
        .iter()
        .zip(part.rows_per_class(classes.len()));
    let class_count = |(name, rows): (&String, u64)| ClassCount {
        label: name.clone(),
        rows,
    };
    Some(Profile {
        rows: part.rows() as u64,
        features: in_parallel(columns, threads, of)?,
        classes: per_class.map(class_count).collect(),
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::learning::feature::Feature;
    use crate::learning::fixtures::two_classes;

    #[test]
    fn it_tells_what_is_there_and_what_is_missing() {
        let features = vec![Feature::named("one"), Feature::named("two")];
        let schema = Schema::new("label".to_owned(), features, None, None).unwrap();
        let rows = array![[1.0, f64::NAN], [3.0, f64::NAN], [f64::NAN, f64::NAN]];
        let part = Part {
            features: rows.view(),
            labels: &[1, 1, 0],
        };
        let found = profile(&schema, part, &two_classes());
        let one = &found.features[0];
        assert_eq!((one.name.as_str(), one.count, one.missing), ("one", 2, 1));
        assert_eq!((one.mean, one.standard_deviation), (2.0, 1.0));
        assert_eq!((one.minimum, one.maximum), (1.0, 3.0));
        assert_eq!(
            (found.features[1].count, found.features[1].maximum),
            (0, 0.0)
        );
        assert_eq!(
            (one.range(), found.features[1].range()),
            (Some((1.0, 3.0)), None)
        );
        assert_eq!((one.quantiles.len(), one.quantiles[4].value), (9, 2.0));
        assert!(found.features[1].quantiles.is_empty() && found.features[1].histogram.is_none());
        let counts: Vec<_> = found.classes.iter().map(|class| class.rows).collect();
        assert_eq!((found.rows, counts), (3, vec![1, 2]));
    }
}
