//! What the data looked like that a classifier was fitted on.
//!
//! Shape: a few numbers a feature and a count a class, kept with every version: warnings about
//! values outside the training range and comparisons with later data come from here. Concurrency:
//! pure. Turned down: histograms (their bins would need a rule of their own).

use serde::{Deserialize, Serialize};

use super::classes::Classes;
use super::moments::Moments;
use super::schema::Schema;
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
    let columns = schema.features().iter().zip(part.features.columns());
    let features = columns
        .map(|(feature, column)| {
            let moments = Moments::of(column.iter());
            FeatureProfile {
                name: feature.name.clone(),
                count: moments.count,
                missing: moments.missing,
                mean: moments.mean,
                standard_deviation: moments.deviation,
                minimum: moments.minimum,
                maximum: moments.maximum,
            }
        })
        .collect();
    let per_class = classes
        .names()
        .iter()
        .zip(part.rows_per_class(classes.len()));
    let classes = per_class
        .map(|(name, rows)| ClassCount {
            label: name.clone(),
            rows,
        })
        .collect();
    Profile {
        rows: part.rows() as u64,
        features,
        classes,
    }
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
        let counts: Vec<_> = found.classes.iter().map(|class| class.rows).collect();
        assert_eq!((found.rows, counts), (3, vec![1, 2]));
    }
}
