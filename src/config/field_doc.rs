//! The fields as the documents list them: [`fields`], and the same as Markdown.

use super::field::{Default, Field, SECTIONS, variable};
use super::{api_key, auth, dataset, feature};

/// What a document says about one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDoc {
    /// `training`, or `dataset.features` for a field of one feature.
    pub section: &'static str,
    /// Its name in the section.
    pub field: &'static str,
    /// The default as TOML; words where there is none.
    pub default: &'static str,
    /// The variable that sets it; for a field of one feature the one that sets them all.
    pub variable: String,
    /// What it means, with its unit.
    pub meaning: &'static str,
}

/// Every field in the documented order; a feature's own follow on the section that lists them.
pub fn fields() -> Vec<FieldDoc> {
    listed()
        .iter()
        .map(|(section, field)| document(section, field))
        .collect()
}

/// The same as a Markdown table: field, default, variable, meaning.
pub fn fields_markdown() -> String {
    let mut table = String::from("| field | default | variable | meaning |\n|---|---|---|---|\n");
    for (section, field) in listed() {
        let doc = document(section, &field);
        let default = match field.default {
            Default::Toml(toml) => format!("`{toml}`"),
            Default::Absent(_) | Default::Required => doc.default.to_owned(),
        };
        let variable = match (field.secret, is_in_a_list(section)) {
            (true, _) => format!("`{0}`, `{0}_FILE`", doc.variable),
            (_, true) => format!("in `{}`", doc.variable),
            _ => format!("`{}`", doc.variable),
        };
        let name = format!("{section}.{}", field.name);
        table.push_str(&format!(
            "| `{name}` | {default} | {variable} | {} |\n",
            field.meaning
        ));
    }
    table
}

/// Whether a section is one table of a list, which one variable sets as a whole.
fn is_in_a_list(section: &str) -> bool {
    matches!(section, feature::SECTION | api_key::SECTION)
}

fn listed() -> Vec<(&'static str, Field)> {
    let mut listed = Vec::new();
    for section in SECTIONS {
        listed.extend(section.fields.iter().map(|field| (section.name, *field)));
        if let Some((name, fields)) = tables_of(section.name) {
            listed.extend(fields.iter().map(|field| (name, *field)));
        }
    }
    listed
}

/// The tables that a section lists, and their fields.
fn tables_of(section: &str) -> Option<(&'static str, &'static [Field])> {
    match section {
        dataset::SECTION => Some((feature::SECTION, feature::FIELDS)),
        auth::SECTION => Some((api_key::SECTION, api_key::FIELDS)),
        _ => None,
    }
}

fn document(section: &'static str, field: &Field) -> FieldDoc {
    let default = match field.default {
        Default::Toml(toml) => toml,
        Default::Absent(words) => words,
        Default::Required => "required",
    };
    let variable = match section {
        feature::SECTION => variable(dataset::SECTION, "features"),
        api_key::SECTION => variable(auth::SECTION, "keys"),
        _ => variable(section, field.name),
    };
    FieldDoc {
        section,
        field: field.name,
        default,
        variable,
        meaning: field.meaning,
    }
}
