//! What a field can be taken as: a name, a whole number inside a range, one of a few words, ...

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::DeTable;

use super::document::GivenTable;
use super::secret::Secret;
use super::section::Section;
use super::value;

/// The longest time in milliseconds: a day. It keeps sums of times far from overflowing.
pub(super) const DAY_MS: u64 = 86_400_000;
/// The longest time in seconds: a day.
pub(super) const DAY_SECONDS: u64 = 86_400;

impl<'a> Section<'a> {
    /// Text as it stands.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.take(name, |given| given.text())
    }

    /// The name of a table or column: any text that a database could take, never parsed.
    pub(super) fn name(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let detail = match (text.is_empty(), text.contains('\0')) {
            (true, _) => "must not be empty",
            (_, true) => "must not contain the character NUL",
            _ => return Some(text),
        };
        self.refuse(name, detail);
        None
    }

    /// A database URL; a fault never shows it.
    pub(super) fn database_url(&mut self, name: &str) -> Option<Secret> {
        let url = self.text(name)?;
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if known.iter().any(|scheme| url.starts_with(scheme)) {
            return Some(Secret::new(url));
        }
        self.refuse(
            name,
            "must begin with sqlite:, postgres:// or postgresql://",
        );
        None
    }

    /// True or false.
    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.take(name, |given| given.toml(value::boolean))
    }

    /// A whole number inside `range`, which the caller's `T` can hold.
    pub(super) fn integer<T: TryFrom<u64>>(
        &mut self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Option<T> {
        self.take(name, |given| {
            let found = given.toml(value::integer)?;
            let inside = u64::try_from(found)
                .ok()
                .filter(|value| range.contains(value));
            inside
                .and_then(|value| T::try_from(value).ok())
                .ok_or_else(|| {
                    format!(
                        "must be from {} to {}, found {found}",
                        range.start(),
                        range.end()
                    )
                })
        })
    }

    /// A number, not always finite.
    pub(super) fn number(&mut self, name: &str) -> Option<f64> {
        self.take(name, |given| given.toml(value::number))
    }

    /// A list of numbers, not always finite.
    pub(super) fn numbers(&mut self, name: &str) -> Option<Vec<f64>> {
        self.take(name, |given| {
            given.toml(|list| value::list(list, value::number))
        })
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        self.take(name, |given| {
            given.toml(|list| value::list(list, value::text))
        })
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let chosen = words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value);
        if chosen.is_none() {
            let known: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            self.refuse_shown(name, &format!("must be one of {}", known.join(", ")), &text);
        }
        chosen
    }

    /// A list of tables, at least one, each to be read as a section of its own.
    pub(super) fn tables(&mut self, name: &str) -> Option<Vec<GivenTable<'a>>> {
        self.take(name, |given| {
            let tables = given.toml(value::tables)?;
            if tables.is_empty() {
                return Err("is an empty list; give at least one".to_owned());
            }
            let given_table = |table: Spanned<DeTable<'a>>| {
                let place = given.origin.place(table.span().start);
                GivenTable::of(table.into_inner(), place, &given.origin)
            };
            Ok(tables.into_iter().map(given_table).collect())
        })
    }
}
