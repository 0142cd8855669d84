//! The configuration as text: what was chosen as TOML, what was seen as comments.

use super::choice::Choice;
use super::words::{counted, number, share, shown};
use crate::store::{InspectedColumn, Inspection};

/// A list of classes longer than this is cut.
const SHOWN_CLASSES: usize = 20;

/// Where a list of columns goes on in the next line.
const LINE_BYTES: usize = 100;

/// A model's name may be this long.
const NAME_CHARACTERS: usize = 64;

/// What the document is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) url: &'a str,
    pub(super) table: &'a str,
    pub(super) schema: Option<&'a str>,
    pub(super) target: &'a str,
}

/// Writes it.
pub(super) fn document(
    subject: Subject<'_>,
    inspection: &Inspection,
    choice: &Choice<'_>,
    cautions: &[String],
) -> String {
    let mut lines = vec![format!(
        "# Written by logitd init from {}: {}, {}.",
        shown(subject.table),
        counted(inspection.rows, "row", "rows"),
        counted(inspection.columns.len() as u64, "column", "columns")
    )];
    if !cautions.is_empty() {
        lines.push("#\n# Worth a look:".to_owned());
        lines.extend(cautions.iter().map(|caution| format!("# - {caution}")));
    }
    lines.push(format!(
        "\n[model]\nname = {}",
        quoted(&model_name(subject.table))
    ));
    database(subject, &mut lines);
    dataset(subject, inspection, choice, &mut lines);
    for found in &choice.features {
        feature(found, inspection.rows, &mut lines);
    }
    lines.push(String::new());
    lines.join("\n")
}

fn database(subject: Subject<'_>, lines: &mut Vec<String>) {
    lines.push("\n[database]".to_owned());
    lines.push(
        "# logitd's own tables, logitd_..., are kept beside yours; yours is only read.".to_owned(),
    );
    if subject.url.starts_with("sqlite:") {
        lines.push("# The file is put into WAL mode, where readers and a writer do not wait for each other.".to_owned());
    } else {
        lines.push(
            "# A password in here is readable by the file's owner only. Better: leave the line out, and let\n\
             # LOGITD_DATABASE__URL_FILE name a file that holds the URL."
                .to_owned(),
        );
    }
    lines.push(format!("url = {}", quoted(subject.url)));
}

fn dataset(
    subject: Subject<'_>,
    inspection: &Inspection,
    choice: &Choice<'_>,
    lines: &mut Vec<String>,
) {
    lines.push(format!("\n[dataset]\ntable = {}", quoted(subject.table)));
    if let Some(schema) = subject.schema {
        lines.push(format!("schema = {}", quoted(schema)));
    }
    match choice.key {
        Some(key) if inspection.primary_key.iter().any(|part| part == key) => {
            lines.push(format!("key = {}  # the primary key", quoted(key)));
        }
        Some(key) if inspection.unique_columns.iter().any(|one| one == key) => {
            lines.push(format!(
                "key = {}  # unique by an index of its own",
                quoted(key)
            ));
        }
        Some(key) => lines.push(format!("key = {}", quoted(key))),
        None => lines.push("# No key: a row is known by a hash of its features.".to_owned()),
    }
    lines.push(format!("target = {}", quoted(subject.target)));
    classes(inspection, lines);
    left_out(choice, lines);
}

/// A reason a paragraph, with its columns.
fn left_out(choice: &Choice<'_>, lines: &mut Vec<String>) {
    let mut reasons: Vec<&str> = Vec::new();
    for (_, reason) in &choice.left_out {
        if !reasons.contains(&reason.as_str()) {
            reasons.push(reason);
        }
    }
    if !reasons.is_empty() {
        lines.push("# Left out:".to_owned());
    }
    for reason in reasons {
        let mut line = format!("# - {reason}:");
        let columns = choice.left_out.iter().filter(|(_, why)| why == reason);
        for (place, (found, _)) in columns.enumerate() {
            let name = shown(&found.column.name);
            line += if place == 0 { "" } else { "," };
            if line.len() + name.len() > LINE_BYTES {
                lines.push(std::mem::replace(&mut line, "#  ".to_owned()));
            }
            line = format!("{line} {name}");
        }
        lines.push(line);
    }
}

fn classes(inspection: &Inspection, lines: &mut Vec<String>) {
    let labels = &inspection.labels;
    let all: u64 = labels.counts.iter().map(|(_, rows)| rows).sum();
    lines.push("# Its classes, in order:".to_owned());
    for (label, rows) in labels.counts.iter().take(SHOWN_CLASSES) {
        let name = shown(&label.to_string());
        let rows_in_words = counted(*rows, "row", "rows");
        lines.push(format!(
            "# - {name}: {rows_in_words}, {}",
            share(*rows, all)
        ));
    }
    if labels.counts.len() > SHOWN_CLASSES {
        lines.push(format!(
            "# - and {} more",
            labels.counts.len() - SHOWN_CLASSES
        ));
    }
    if labels.unlabelled > 0 {
        let rows = counted(labels.unlabelled, "row has", "rows have");
        lines.push(format!("# {rows} no label and are left aside."));
    }
    if let [_, (last, _)] = labels.counts.as_slice() {
        lines.push(
            "# Whose probability is `probability`; left out, it is the last class:".to_owned(),
        );
        lines.push(format!("# positive = {}", shown(&last.to_string())));
    }
}

fn feature(found: &InspectedColumn, rows: u64, lines: &mut Vec<String>) {
    lines.push(format!(
        "\n[[dataset.features]]\nname = {}",
        quoted(&found.column.name)
    ));
    let range = found
        .range
        .map(|(least, most)| format!("observed: {} to {}", number(least), number(most)));
    let distinct = found
        .distinct
        .map(|distinct| counted(distinct, "different value", "different values"));
    let nulls = rows.saturating_sub(found.values);
    let nulls_in_words = Some(counted(nulls, "null", "nulls"));
    let seen: Vec<String> = [range, distinct, nulls_in_words]
        .into_iter()
        .flatten()
        .collect();
    lines.push(format!("# {}", seen.join(", ")));
    if let Some(median) = found.median.filter(|median| median.is_finite()) {
        lines.push(format!(
            "example = {}  # the median",
            toml::Value::Float(median)
        ));
    }
    if nulls > 0 {
        lines.push("missing = \"mean\"  # a null, here or in a request, takes the mean of the training rows".to_owned());
    }
}

/// The table's name as a model may be called: letters, digits, `.`, `_` and `-`.
fn model_name(table: &str) -> String {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let words: Vec<&str> = table
        .split(|c| !fit(c))
        .filter(|word| !word.is_empty())
        .collect();
    let name: String = words.join("-").chars().take(NAME_CHARACTERS).collect();
    let name = name.trim_matches(['.', '-']);
    if name.is_empty() {
        "default".to_owned()
    } else {
        name.to_owned()
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tables_name_becomes_one_that_fits_a_url() {
        for (table, name) in [
            ("breast_cancer", "breast_cancer"),
            ("x\"; DROP TABLE data; --", "x-DROP-TABLE-data"),
            ("Order Total", "Order-Total"),
            ("..", "default"),
            ("表", "default"),
        ] {
            assert_eq!(model_name(table), name);
        }
        assert_eq!(model_name(&"a".repeat(70)).len(), 64);
    }
}
