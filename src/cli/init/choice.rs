//! What each column of the table is: the key, a feature, or left out and why.

use super::words::shown;
use crate::store::catalog::ColumnKind;
use crate::store::{InspectedColumn, Inspection};

/// What the command line asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) target: &'a str,
    /// None named: every numeric column.
    pub(super) features: &'a [String],
    pub(super) key: Option<&'a str>,
}

/// What the columns are.
#[derive(Debug, PartialEq)]
pub(super) struct Choice<'a> {
    pub(super) key: Option<&'a str>,
    pub(super) features: Vec<&'a InspectedColumn>,
    pub(super) left_out: Vec<(&'a InspectedColumn, String)>,
}

/// Why nothing can be chosen.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoChoice {
    #[error(
        "find a feature: the table has no rows to look at; fill it first, or name the features with --feature"
    )]
    NoRows,
    #[error(
        "find a feature: no numeric column is left; make a view with numbers in it, or name one with --feature. Left out: {0}"
    )]
    NoFeature(String),
    #[error("use the column {column:?} as {one} and as {other}; it can be one of them only")]
    TwoThings {
        column: String,
        one: &'static str,
        other: &'static str,
    },
    #[error("use the column {0:?} as a feature: none of its values is a number")]
    NotANumber(String),
    #[error(
        "use {key:?} as the key: it has {distinct} different values in {rows} rows; name a column that differs in every row, or leave --key out"
    )]
    RepeatedKey {
        key: String,
        distinct: u64,
        rows: u64,
    },
}

/// Refuses a column that is asked to be two things, before anybody looks at the table.
///
/// # Errors
/// [`NoChoice::TwoThings`].
pub(super) fn refuse_two_things(wanted: Wanted<'_>) -> Result<(), NoChoice> {
    let also = |column: &str, one, other| {
        Err(NoChoice::TwoThings {
            column: column.to_owned(),
            one,
            other,
        })
    };
    let is_feature = |name: &str| wanted.features.iter().any(|feature| feature == name);
    match wanted.key {
        _ if is_feature(wanted.target) => also(wanted.target, "a feature", "the target"),
        Some(key) if key == wanted.target => also(key, "the key", "the target"),
        Some(key) if is_feature(key) => also(key, "a feature", "the key"),
        _ => Ok(()),
    }
}

/// Decides.
///
/// # Errors
/// [`NoChoice`].
pub(super) fn choose<'a>(
    inspection: &'a Inspection,
    wanted: Wanted<'a>,
) -> Result<Choice<'a>, NoChoice> {
    let key = key(inspection, wanted)?;
    let (mut features, mut left_out) = (Vec::new(), Vec::new());
    for found in &inspection.columns {
        let name = found.column.name.as_str();
        if name == wanted.target || Some(name) == key {
            continue;
        }
        let reason = match wanted.features {
            [] => why_left_out(found, inspection),
            named if named.iter().any(|feature| feature == name) => None,
            _ => Some("not named with --feature".to_owned()),
        };
        match reason {
            None => features.push(found),
            Some(reason) => left_out.push((found, reason)),
        }
    }
    features = in_order(features, wanted)?;
    match (features.is_empty(), inspection.rows) {
        (true, 0) => Err(NoChoice::NoRows),
        (true, _) => Err(NoChoice::NoFeature(listed(&left_out))),
        _ => Ok(Choice {
            key,
            features,
            left_out,
        }),
    }
}

/// In the order of the command line, which is that of the path form of a prediction.
fn in_order<'a>(
    mut features: Vec<&'a InspectedColumn>,
    wanted: Wanted<'_>,
) -> Result<Vec<&'a InspectedColumn>, NoChoice> {
    let place = |found: &&InspectedColumn| {
        let name = &found.column.name;
        wanted.features.iter().position(|feature| feature == name)
    };
    let without_numbers = features
        .iter()
        .find(|found| found.values > 0 && found.numbers == 0);
    if let Some(found) = without_numbers {
        return Err(NoChoice::NotANumber(found.column.name.clone()));
    }
    features.sort_by_key(place);
    Ok(features)
}

