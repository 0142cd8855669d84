//! A text that no log, error or report shows: [`Secret`].
//!
//! Shape: `Debug` and `Display` print three stars, so that a struct holding one can be printed
//! whole; the text itself is had only by the name [`Secret::expose`], which a search finds. For
//! people there is [`Secret::redacted_url`], a database URL without its password.
//!
//! Turned down: wiping the memory on drop. The URL is copied by the drivers that use it, and a
//! promise that is half kept is worse than none.

use std::fmt;

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

/// A text that is never printed: a database URL with its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` from being printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the driver that needs it and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The URL for people: `postgres://user:***@host/db?sslmode=require`. The password and every
    /// query value that may be one (`password`, `sslpassword`, `sslkey`, ...) are hidden; a SQLite
    /// URL has none and is shown whole. Anything that is no URL is hidden whole.
    ///
    /// An `@` behind the host makes it doubtful where a password ends (it may hold an unescaped
    /// `/` or `?`); then all but the scheme is hidden.
    pub fn redacted_url(&self) -> String {
        if self.0.starts_with("sqlite:") {
            return self.0.clone();
        }
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return HIDDEN.to_owned();
        };
        let (authority, place) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if place.contains('@') {
            return format!("{scheme}://{HIDDEN}");
        }
        let authority = match authority.rsplit_once('@') {
            Some((user, host)) => match user.split_once(':') {
                Some((name, _password)) => format!("{name}:{HIDDEN}@{host}"),
                None => authority.to_owned(),
            },
            None => authority.to_owned(),
        };
        format!("{scheme}://{authority}{}", redacted_query(place))
    }

    /// Whether the URL names a SQLite file; otherwise it is PostgreSQL.
    pub fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }
}

/// `host/db?key=value&...` with the values of keys that may hold a secret replaced.
fn redacted_query(place: &str) -> String {
    let Some((path, query)) = place.split_once('?') else {
        return place.to_owned();
    };
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((key, _value)) if may_be_secret(key) => format!("{key}={HIDDEN}"),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{path}?{}", pairs.join("&"))
}

/// A key spelled with escapes could be any key, so it counts as secret.
fn may_be_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let plain = key
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    !plain
        || key == "sslkey"
        || ["pass", "secret", "token"]
            .iter()
            .any(|word| key.contains(word))
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(url: &str) -> String {
        Secret::new(url).redacted_url()
    }

    #[test]
    fn printing_tells_nothing() {
        let secret = Secret::new("postgres://u:hunter2@h/db");
        assert_eq!(
            format!("{secret} {secret:?} {:?}", Some(&secret)),
            "*** *** Some(***)"
        );
        assert_eq!(secret.expose(), "postgres://u:hunter2@h/db");
    }

    #[test]
    fn a_url_keeps_all_but_its_secrets() {
        for (url, shown) in [
            ("postgres://u:pw@h:5432/db", "postgres://u:***@h:5432/db"),
            ("postgresql://h/db", "postgresql://h/db"),
            ("postgres://u@h/db", "postgres://u@h/db"),
            ("postgres://:pw@h/db", "postgres://:***@h/db"),
            (
                "postgres://u:pw@h/db?sslmode=require&password=pw&sslpassword=pw&sslkey=pw",
                "postgres://u:***@h/db?sslmode=require&password=***&sslpassword=***&sslkey=***",
            ),
            (
                "postgres://h/db?PassWord=pw&pass%77ord=pw",
                "postgres://h/db?PassWord=***&pass%77ord=***",
            ),
            ("sqlite://a.db?mode=rwc", "sqlite://a.db?mode=rwc"),
            ("not a url, pw", "***"),
        ] {
            assert_eq!(redacted(url), shown);
            assert_eq!(redacted(shown), shown, "redacting twice changes nothing");
        }
    }

    #[test]
    fn a_password_that_was_not_escaped_is_still_hidden() {
        for url in [
            "postgres://u:a@pw/db@h/db",
            "postgres://u:a?pw=1@h/db",
            "postgres://u:#pw@h/db",
            "postgres://h:1/db?password=a@pw",
        ] {
            let shown = redacted(url);
            assert!(!shown.contains("pw"), "{shown}");
        }
    }
}
