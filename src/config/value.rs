//! One value as it was written, and how it becomes text, a number, a list.
//!
//! Shape: [`Given`] is a TOML value of the file or the text of a variable. A variable's text is
//! taken as it stands where text is wanted and is read as TOML where anything else is; so
//! `LOGITD_MODEL__NAME=5` is the name "5". Functions return what is wrong as words that follow
//! on the field's name. What holds a value here is not `Debug`: it may be a secret in the clear.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Place;
use super::origin::Origin;

/// Longer texts are cut when they are shown in a fault.
const SHOWN_CHARACTERS: usize = 40;

/// What was written.
pub(super) enum Written<'a> {
    /// A TOML value.
    Toml(DeValue<'a>),
    /// The text of a variable.
    Text(&'a str),
    /// The content of the file that a variable names.
    Content(String),
}

/// One value and where it was written.
pub(super) struct Given<'a> {
    pub(super) written: Written<'a>,
    /// Of its key.
    pub(super) place: Place,
    /// For the places inside of it.
    pub(super) origin: Origin<'a>,
}

impl<'a> Given<'a> {
    /// The text as it stands.
    pub(super) fn text(&self) -> Result<String, String> {
        match &self.written {
            Written::Text(text) => Ok((*text).to_owned()),
            Written::Content(content) => Ok(content.clone()),
            Written::Toml(value) => text(value),
        }
    }

    /// Lets `read` see the TOML value; the text of a variable that is no TOML counts as text.
    pub(super) fn toml<T>(
        &self,
        read: impl FnOnce(&DeValue<'a>) -> Result<T, String>,
    ) -> Result<T, String> {
        match &self.written {
            Written::Toml(value) => read(value),
            Written::Content(content) => read(&DeValue::String(Cow::Owned(content.clone()))),
            Written::Text(text) => match DeValue::parse(text.trim()) {
                Ok(value) => read(value.get_ref()),
                Err(error) if text.trim_start().starts_with(['[', '{']) => {
                    Err(format!("is not a TOML value: {}", error.message()))
                }
                Err(_) => read(&DeValue::String(Cow::Borrowed(text))),
            },
        }
    }
}

/// Text in quotes. Says only the kind of what was found instead: it may be a secret.
pub(super) fn text(value: &DeValue<'_>) -> Result<String, String> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("expected text in quotes, found {}", kind(value))),
    }
}

/// True or false.
pub(super) fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| format!("expected true or false, found {}", found(value)))
}

/// A whole number; one too large for an `i128` is refused as found.
pub(super) fn integer(value: &DeValue<'_>) -> Result<i128, String> {
    value
        .as_integer()
        .and_then(|integer| i128::from_str_radix(integer.as_str(), integer.radix()).ok())
        .ok_or_else(|| format!("expected a whole number, found {}", found(value)))
}

/// A number, `inf` and `nan` included; whole numbers are numbers too.
pub(super) fn number(value: &DeValue<'_>) -> Result<f64, String> {
    let number = match value {
        DeValue::Float(float) => float.as_str().parse().ok(),
        DeValue::Integer(_) => integer(value).ok().map(|integer| integer as f64),
        _ => None,
    };
    number.ok_or_else(|| format!("expected a number, found {}", found(value)))
}

/// A list whose elements `read` reads; a fault names the element, from 1.
pub(super) fn list<T>(
    value: &DeValue<'_>,
    read: impl Fn(&DeValue<'_>) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let Some(array) = value.as_array() else {
        return Err(format!("expected a list in [ ], found {}", found(value)));
    };
    let mut elements = Vec::with_capacity(array.len());
    for (index, element) in array.iter().enumerate() {
        let element = read(element.get_ref());
        elements.push(element.map_err(|fault| format!("value {}: {fault}", index + 1))?);
    }
    Ok(elements)
}

/// A list of tables, each with its span. Says only the kind of what was found instead: a table may
/// hold what is secret.
pub(super) fn tables<'a>(value: &DeValue<'a>) -> Result<Vec<Spanned<DeTable<'a>>>, String> {
    let Some(array) = value.as_array() else {
        return Err(format!("expected a list of tables, found {}", kind(value)));
    };
    let tables = array
        .iter()
        .enumerate()
        .map(|(index, element)| match element.get_ref() {
            DeValue::Table(table) => Ok(Spanned::new(element.span(), table.clone())),
            other => Err(format!(
                "value {}: expected a table, found {}",
                index + 1,
                kind(other)
            )),
        });
    tables.collect()
}

/// A short text in quotes, a long one with its end cut off.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text {}", quoted(text)),
        DeValue::Integer(integer) => integer.to_string().chars().take(SHOWN_CHARACTERS).collect(),
        DeValue::Float(float) => float.to_string().chars().take(SHOWN_CHARACTERS).collect(),
        DeValue::Boolean(boolean) => boolean.to_string(),
        other => kind(other).to_owned(),
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
