//! Which column of the file is what.

use crate::app::dataset_table;
use crate::config::{Config, nearest};
use crate::delimited::Header;

/// The names that the configuration asks for.
#[derive(Debug, Clone)]
pub(super) struct WantedColumns {
    /// What names a row, if anything does.
    pub(super) key: Option<String>,
    /// The features, in the schema's order.
    pub(super) features: Vec<String>,
    /// The label.
    pub(super) target: String,
    /// What says which rows are newer, where it is neither key nor feature.
    pub(super) order: Option<String>,
}

impl WantedColumns {
    /// As configured.
    pub(super) fn of(config: &Config) -> Self {
        let schema = &config.dataset.learning_schema;
        let features = schema.features().iter();
        Self {
            key: config.dataset.key.clone(),
            features: features.map(|feature| feature.name.clone()).collect(),
            target: schema.target().to_owned(),
            order: dataset_table(config).own_order(schema).map(str::to_owned),
        }
    }

    /// All of them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let key = self.key.iter().map(String::as_str);
        let features = self.features.iter().map(String::as_str);
        let order = self.order.iter().map(String::as_str);
        key.chain(features)
            .chain([self.target.as_str()])
            .chain(order)
    }
}

/// Where each wanted column stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    /// The key's place.
    pub(super) key: Option<usize>,
    /// The features' places, in the schema's order.
    pub(super) features: Vec<usize>,
    /// The label's place.
    pub(super) target: usize,
    /// The order's place.
    pub(super) order: Option<usize>,
    /// Columns that nobody asked for.
    pub(super) ignored: Vec<String>,
}

/// Why a header cannot be used. Messages are fragments for "failed to ...".
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ColumnsFault {
    /// Columns that are not there, all of them.
    #[error("find {}", .0.join("; "))]
    Missing(Vec<String>),
    /// A wanted column that stands there twice.
    #[error("use the header: the column {0:?} stands in it more than once")]
    Repeated(String),
}

/// Finds the wanted columns.
///
/// # Errors
/// [`ColumnsFault`].
pub(super) fn locate(header: &Header, wanted: &WantedColumns) -> Result<Columns, ColumnsFault> {
    let mut missing = Vec::new();
    let mut place = |name: &str| -> Result<usize, ColumnsFault> {
        let mut places = header.places(name);
        let found = places.next();
        if places.next().is_some() {
            return Err(ColumnsFault::Repeated(name.to_owned()));
        }
        if found.is_none() {
            missing.push(not_found(name, &header.names));
        }
        Ok(found.unwrap_or(0))
    };
    let key = wanted.key.as_deref().map(&mut place).transpose()?;
    let features = wanted.features.iter().map(|name| place(name));
    let features = features.collect::<Result<_, _>>()?;
    let target = place(&wanted.target)?;
    let order = wanted.order.as_deref().map(&mut place).transpose()?;
    if !missing.is_empty() {
        return Err(ColumnsFault::Missing(missing));
    }
    let is_ignored = |name: &&String| !wanted.names().any(|wanted| wanted == *name);
    Ok(Columns {
        key,
        features,
        target,
        order,
        ignored: header.names.iter().filter(is_ignored).cloned().collect(),
    })
}

fn not_found(name: &str, names: &[String]) -> String {
    let near = nearest(name, names.iter().map(String::as_str));
    let near = near.map(|near| format!("; the nearest there is: {near:?}"));
    format!(
        "the column {name:?} in the header{}",
        near.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delimited::Rows;
    use std::io::Cursor;

    fn columns(text: &'static str) -> Result<Columns, ColumnsFault> {
        let wanted = WantedColumns {
            key: Some("id".into()),
            features: vec!["Order Total".into(), "a;b".into()],
            target: "class".into(),
            order: None,
        };
        let names: Vec<&str> = wanted.names().collect();
        locate(
            Rows::open(Cursor::new(text), &names).unwrap().header(),
            &wanted,
        )
    }

    #[test]
    fn columns_are_found_in_any_order() {
        let columns = columns("class,a;b,more,Order Total,id\n").unwrap();
        assert_eq!((columns.key, columns.target), (Some(4), 0));
        assert_eq!(
            (columns.features, columns.ignored),
            (vec![3, 1], vec!["more".into()])
        );
    }

    #[test]
    fn every_missing_column_is_told_with_the_nearest() {
        let told = columns("id,order total,a;b,klass\n").unwrap_err();
        assert_eq!(
            told.to_string(),
            "find the column \"Order Total\" in the header; the nearest there is: \
             \"order total\"; the column \"class\" in the header; the nearest there is: \"klass\""
        );
        let twice = columns("id,Order Total,a;b,class,class\n").unwrap_err();
        assert_eq!(twice, ColumnsFault::Repeated("class".into()));
    }
}
