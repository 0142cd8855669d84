//! Which columns are learned from, and which one is predicted.
//!
//! Shape: a checked value; once made it is never wrong and never changes. The document, the
//! validation of instances, the reading of the table and the classifier all follow from it.
//! Concurrency: immutable, share it behind an `Arc`. Turned down: stopping at the first fault (a
//! configuration is mended in one go), and a fingerprint over the written configuration (bounds
//! and words may change without making a classifier wrong).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::digest::{hex, put_text};
use super::feature::{Feature, Missing};
use super::schema_fault::{SchemaFault, class_faults, name_faults, value_faults, whole};

/// The columns of one table: features in a fixed order, and the target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PlainSchema", into = "PlainSchema")]
pub struct Schema {
    target: String,
    features: Vec<Feature>,
    index: HashMap<String, usize>,
    classes: Option<Vec<String>>,
    positive: Option<String>,
}

/// What of a [`Schema`] is stored.
#[derive(Clone, Serialize, Deserialize)]
struct PlainSchema {
    target: String,
    features: Vec<Feature>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    classes: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    positive: Option<String>,
}

impl From<Schema> for PlainSchema {
    fn from(schema: Schema) -> Self {
        let Schema {
            target,
            features,
            classes,
            positive,
            ..
        } = schema;
        Self {
            target,
            features,
            classes,
            positive,
        }
    }
}

impl TryFrom<PlainSchema> for Schema {
    type Error = String;

    fn try_from(plain: PlainSchema) -> Result<Self, String> {
        Self::new(plain.target, plain.features, plain.classes, plain.positive).map_err(|faults| {
            faults
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; ")
        })
    }
}

impl Schema {
    /// A schema that has passed every check.
    ///
    /// # Errors
    /// Every fault at once: no feature, an empty, reserved or repeated name, the target among the
    /// features, bounds or examples that contradict each other, classes that are fewer than two or
    /// repeated, a positive class that is not one of two.
    pub fn new(
        target: String,
        features: Vec<Feature>,
        classes: Option<Vec<String>>,
        positive: Option<String>,
    ) -> Result<Self, Vec<SchemaFault>> {
        let mut faults = Vec::new();
        if target.is_empty() {
            faults.push(whole("target", "is empty"));
        }
        if features.is_empty() {
            faults.push(whole("features", "at least one feature is needed"));
        }
        name_faults(&target, &features, &mut faults);
        for (place, feature) in features.iter().enumerate() {
            value_faults(place, feature, &mut faults);
        }
        class_faults(classes.as_deref(), positive.as_deref(), &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let index = features
            .iter()
            .enumerate()
            .map(|(at, f)| (f.name.clone(), at))
            .collect();
        Ok(Self {
            target,
            features,
            index,
            classes,
            positive,
        })
    }

    /// The name of the column to predict.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The features, in the order of every row and coefficient.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The place of the feature with exactly this name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// The feature whose name is nearest to `name`, if it is near enough to be a likely slip: at
    /// most a third of its letters differ (one at least), case apart.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let given = name.to_lowercase();
        let length = given.chars().count();
        let near = self.features.iter().filter_map(|feature| {
            let letters = feature.name.chars().count();
            let allowed = (letters / 3).max(1);
            // Before the costly comparison: a client may send a name of any length.
            if letters.abs_diff(length) > allowed {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&given, &feature.name.to_lowercase());
            // Otherwise every one-letter name would be near to every other.
            (distance <= allowed && distance < letters).then_some((distance, feature))
        });
        near.min_by_key(|(distance, _)| *distance)
            .map(|(_, feature)| feature.name.as_str())
    }

    /// The configured class names in their order, if the configuration fixes them.
    pub fn classes(&self) -> Option<&[String]> {
        self.classes.as_deref()
    }

    /// The configured positive class.
    pub fn positive(&self) -> Option<&str> {
        self.positive.as_deref()
    }

    /// `sha256:<hex>` over target, feature names in order and what is done with missing values;
    /// nothing else. Lengths stand before texts, so no two schemas share an encoding.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"logitd/schema/1\0");
        put_text(&mut hash, &self.target);
        hash.update((self.features.len() as u64).to_be_bytes());
        for feature in &self.features {
            put_text(&mut hash, &feature.name);
            hash.update([match feature.missing {
                Missing::Reject => 0_u8,
                Missing::Mean => 1,
            }]);
        }
        format!("sha256:{}", hex(&hash.finalize()))
    }
}

#[cfg(test)]
mod tests;
