//! The settings that a run was made with: kept with it, so that it can be repeated, and so that the
//! next one knows whether anything has changed.

use super::plan::TrainingPlan;
use crate::learning::{InvalidRecipe, Schema, Search, SplitRule};
use crate::store::DatasetTable;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Everything of a plan that a result follows from. Threads change no bit of it, and where a
/// database is reached is nobody's business but the configuration's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSettings {
    /// Which database the rows were in, as a hash.
    pub database: String,
    /// Where the rows were.
    pub table: String,
    /// The table's schema, on PostgreSQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_schema: Option<String>,
    /// The column that names a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The column that orders the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// What was learned from and for.
    pub schema: Schema,
    /// Share of the rows held out.
    pub held_out_fraction: f64,
    /// Usable rows there had to be.
    pub minimum_rows: usize,
    /// Rows of a sample; 0: all.
    pub maximum_rows: usize,
    /// The penalties to choose from.
    pub penalties: Vec<f64>,
    /// Over how many folds.
    pub folds: usize,
    /// The seed of whatever was drawn.
    pub seed: u64,
    /// Whether the served fit saw all rows.
    pub refit: bool,
    /// Mean log loss that a challenger might lose.
    pub tolerance: f64,
}

/// Where each setting is stored, and the field of the configuration that it came from.
const FIELDS: [(&str, &str); 17] = [
    ("/database", "dataset.url"),
    ("/table", "dataset.table"),
    ("/table_schema", "dataset.schema"),
    ("/key", "dataset.key"),
    ("/order", "dataset.order"),
    ("/schema/target", "dataset.target"),
    ("/schema/classes", "dataset.classes"),
    ("/schema/positive", "dataset.positive"),
    ("/schema/features", "dataset.features"),
    ("/held_out_fraction", "training.held_out_fraction"),
    ("/minimum_rows", "training.minimum_rows"),
    ("/maximum_rows", "training.maximum_rows"),
    ("/penalties", "training.penalties"),
    ("/folds", "training.folds"),
    ("/seed", "training.seed"),
    ("/refit", "training.refit"),
    ("/tolerance", "gate.tolerance"),
];

impl RunSettings {
    /// Those of a plan.
    #[must_use]
    pub fn of(plan: &TrainingPlan) -> Self {
        Self {
            database: plan.database.clone(),
            table: plan.table.table.clone(),
            table_schema: plan.table.schema.clone(),
            key: plan.table.key.clone(),
            order: plan.table.order.clone(),
            schema: (*plan.schema).clone(),
            held_out_fraction: plan.split.held_out_fraction,
            minimum_rows: plan.split.minimum_rows,
            maximum_rows: plan.maximum_rows,
            penalties: plan.search.penalties().to_vec(),
            folds: plan.search.folds(),
            seed: plan.seed,
            refit: plan.refit,
            tolerance: plan.tolerance,
        }
    }

