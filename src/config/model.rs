//! `[model]`: what the classifier is called.

use super::field::Field;
use super::section::Section;
use super::writer::SectionWriter;

/// The longest name: it stands in URLs and in every row of ours.
const NAME_CHARACTERS: usize = 64;

pub(super) const SECTION: &str = "model";

pub(super) const FIELDS: &[Field] = &[Field::with_default(
    "name",
    "\"default\"",
    "names the model in URLs and in the service's own tables; several services may share one \
     database",
)];

/// What the classifier is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// 1 to 64 letters, digits, `.`, `_` and `-`: it stands in URLs.
    pub name: String,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Model> {
    let name = section.text("name")?;
    let fits = (1..=NAME_CHARACTERS).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if !fits {
        section.refuse_shown(
            "name",
            "must be 1 to 64 letters, digits, '.', '_' or '-'",
            &name,
        );
        return None;
    }
    Some(Model { name })
}

pub(super) fn write(model: &Model, out: &mut SectionWriter<'_>) {
    out.text("name", &model.name);
}
