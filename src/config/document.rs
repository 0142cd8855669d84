//! A TOML text cut into its sections, each key with the line it stands on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{ConfigError, ConfigFault, Place};
use super::field::SECTIONS;
use super::nearest::nearest;
use super::origin::{LineStarts, Origin};
use super::value::{Given, Written};

/// The values of one table by key, and the place of its heading.
pub(super) struct GivenTable<'a> {
    pub(super) values: BTreeMap<String, Given<'a>>,
    pub(super) place: Place,
}

impl<'a> GivenTable<'a> {
    /// A table that nobody wrote.
    pub(super) fn empty(place: Place) -> Self {
        Self {
            values: BTreeMap::new(),
            place,
        }
    }

    /// The table at `place`, its keys placed by `origin`.
    pub(super) fn of(table: DeTable<'a>, place: Place, origin: &Origin<'a>) -> Self {
        let given = |(key, value): (Spanned<_>, Spanned<_>)| {
            let given = Given {
                place: origin.place(key.span().start),
                written: Written::Toml(value.into_inner()),
                origin: origin.clone(),
            };
            (String::from(key.into_inner()), given)
        };
        Self {
            values: table.into_iter().map(given).collect(),
            place,
        }
    }
}

/// The sections of a text, and what in it is no section.
pub(super) struct Document<'a> {
    pub(super) sections: BTreeMap<&'static str, GivenTable<'a>>,
    pub(super) faults: Vec<ConfigFault>,
    /// The file, for what is missing in it.
    pub(super) whole: Place,
}

impl<'a> Document<'a> {
    /// Cuts `text`; `source` names it in the faults.
    ///
    /// # Errors
    /// As [`parse_root`].
    pub(super) fn of(text: &'a str, source: &str) -> Result<Self, ConfigError> {
        let (root, origin) = parse_root(text, source)?;
        let mut document = Self {
            sections: BTreeMap::new(),
            faults: Vec::new(),
            whole: origin.whole(),
        };
        for (key, value) in root {
            document.add(key, value.into_inner(), &origin);
        }
        Ok(document)
    }

    /// The section, empty and placed in the whole where nobody wrote it.
    pub(super) fn section(&mut self, name: &'static str) -> &mut GivenTable<'a> {
        let whole = &self.whole;
        self.sections
            .entry(name)
            .or_insert_with(|| GivenTable::empty(whole.clone()))
    }

    fn add(&mut self, key: Spanned<Cow<'a, str>>, value: DeValue<'a>, origin: &Origin<'a>) {
        let place = origin.place(key.span().start);
        let name = key.into_inner();
        let known = SECTIONS
            .iter()
            .find(|section| section.name == name)
            .map(|section| section.name);
        match (known, value) {
            (Some(known), DeValue::Table(table)) => {
                let mut given = GivenTable::of(table, place, origin);
                self.take_inner(known, &mut given);
                self.sections.insert(known, given);
            }
            (Some(known), _) => {
                let detail = format!("is a section: write [{known}] and its fields below it");
                self.fault(place, known.to_owned(), String::new(), detail);
            }
            (None, DeValue::Table(_)) => {
                self.fault(
                    place,
                    name.clone().into_owned(),
                    String::new(),
                    unknown_section(&name),
                );
            }
            (None, _) => {
                self.fault(
                    place,
                    String::new(),
                    name.clone().into_owned(),
                    homeless_key(&name),
                );
            }
        }
    }

    /// Takes the sections that stand inside another, `[http.tls]`, out of it.
    fn take_inner(&mut self, outer: &str, given: &mut GivenTable<'a>) {
        for section in SECTIONS {
            let inner = section.name.strip_prefix(outer);
            let inner = inner.and_then(|rest| rest.strip_prefix('.'));
            let Some(found) = inner.and_then(|inner| given.values.remove(inner)) else {
                continue;
            };
            let Given {
                place,
                written,
                origin,
            } = found;
            if let Written::Toml(DeValue::Table(table)) = written {
                let table = GivenTable::of(table, place, &origin);
                self.sections.insert(section.name, table);
            } else {
                let detail = format!(
                    "is a section: write [{}] and its fields below it",
                    section.name
                );
                self.fault(place, section.name.to_owned(), String::new(), detail);
            }
        }
    }

    fn fault(&mut self, place: Place, section: String, field: String, detail: String) {
        self.faults.push(ConfigFault {
            place,
            section,
            field,
            detail,
        });
    }
}

/// A whole text as one table, and what its places are counted from.
///
/// # Errors
/// It is not TOML: one fault, with the line. The text is not quoted, it may hold a secret.
pub(super) fn parse_root<'a>(
    text: &'a str,
    source: &str,
) -> Result<(DeTable<'a>, Origin<'a>), ConfigError> {
    let lines = LineStarts::of(text);
    match DeTable::parse(text) {
        Ok(root) => {
            let origin = Origin::File(Arc::from(source), Arc::new(lines));
            Ok((root.into_inner(), origin))
        }
        Err(error) => {
            let line = error.span().map(|span| lines.line(span.start));
            let detail = format!("is not TOML: {}", error.message().replace('\n', ", "));
            Err(ConfigError::of_file(source, line, detail))
        }
    }
}

fn unknown_section(name: &str) -> String {
    let known = || SECTIONS.iter().map(|section| section.name);
    match nearest(name, known()) {
        Some(near) => format!("unknown section; did you mean [{near}]?"),
        None => format!(
            "unknown section; known are {}",
            known().collect::<Vec<_>>().join(", ")
        ),
    }
}

/// A key above every section: names the section that has such a field.
fn homeless_key(name: &str) -> String {
    let home = SECTIONS
        .iter()
        .find(|section| section.fields.iter().any(|field| field.name == name));
    match home {
        Some(section) => format!(
            "stands above every section; it belongs under [{}]",
            section.name
        ),
        None => "unknown key above every section".to_owned(),
    }
}