    /// `sha256:<hex>` of what can change a result: everything but what only people read.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let value = self.telling();
        format!("sha256:{:x}", Sha256::digest(value.to_string().as_bytes()))
    }

    /// The fields of the configuration in which these settings and others differ.
    #[must_use]
    pub fn differences(&self, others: &Self) -> Vec<String> {
        let (one, other) = (self.telling(), others.telling());
        let named = FIELDS.iter();
        let named = named.filter(|(pointer, _)| one.pointer(pointer) != other.pointer(pointer));
        named.map(|(_, field)| (*field).to_owned()).collect()
    }

    /// The plan of these settings, where `now` says what no result follows from: the model's name,
    /// the threads, the binary.
    ///
    /// # Errors
    /// Never, of settings that were used.
    pub fn plan(&self, now: &TrainingPlan) -> Result<TrainingPlan, InvalidRecipe> {
        Ok(TrainingPlan {
            database: self.database.clone(),
            table: self.dataset(),
            schema: Arc::new(self.schema.clone()),
            split: self.split(),
            maximum_rows: self.maximum_rows,
            tolerance: self.tolerance,
            search: self.search()?,
            seed: self.seed,
            refit: self.refit,
            ..now.clone()
        })
    }

    /// What a result follows from, as it is stored.
    fn telling(&self) -> Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(features) = value["schema"]["features"].as_array_mut() {
            for feature in features.iter_mut().filter_map(|one| one.as_object_mut()) {
                for read_only in ["example", "unit", "description"] {
                    feature.remove(read_only);
                }
            }
        }
        value
    }

    /// Where the rows were.
    #[must_use]
    pub fn dataset(&self) -> DatasetTable {
        DatasetTable {
            table: self.table.clone(),
            schema: self.table_schema.clone(),
            key: self.key.clone(),
            order: self.order.clone(),
        }
    }

    /// How rows were held out.
    #[must_use]
    pub fn split(&self) -> SplitRule {
        SplitRule {
            held_out_fraction: self.held_out_fraction,
            minimum_rows: self.minimum_rows,
        }
    }

    /// The penalties to choose from.
    ///
    /// # Errors
    /// Never, of settings that were used.
    pub fn search(&self) -> Result<Search, InvalidRecipe> {
        Search::new(self.penalties.clone(), self.folds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::Feature;

    fn settings() -> RunSettings {
        let features = vec![Feature::named("x"), Feature::named("y")];
        RunSettings {
            database: "sha256:1".into(),
            table: "data".into(),
            table_schema: None,
            key: Some("id".into()),
            order: None,
            schema: Schema::new("class".into(), features, None, None).unwrap(),
            held_out_fraction: 0.2,
            minimum_rows: 100,
            maximum_rows: 0,
            penalties: vec![0.1, 1.0],
            folds: 5,
            seed: 42,
            refit: true,
            tolerance: 0.0,
        }
    }

    #[test]
    fn a_fingerprint_sees_what_changes_a_result_and_nothing_else() {
        let one = settings().fingerprint();
        let with = |change: &dyn Fn(&mut Feature)| {
            let mut features = vec![Feature::named("x"), Feature::named("y")];
            change(&mut features[0]);
            let schema = Schema::new("class".into(), features, None, None).unwrap();
            RunSettings {
                schema,
                ..settings()
            }
        };
        assert_eq!(with(&|x| x.unit = Some("mm".into())).fingerprint(), one);
        assert_eq!(with(&|x| x.example = Some(2.0)).fingerprint(), one);
        assert_ne!(with(&|x| x.minimum = Some(2.0)).fingerprint(), one);
        let others = [
            RunSettings {
                seed: 43,
                ..settings()
            },
            RunSettings {
                key: None,
                ..settings()
            },
            RunSettings {
                order: Some("at".into()),
                ..settings()
            },
            RunSettings {
                maximum_rows: 500,
                ..settings()
            },
            RunSettings {
                held_out_fraction: 0.25,
                ..settings()
            },
            RunSettings {
                tolerance: 0.01,
                ..settings()
            },
            RunSettings {
                refit: false,
                ..settings()
            },
        ];
        for other in others {
            assert_ne!(other.fingerprint(), one, "{other:?}");
        }
    }

    #[test]
    fn differences_are_told_by_the_fields_of_the_configuration() {
        let stored = serde_json::to_value(settings()).unwrap();
        for member in stored.as_object().unwrap().keys() {
            let named = |(pointer, _): &(&str, &str)| pointer.split('/').nth(1) == Some(member);
            assert!(FIELDS.iter().any(named), "{member} has no field");
        }
        assert!(settings().differences(&settings()).is_empty());
        let schema = Schema::new("class".into(), vec![Feature::named("x")], None, None);
        let other = RunSettings {
            schema: schema.unwrap(),
            order: Some("at".into()),
            seed: 43,
            ..settings()
        };
        let fields = ["dataset.order", "dataset.features", "training.seed"];
        assert_eq!(settings().differences(&other), fields);
        assert_eq!(other.differences(&settings()), fields);
    }

    #[test]
    fn settings_are_stored_and_read_to_the_last_bit() {
        let one = RunSettings {
            penalties: vec![0.1 + 0.2, 1e-300],
            ..settings()
        };
        let stored = serde_json::to_value(&one).unwrap();
        assert_eq!(serde_json::from_value::<RunSettings>(stored).unwrap(), one);
    }
}
