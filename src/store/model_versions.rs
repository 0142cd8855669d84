//! `logitd_model_version`: what was learned, numbered a model, never changed.

use super::entity::model_version::{Column, Entity, Model};
use super::{Database, DatasetTable, StoreError};
use crate::learning::{Division, Schema, Trained};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

/// How the held-out rows were chosen, kept so that no later comparison uses a row a fit saw.
///
/// What an earlier version left out reads as unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// `hash`: by a hash of the row's key. `order`: the newest by a column.
    pub rule: String,
    /// Where the table is: a hash of what names the database.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub database: Option<String>,
    /// The dataset's table.
    pub table: String,
    /// By which column: the key's (absent where a row is known by its feature values), or the order.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    /// The rule `order`: the key's column, by which rows are sampled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
    /// Fraction, cut and sample.
    #[serde(flatten)]
    pub division: Division,
}

impl Split {
    /// How rows of this table in this database were divided.
    #[must_use]
    pub fn of(table: &DatasetTable, database: &str, division: Division) -> Self {
        let (rule, column, key) = match &table.order {
            Some(order) => ("order", Some(order), table.key.clone()),
            None => ("hash", table.key.as_ref(), None),
        };
        Self {
            rule: rule.into(),
            database: Some(database.to_owned()),
            table: table.to_string(),
            column: column.cloned(),
            key,
            division,
        }
    }
}

/// A version about to be published: everything but its number.
#[derive(Debug, Clone)]
pub struct NewModelVersion {
    /// The model's name.
    pub model: String,
    /// When the version was made.
    pub created_at: DateTime<Utc>,
    /// The run that made it.
    pub training_run: String,
    /// What was learned from and for.
    pub schema: Schema,
    /// Of the rows, independent of their order.
    pub data_fingerprint: String,
    /// Version and revision of the code that fitted.
    pub code_version: String,
    /// How rows were held out.
    pub split: Split,
    /// Fits, evaluation, profile and row counts.
    pub trained: Trained,
}

/// A published version.
#[derive(Debug, Clone)]
pub struct ModelVersion {
    /// Its number, counted a model from 1.
    pub version: i32,
    /// Everything else.
    pub content: NewModelVersion,
}

/// One of a list, which one that cannot be read does not end.
#[derive(Debug)]
pub struct ListedVersion {
    /// Its number.
    pub version: i32,
    /// The version, or [`StoreError::Undecodable`].
    pub read: Result<ModelVersion, StoreError>,
}

impl ModelVersion {
    fn decode(row: Model) -> Result<Self, StoreError> {
        let undecodable = |source| StoreError::Undecodable {
            table: "logitd_model_version",
            source,
        };
        let schema: Schema = serde_json::from_value(row.feature_schema).map_err(undecodable)?;
        let trained: Trained = serde_json::from_value(row.trained).map_err(undecodable)?;
        let checked = trained.check(&schema);
        checked.map_err(|misfit| undecodable(serde_json::Error::custom(misfit)))?;
        Ok(Self {
            version: row.version,
            content: NewModelVersion {
                model: row.model,
                created_at: row.created_at,
                training_run: row.training_run,
                schema,
                data_fingerprint: row.data_fingerprint,
                code_version: row.code_version,
                split: serde_json::from_value(row.split).map_err(undecodable)?,
                trained,
            },
        })
    }
}

impl NewModelVersion {
    pub(super) fn encode(self, version: i32) -> Result<Model, StoreError> {
        let undecodable = |source| StoreError::Undecodable {
            table: "logitd_model_version",
            source,
        };
        let report = &self.trained.served.report;
        Ok(Model {
            version,
            created_at: self.created_at,
            training_run: self.training_run,
            schema_fingerprint: self.schema.fingerprint(),
            data_fingerprint: self.data_fingerprint,
            code_version: self.code_version,
            penalty: report.penalty,
            seed: i64::from_ne_bytes(report.seed.to_ne_bytes()),
            converged: report.converged,
            feature_schema: serde_json::to_value(&self.schema).map_err(undecodable)?,
            split: serde_json::to_value(&self.split).map_err(undecodable)?,
            trained: serde_json::to_value(&self.trained).map_err(undecodable)?,
            model: self.model,
        })
    }
}

impl Database {
    /// The version with this number, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Undecodable`] and what the database says.
    pub async fn find_model_version(
        &self,
        model: &str,
        version: i32,
    ) -> Result<Option<ModelVersion>, StoreError> {
        let row = Entity::find_by_id((model.to_owned(), version))
            .one(self.own())
            .await?;
        row.map(ModelVersion::decode).transpose()
    }

    /// The versions with these numbers, in no order; one that cannot be read is left out.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_model_versions(
        &self,
        model: &str,
        versions: &[i32],
    ) -> Result<Vec<ModelVersion>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Model.eq(model))
            .filter(Column::Version.is_in(versions.iter().copied()))
            .all(self.own())
            .await?;
        let read = rows.into_iter().map(ModelVersion::decode);
        Ok(read.filter_map(Result::ok).collect())
    }

    /// At most `limit` versions of a model with a number below `before`, newest first, those that
    /// cannot be read too.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list_model_versions(
        &self,
        model: &str,
        before: Option<i32>,
        limit: u64,
    ) -> Result<Vec<ListedVersion>, StoreError> {
        let mut select = Entity::find().filter(Column::Model.eq(model));
        if let Some(before) = before {
            select = select.filter(Column::Version.lt(before));
        }
        let rows = select
            .order_by_desc(Column::Version)
            .limit(limit)
            .all(self.own())
            .await?;
        let listed = rows.into_iter().map(|row| ListedVersion {
            version: row.version,
            read: ModelVersion::decode(row),
        });
        Ok(listed.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::OrderValue;

    #[test]
    fn a_split_stored_by_0_1_0_is_read() {
        let stored = r#"{"rule":"hash","table":"data","column":"id","fraction":0.2}"#;
        let split: Split = serde_json::from_str(stored).unwrap();
        assert_eq!(split.column.as_deref(), Some("id"));
        assert_eq!((split.division.fraction, split.division.cut), (0.2, None));
        assert_eq!(split.database, None);
    }

    #[test]
    fn what_is_stored_of_a_split_reads_back_the_same() {
        let table = DatasetTable {
            table: "data".into(),
            schema: None,
            key: Some("id".into()),
            order: Some("at".into()),
        };
        let division = Division {
            fraction: 0.2,
            cut: Some(OrderValue::Moment(1_795_000_000_000_001)),
            sample_below: Some(u64::MAX),
            remembered: vec![1, u64::MAX],
        };
        let split = Split::of(&table, "sha256:0", division);
        let words = [
            &split.rule,
            split.column.as_ref().unwrap(),
            split.key.as_ref().unwrap(),
        ];
        assert_eq!(words, ["order", "at", "id"]);
        let value = serde_json::to_value(&split).unwrap();
        assert_eq!(serde_json::from_value::<Split>(value).unwrap(), split);
    }
}
