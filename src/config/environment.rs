//! The process environment as a value: [`Environment`].
//!
//! Shape: a map that is read once, by [`Environment::from_process`], the only place that names
//! `std::env`; everything else takes it as a parameter, so that tests need no global variables.
//! `Debug` shows names only, for values may be secrets.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;

/// What every variable of ours begins with.
pub(super) const PREFIX: &str = "LOGITD_";

/// The variables that the process was started with.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    values: BTreeMap<String, String>,
    unreadable: BTreeSet<String>,
}

impl Environment {
    /// The variables of this process, as they are now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn from_process() -> Self {
        Self::from_os(std::env::vars_os())
    }

    /// The given variables, for tests and for commands that bring their own.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let values = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self {
            values,
            unreadable: BTreeSet::new(),
        }
    }

    /// The value of one variable; none if it is absent or not UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Variables of others may hold any bytes and are left out; one of ours that is not UTF-8 is
    /// remembered and becomes a fault.
    fn from_os(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => {
                    environment.values.insert(name, value);
                }
                (Ok(name), Err(_)) => environment.remember_unreadable(name),
                (Err(name), _) => {
                    environment.remember_unreadable(name.to_string_lossy().into_owned());
                }
            }
        }
        environment
    }

    fn remember_unreadable(&mut self, name: String) {
        if name.starts_with(PREFIX) {
            self.unreadable.insert(name);
        }
    }

    /// The standard variables of OpenTelemetry, for commands that bring their own configuration.
    pub fn open_telemetry(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.values.iter();
        let all = all.map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(|(name, _)| name.starts_with("OTEL_"))
    }

    /// Our variables that name a field, `LOGITD_<SECTION>__<FIELD>`, and their values, in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = |name: &str| {
            name.strip_prefix(PREFIX)
                .is_some_and(|rest| rest.contains("__"))
        };
        let all = self
            .values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(move |(name, _)| named(name))
    }

    /// Our variables whose name or value is not UTF-8.
    pub(super) fn unreadable(&self) -> impl Iterator<Item = &str> {
        self.unreadable.iter().map(String::as_str)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.values.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_names_only() {
        let environment =
            Environment::from_pairs([("LOGITD_DATABASE__URL", "postgres://u:pw@h/d")]);
        assert_eq!(format!("{environment:?}"), "{\"LOGITD_DATABASE__URL\"}");
    }

    #[test]
    fn only_names_with_two_underscores_are_fields() {
        let environment = Environment::from_pairs([
            ("LOGITD_LOG", "debug"),
            ("LOGITD_HTTP__LISTEN", "x"),
            ("HTTP__LISTEN", "y"),
        ]);
        assert_eq!(
            environment.fields().collect::<Vec<_>>(),
            [("LOGITD_HTTP__LISTEN", "x")]
        );
        assert_eq!(environment.get("LOGITD_LOG"), Some("debug"));
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_told_only_of_our_own() {
        use std::os::unix::ffi::OsStringExt;
        let broken = || OsString::from_vec(vec![0xff]);
        let environment = Environment::from_os([
            (OsString::from("LOGITD_MODEL__NAME"), broken()),
            (OsString::from("OTHER"), broken()),
        ]);
        assert_eq!(
            environment.unreadable().collect::<Vec<_>>(),
            ["LOGITD_MODEL__NAME"]
        );
    }
}
