//! `[observations]`: whether clients may write labelled rows into the user's table.

use super::field::Field;
use super::section::Section;
use super::writer::SectionWriter;

pub(super) const SECTION: &str = "observations";

pub(super) const FIELDS: &[Field] = &[Field::with_default(
    "enabled",
    "false",
    "true lets clients read and write labelled rows in the dataset's table, by its `key`",
)];

/// Whether clients may write labelled rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observations {
    /// Off unless somebody wants it: the table is the user's.
    pub enabled: bool,
}

/// Reads the section; `key` says whether the dataset has one that could be read.
pub(super) fn read(section: &mut Section<'_>, key: bool) -> Option<Observations> {
    let enabled = section.boolean("enabled")?;
    if enabled && !key {
        let rule = "needs [dataset] key, the column that names an observation";
        section.refuse("enabled", rule);
    }
    Some(Observations { enabled })
}

pub(super) fn write(observations: &Observations, out: &mut SectionWriter<'_>) {
    out.boolean("enabled", observations.enabled);
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Environment};

    #[test]
    fn observations_need_a_key() {
        let text = "dataset = {table = 't', target = 'c', features = [{name = 'f'}]}\n\
                    [observations]\nenabled = true\n";
        let parse = |pairs: &[(&str, &str)]| {
            let environment = Environment::from_pairs(pairs.iter().copied());
            Config::parse(text, "logitd.toml", &environment)
        };
        let refused = parse(&[]).unwrap_err().to_string();
        let told = "logitd.toml:3: [observations] enabled: needs [dataset] key, the column that \
                    names an observation";
        assert_eq!(refused, told);
        let config = parse(&[("LOGITD_DATASET__KEY", "id")]).unwrap();
        assert!(config.observations.enabled);
    }
}
