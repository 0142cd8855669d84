//! A section as TOML: what was read, written so that it reads the same.

use std::fmt::Display;

/// Writes the fields of one section, a line each.
#[derive(Debug)]
pub(super) struct SectionWriter<'a> {
    out: &'a mut String,
}

impl<'a> SectionWriter<'a> {
    /// Begins a section with its heading, `[training]`, set apart from what is before it.
    pub(super) fn begin(out: &'a mut String, heading: &str) -> Self {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(heading);
        out.push('\n');
        Self { out }
    }

    fn line(&mut self, name: &str, value: impl Display) {
        self.out.push_str(&format!("{name} = {value}\n"));
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.line(name, quoted(text));
    }

    pub(super) fn optional_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    pub(super) fn texts(&mut self, name: &str, texts: &[String]) {
        let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        self.line(name, format!("[{}]", quoted.join(", ")));
    }

    pub(super) fn integer(&mut self, name: &str, value: impl Into<u64>) {
        self.line(name, value.into());
    }

    pub(super) fn number(&mut self, name: &str, value: f64) {
        self.line(name, toml::Value::Float(value));
    }

    pub(super) fn optional_number(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    pub(super) fn numbers(&mut self, name: &str, values: &[f64]) {
        let values = values
            .iter()
            .map(|value| toml::Value::Float(*value))
            .collect();
        self.line(name, toml::Value::Array(values));
    }

    pub(super) fn boolean(&mut self, name: &str, value: bool) {
        self.line(name, value);
    }

    pub(super) fn choice<T: PartialEq>(&mut self, name: &str, words: &[(&str, T)], value: T) {
        if let Some((word, _)) = words.iter().find(|(_, known)| *known == value) {
            self.text(name, word);
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
