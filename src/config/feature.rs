//! `[[dataset.features]]`: one feature, a column that the prediction follows from.

use crate::learning::{Feature, Missing};

use super::document::GivenTable;
use super::field::Field;
use super::section::Section;
use super::value::quoted;
use super::writer::SectionWriter;

pub(super) const SECTION: &str = "dataset.features";

pub(super) const FIELDS: &[Field] = &[
    Field::required("name", "the column; any name but `explain`"),
    Field::without_default(
        "minimum",
        "none",
        "hard bound: a value below it is a client's error, and a refused row in training",
    ),
    Field::without_default("maximum", "none", "hard bound, as `minimum`"),
    Field::without_default(
        "example",
        "the middle of the bounds, else 0",
        "a typical value, for the document",
    ),
    Field::without_default("unit", "none", "shown in the document"),
    Field::without_default("description", "none", "shown in the document"),
    Field::with_default(
        "missing",
        "\"reject\"",
        "null or absent: `reject`, or `mean` to take the mean of the training rows",
    ),
];

const MISSING: &[(&str, Missing)] = &[("reject", Missing::Reject), ("mean", Missing::Mean)];

/// One feature and the section it was read from, where later faults of it are told.
pub(super) struct ReadFeature<'a> {
    pub(super) section: Section<'a>,
    /// None if the name cannot be used.
    pub(super) feature: Option<Feature>,
}

/// Reads the feature at `position`, from 1.
pub(super) fn read((position, table): (usize, GivenTable<'_>)) -> ReadFeature<'_> {
    let mut section = Section::new(SECTION, FIELDS, table);
    section.set_label(position.to_string());
    let name = section.name("name");
    if let Some(name) = &name {
        section.set_label(quoted(name));
    }
    let minimum = section.number("minimum");
    let maximum = section.number("maximum");
    let example = section.number("example");
    let unit = section.text("unit");
    let description = section.text("description");
    let missing = section
        .choice("missing", MISSING)
        .unwrap_or(Missing::Reject);
    let feature = name.map(|name| Feature {
        name,
        minimum,
        maximum,
        example,
        unit,
        description,
        missing,
    });
    ReadFeature { section, feature }
}

pub(super) fn write(feature: &Feature, out: &mut SectionWriter<'_>) {
    out.text("name", &feature.name);
    out.optional_number("minimum", feature.minimum);
    out.optional_number("maximum", feature.maximum);
    out.optional_number("example", feature.example);
    out.optional_text("unit", feature.unit.as_deref());
    out.optional_text("description", feature.description.as_deref());
    out.choice("missing", MISSING, feature.missing);
}