/// The one that was named, else the primary key, else the first column that is unique by an index.
fn key<'a>(inspection: &'a Inspection, wanted: Wanted<'a>) -> Result<Option<&'a str>, NoChoice> {
    let Some(key) = wanted.key else {
        let is_free = |key: &&str| {
            *key != wanted.target && !wanted.features.iter().any(|feature| feature == key)
        };
        let primary = match inspection.primary_key.as_slice() {
            [only] => Some(only.as_str()),
            _ => None,
        };
        let unique = inspection.columns.iter();
        let mut unique = unique
            .filter(|found| is_unique(found, inspection))
            .map(|found| found.column.name.as_str());
        return Ok(primary.filter(is_free).or_else(|| unique.find(is_free)));
    };
    let found = inspection
        .columns
        .iter()
        .find(|found| found.column.name == key);
    match found.and_then(|found| found.distinct) {
        Some(distinct) if distinct < inspection.rows => Err(NoChoice::RepeatedKey {
            key: key.to_owned(),
            distinct,
            rows: inspection.rows,
        }),
        _ => Ok(Some(key)),
    }
}

/// Unique by an index of its own, in every row, and no measurement.
fn is_unique(found: &InspectedColumn, inspection: &Inspection) -> bool {
    let names_things = match found.column.kind {
        ColumnKind::Integer | ColumnKind::Text => true,
        ColumnKind::PerValue => found.whole || found.numbers == 0,
        _ => false,
    };
    let name = &found.column.name;
    let in_every_row = found.values == inspection.rows && inspection.rows > 0;
    names_things && in_every_row && inspection.unique_columns.contains(name)
}

fn listed(left_out: &[(&InspectedColumn, String)]) -> String {
    let words = left_out
        .iter()
        .map(|(found, reason)| format!("{} ({reason})", shown(&found.column.name)));
    words.collect::<Vec<_>>().join(", ")
}

/// Why a column nobody named is no feature.
fn why_left_out(found: &InspectedColumn, inspection: &Inspection) -> Option<String> {
    let name = found.column.name.as_str();
    let reason = match found.column.kind {
        ColumnKind::Boolean | ColumnKind::PerValueBoolean => {
            "a boolean; a view can make 0 and 1 of it"
        }
        _ if inspection.primary_key.iter().any(|part| part == name) => "part of the primary key",
        _ if is_of_time(&found.column.declared) => {
            "a date or a time; a view can make a number of it"
        }
        ColumnKind::Other => "of a type that is no number",
        _ if found.values == 0 => "no values",
        ColumnKind::Text => text(found, inspection.rows),
        // SQLite: a column of numbers may hold a stray text, which is told and not a reason.
        _ if found.numbers * 2 < found.values => text(found, inspection.rows),
        _ if found.range.is_some_and(|(least, most)| least == most) => "one value only",
        _ if is_unique(found, inspection) || is_identifier(found, inspection.rows) => {
            "looks like an identifier"
        }
        _ if name == "explain" => "its name is reserved in requests; a view can rename it",
        _ if name.is_empty() => "without a name",
        _ => return None,
    };
    Some(reason.to_owned())
}

fn text(found: &InspectedColumn, rows: u64) -> &'static str {
    match found.distinct {
        Some(1) => "text, and one value only",
        Some(distinct) if distinct == rows && is_named_like_one(&found.column.name) => {
            "text, and looks like an identifier"
        }
        _ => "text",
    }
}

fn is_of_time(declared: &str) -> bool {
    let declared = declared.to_ascii_lowercase();
    declared.contains("date") || declared.contains("time") || declared == "interval"
}

/// Integers, another in every row, that are named like a key or count up by one.
fn is_identifier(found: &InspectedColumn, rows: u64) -> bool {
    let different = found.whole && rows > 1 && found.distinct == Some(rows);
    let counts_up = found
        .range
        .is_some_and(|(least, most)| most - least + 1.0 == rows as f64);
    different && (counts_up || is_named_like_one(&found.column.name))
}

fn is_named_like_one(name: &str) -> bool {
    let lower = name.to_lowercase();
    let word = lower
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let camel = name.ends_with("Id") || name.ends_with("ID") || name.ends_with("Key");
    camel
        || matches!(
            word,
            "id" | "uuid" | "guid" | "key" | "nr" | "no" | "number" | "code" | "rowid"
        )
}

#[cfg(test)]
mod tests;
