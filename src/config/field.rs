//! The table of all fields: name, default and meaning, once.
//!
//! Shape: every section file owns a `const FIELDS`; [`SECTIONS`] puts them in the documented order.
//! A default is TOML text and goes through the same reader as a value somebody wrote, so that a
//! default which its own rule refuses cannot be.
//!
//! Turned down: `Default` implementations beside a list for the documentation; two lists drift
//! apart.

use super::{
    auth, database, dataset, gate, http, http_tls, model, observations, serving, telemetry,
    training,
};

/// What holds where a field is not given.
#[derive(Clone, Copy, Debug)]
pub(super) enum Default {
    /// A value, as TOML.
    Toml(&'static str),
    /// Nothing, and what that means, as Markdown.
    Absent(&'static str),
    /// It must be given.
    Required,
}

/// One field of one section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) default: Default,
    pub(super) meaning: &'static str,
    /// Whether it may come from a file that a `..._FILE` variable names.
    pub(super) secret: bool,
}

impl Field {
    pub(super) const fn with_default(
        name: &'static str,
        toml: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            default: Default::Toml(toml),
            meaning,
            secret: false,
        }
    }

    pub(super) const fn without_default(
        name: &'static str,
        absent: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            default: Default::Absent(absent),
            meaning,
            secret: false,
        }
    }

    pub(super) const fn required(name: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            default: Default::Required,
            meaning,
            secret: false,
        }
    }

    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// One section: its dotted name and its fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct SectionFields {
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

/// The sections in the documented order.
pub(super) const SECTIONS: &[SectionFields] = &[
    SectionFields {
        name: model::SECTION,
        fields: model::FIELDS,
    },
    SectionFields {
        name: database::SECTION,
        fields: database::FIELDS,
    },
    SectionFields {
        name: dataset::SECTION,
        fields: dataset::FIELDS,
    },
    SectionFields {
        name: training::SECTION,
        fields: training::FIELDS,
    },
    SectionFields {
        name: gate::SECTION,
        fields: gate::FIELDS,
    },
    SectionFields {
        name: serving::SECTION,
        fields: serving::FIELDS,
    },
    SectionFields {
        name: http::SECTION,
        fields: http::FIELDS,
    },
    SectionFields {
        name: http_tls::SECTION,
        fields: http_tls::FIELDS,
    },
    SectionFields {
        name: observations::SECTION,
        fields: observations::FIELDS,
    },
    SectionFields {
        name: auth::SECTION,
        fields: auth::FIELDS,
    },
    SectionFields {
        name: telemetry::SECTION,
        fields: telemetry::FIELDS,
    },
];

/// `LOGITD_HTTP__LISTEN`: the variable that sets a field. A section inside another
/// has both in its name, `LOGITD_HTTP__TLS__KEY`.
pub(super) fn variable(section: &str, field: &str) -> String {
    format!(
        "LOGITD_{}__{}",
        section.replace('.', "__").to_ascii_uppercase(),
        field.to_ascii_uppercase()
    )
}
