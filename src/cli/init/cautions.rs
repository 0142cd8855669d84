//! What a person should know before the first training run.

use super::choice::Choice;
use super::words::{counted, share, shown};
use crate::store::{InspectedColumn, Inspection};

/// `[training] minimum_rows` as it is by default.
const ENOUGH_ROWS: u64 = 100;
/// The most labels that a classifier takes.
const MOST_LABELS: usize = 1_000;
/// A class with a smaller share of the labelled rows is rare.
const RARE_SHARE: f64 = 0.05;

/// Everything that is worth a look, one sentence each.
pub(super) fn cautions(inspection: &Inspection, choice: &Choice<'_>) -> Vec<String> {
    let mut told: Vec<String> = rows(inspection).into_iter().collect();
    told.extend(labels(inspection));
    told.extend(key(inspection, choice));
    told.extend(
        choice
            .features
            .iter()
            .flat_map(|found| feature(found, inspection.rows)),
    );
    told
}

fn rows(inspection: &Inspection) -> Option<String> {
    let labelled: u64 = inspection.labels.counts.iter().map(|(_, rows)| rows).sum();
    (labelled < ENOUGH_ROWS).then(|| {
        format!(
            "{}, and training takes {ENOUGH_ROWS} at least: collect more, or set [training] minimum_rows",
            counted(labelled, "labelled row", "labelled rows")
        )
    })
}

fn labels(inspection: &Inspection) -> Vec<String> {
    let labels = &inspection.labels;
    let mut told = Vec::new();
    if labels.unusable > 0 {
        told.push(format!(
            "the target is a fraction or a blob in {}, which training refuses: a target is text, an integer or a boolean",
            counted(labels.unusable, "row", "rows")
        ));
    }
    let all: u64 = labels.counts.iter().map(|(_, rows)| rows).sum();
    match labels.counts.len() {
        0 | 1 => told.push("fewer than two classes: there is nothing to learn yet".to_owned()),
        many if many > MOST_LABELS => told.push(format!(
            "more than {MOST_LABELS} different labels, which training refuses: the target does not look like a class"
        )),
        _ => {
            let rare = labels.counts.iter();
            let rare = rare.filter(|(_, rows)| (*rows as f64) < RARE_SHARE * all as f64);
            told.extend(rare.take(3).map(|(label, rows)| {
                format!(
                    "the class {} is rare: {} of the labelled rows; judge by its own precision and recall",
                    shown(&label.to_string()),
                    share(*rows, all)
                )
            }));
        }
    }
    told
}

fn key(inspection: &Inspection, choice: &Choice<'_>) -> Option<String> {
    match (choice.key, inspection.primary_key.len()) {
        (None, columns @ 2..) => Some(format!(
            "the primary key has {columns} columns and a key is one: a row is known by a hash of its features; name a column that differs in every row with --key, or make a view that joins the key's columns"
        )),
        _ => None,
    }
}

fn feature(found: &InspectedColumn, rows: u64) -> Vec<String> {
    let name = shown(&found.column.name);
    let (nulls, others) = (rows - found.values.min(rows), found.values - found.numbers);
    let mut told = Vec::new();
    if nulls > 0 {
        told.push(format!(
            "{name} is null in {} ({}): the mean of the training rows stands in",
            counted(nulls, "row", "rows"),
            share(nulls, rows)
        ));
    }
    if others > 0 {
        told.push(format!(
            "{name} is no number in {}, which training refuses",
            counted(others, "row", "rows")
        ));
    }
    if let Some((least, most)) = found.range
        && !(least.is_finite() && most.is_finite())
    {
        told.push(format!(
            "{name} has values that are not finite; training refuses their rows"
        ));
    }
    told
}
