//! `[dataset]`: the table of labelled rows, and what in it is what.

use crate::learning::{Feature, Schema, SchemaFault};

use super::feature::{self, ReadFeature};
use super::field::Field;
use super::secret::Secret;
use super::section::Section;
use super::writer::SectionWriter;

pub(super) const SECTION: &str = "dataset";

pub(super) const FIELDS: &[Field] = &[
    Field::without_default(
        "url",
        "that of `[database]`",
        "where the labelled rows are, if elsewhere; only `import` and `[observations]` write there",
    )
    .secret(),
    Field::required(
        "table",
        "the table or view with the labelled rows; a name is never split or parsed",
    ),
    Field::without_default("schema", "none", "the table's schema; PostgreSQL only"),
    Field::without_default(
        "key",
        "none",
        "the column that names a row for good; without it a row is known by a hash of its feature \
         values",
    ),
    Field::required(
        "target",
        "the column to predict: text, integer or boolean; null is an unlabelled row",
    ),
    Field::without_default(
        "classes",
        "as found",
        "fixes the labels and their order; rows with other labels are refused",
    ),
    Field::without_default(
        "positive",
        "the last class in order",
        "two classes: whose probability is `probability`",
    ),
    Field::without_default(
        "order",
        "none: by a hash of the key",
        "the column that says which rows are newer (a time, a date, a number, a text that sorts by its \
         bytes): the held-out rows are then the newest; null is refused",
    ),
    Field::required(
        "features",
        "the columns that the prediction follows from, a `[[dataset.features]]` each",
    ),
];

/// The table of labelled rows, and what in it is what.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Where the rows are; none: in the service's own database.
    pub url: Option<Secret>,
    /// The table or view.
    pub table: String,
    /// Its schema, on PostgreSQL.
    pub schema: Option<String>,
    /// The column that names a row for good.
    pub key: Option<String>,
    /// The column to predict.
    pub target: String,
    /// The column by which rows are newer: the newest are then held out.
    pub order: Option<String>,
    /// Target, features, classes and positive class, as the learning sees them.
    pub learning_schema: Schema,
}

/// Reads the section; `database_url` is where the rows are if it does not say otherwise.
pub(super) fn read(section: &mut Section<'_>, database_url: Option<&Secret>) -> Option<Dataset> {
    let url = section.database_url("url");
    let table = section.name("table");
    let schema = section.name("schema");
    let key = section.name("key");
    let target = section.name("target");
    let effective_url = match section.is_given("url") {
        true => url.as_ref(),
        false => database_url,
    };
    if schema.is_some() && effective_url.is_some_and(Secret::is_sqlite) {
        section.refuse(
            "schema",
            "SQLite has no schemas; leave it out, or give a postgres:// url",
        );
    }
    let order = section.name("order");
    if order.is_some() && order == target {
        section.refuse(
            "order",
            "is the target too; a row is not newer for its label",
        );
    }
    let learning_schema = read_learning_schema(section, target.as_deref(), key.as_deref());
    Some(Dataset {
        url,
        table: table?,
        schema,
        key,
        target: target?,
        order,
        learning_schema: learning_schema?,
    })
}

/// Stands for a target that could not be read, so that the rest is judged all the same.
const UNREAD_TARGET: &str = "\0target";

fn read_learning_schema(
    section: &mut Section<'_>,
    target: Option<&str>,
    key: Option<&str>,
) -> Option<Schema> {
    let classes = section.texts("classes");
    let positive = section.text("positive");
    let tables = section.tables("features").unwrap_or_default();
    let mut read: Vec<ReadFeature<'_>> = (1..).zip(tables).map(feature::read).collect();
    let features: Vec<Feature> = read
        .iter()
        .filter_map(|read| read.feature.clone())
        .collect();
    refuse_shared_key(section, target, key, &features);
    let target = target.unwrap_or(UNREAD_TARGET).to_owned();
    let judged = Schema::new(target, features, classes, positive);
    let schema = judged
        .map_err(|faults| tell(section, &mut read, faults))
        .ok();
    for read in read {
        section.adopt(read.section.finish());
    }
    schema
}

/// Tells the schema's faults where they were written.
fn tell(section: &mut Section<'_>, read: &mut [ReadFeature<'_>], faults: Vec<SchemaFault>) {
    let mut judged: Vec<&mut ReadFeature<'_>> = read
        .iter_mut()
        .filter(|read| read.feature.is_some())
        .collect();
    for fault in faults {
        match fault.feature.and_then(|place| judged.get_mut(place)) {
            Some(read) => read.section.refuse(fault.field, fault.detail),
            // That no feature is left was told when the list was read.
            None if fault.field == "features" => {}
            None => section.refuse(fault.field, fault.detail),
        }
    }
}

fn refuse_shared_key(
    section: &mut Section<'_>,
    target: Option<&str>,
    key: Option<&str>,
    features: &[Feature],
) {
    let Some(key) = key else { return };
    if target == Some(key) {
        section.refuse(
            "key",
            format!("{key:?} is the target too; a key only names the row"),
        );
    }
    if features.iter().any(|feature| feature.name == key) {
        section.refuse(
            "key",
            format!("{key:?} is a feature too; a key only names the row"),
        );
    }
}

pub(super) fn write(dataset: &Dataset, out: &mut SectionWriter<'_>) {
    let url = dataset.url.as_ref().map(Secret::redacted_url);
    out.optional_text("url", url.as_deref());
    out.text("table", &dataset.table);
    out.optional_text("schema", dataset.schema.as_deref());
    out.optional_text("key", dataset.key.as_deref());
    out.text("target", &dataset.target);
    if let Some(classes) = dataset.learning_schema.classes() {
        out.texts("classes", classes);
    }
    out.optional_text("positive", dataset.learning_schema.positive());
    out.optional_text("order", dataset.order.as_deref());
}
