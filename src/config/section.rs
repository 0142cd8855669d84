//! One section being read: [`Section`] hands out typed fields and gathers what is wrong.
//!
//! Shape: a field is taken by its name (`typed.rs` says as what); absent, its default from the
//! table is read instead; a fault is remembered and `None` returned, so that the reading goes on
//! and tells every fault at once. A `None` of an optional field without a fault means that it is
//! absent. What was given but stands in no table is refused when the section is finished.

use toml::de::DeValue;

use super::api_key;
use super::document::GivenTable;
use super::fault::{ConfigFault, Place};
use super::feature;
use super::field::{self, Default, Field};
use super::nearest::nearest;
use super::origin::Origin;
use super::value::{self, Given, Written};

/// A section, or one table of a list, while it is read.
pub(super) struct Section<'a> {
    name: &'static str,
    fields: &'static [Field],
    /// What tells one table of a list from the others; empty for a section.
    label: String,
    given: GivenTable<'a>,
    faults: Vec<ConfigFault>,
}

impl<'a> Section<'a> {
    pub(super) fn new(name: &'static str, fields: &'static [Field], given: GivenTable<'a>) -> Self {
        Self {
            name,
            fields,
            label: String::new(),
            given,
            faults: Vec::new(),
        }
    }

    /// Names one table of a list in its faults from now on.
    pub(super) fn set_label(&mut self, label: String) {
        self.label = label;
    }

    /// Whether somebody wrote it.
    pub(super) fn is_given(&self, name: &str) -> bool {
        self.given.values.contains_key(name)
    }

    /// Remembers that the field is wrong, at the place of its value, else of the section.
    pub(super) fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        let given = self.given.values.get(name).map(|given| &given.place);
        let place = given.unwrap_or(&self.given.place).clone();
        self.refuse_at(place, name, detail.into());
    }

    /// The same, with the rule and the text that broke it.
    pub(super) fn refuse_shown(&mut self, name: &str, rule: &str, found: &str) {
        self.refuse(name, format!("{rule}, found {}", value::quoted(found)));
    }

    fn refuse_at(&mut self, place: Place, name: &str, detail: String) {
        let field = match self.label.as_str() {
            "" => name.to_owned(),
            label => format!("{label} {name}").trim_end().to_owned(),
        };
        self.faults.push(ConfigFault {
            place,
            section: self.name.to_owned(),
            field,
            detail,
        });
    }

    /// Takes over the faults of a table that stands in this section.
    pub(super) fn adopt(&mut self, faults: Vec<ConfigFault>) {
        self.faults.extend(faults);
    }

    /// What was wrong, unknown keys included.
    pub(super) fn finish(mut self) -> Vec<ConfigFault> {
        let known = |name: &str| self.fields.iter().any(|field| field.name == name);
        let unknown: Vec<(String, Place)> = (self.given.values.iter())
            .filter(|(name, _)| !known(name))
            .map(|(name, given)| (name.clone(), given.place.clone()))
            .collect();
        for (name, place) in unknown {
            let detail = self.unknown_key(&name);
            self.refuse_at(place, &name, detail);
        }
        self.faults
    }

    fn unknown_key(&self, name: &str) -> String {
        let known = || self.fields.iter().map(|field| field.name);
        match nearest(name, known()) {
            Some(near) => format!("unknown key; did you mean {near}?"),
            None => format!(
                "unknown key; known are {}",
                known().collect::<Vec<_>>().join(", ")
            ),
        }
    }

    /// Reads what was given, else the default.
    pub(super) fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Given<'a>) -> Result<T, String>,
    ) -> Option<T> {
        let field = self.fields.iter().find(|field| field.name == name);
        debug_assert!(
            field.is_some(),
            "{name} is not in the table of [{}]",
            self.name
        );
        let outcome = match (
            self.given.values.get(name),
            field.map(|field| field.default),
        ) {
            (Some(given), _) => read(given),
            (None, Some(Default::Toml(toml))) => read_default(toml, read),
            (None, Some(Default::Required)) => Err(self.missing(name)),
            (None, Some(Default::Absent(_)) | None) => return None,
        };
        outcome.map_err(|detail| self.refuse(name, detail)).ok()
    }

    fn missing(&self, name: &str) -> String {
        let field = self.fields.iter().find(|field| field.name == name);
        let meaning = field.map_or("", |field| field.meaning);
        match self.name {
            feature::SECTION | api_key::SECTION => format!("is missing: {meaning}"),
            section => {
                format!(
                    "is missing (here or as {}): {meaning}",
                    field::variable(section, name)
                )
            }
        }
    }
}

/// A default is TOML and stands at no place.
fn read_default<'a, T>(
    toml: &'static str,
    read: impl FnOnce(&Given<'a>) -> Result<T, String>,
) -> Result<T, String> {
    let parsed = DeValue::parse(toml).map_err(|error| error.message().to_owned())?;
    let written = Written::Toml(parsed.into_inner());
    read(&Given {
        written,
        place: Place::Nowhere,
        origin: Origin::Variable(""),
    })
}
