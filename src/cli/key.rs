//! `logitd key new`: a key, shown once, and the line that makes it valid.
//!
//! Key and line are the two lines of standard output, for scripts; the words around them go to
//! standard error, for people. Nothing is kept: whoever loses the key makes another.

use super::arguments::{KeyArguments, KeyStep};
use super::failure::Failure;
use super::output;
use crate::config::{KeyDigest, Role, hexadecimal};
use std::process::ExitCode;

/// Scanners for secrets that slipped into a repository know one by such a beginning.
const PREFIX: &str = "logitd_";
const RANDOM_BYTES: usize = 32;

pub(super) fn run(arguments: &KeyArguments) -> Result<ExitCode, Failure> {
    let KeyStep::New { name, role } = &arguments.step;
    let key = draw().map_err(|error| Failure::of("draw random bytes")(error.into()))?;
    output::tell("The key. It is shown this once and kept nowhere:");
    output::say(&key);
    output::tell("The line for keys = [ ... ] in [auth], or in the keys_file. It is no secret:");
    output::say(line(name, *role, &key));
    Ok(ExitCode::SUCCESS)
}

fn draw() -> Result<String, getrandom::Error> {
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{PREFIX}{}", hexadecimal(&bytes)))
}

/// An element of the list, as TOML.
fn line(name: &str, role: Role, key: &str) -> String {
    let name = toml::Value::from(name);
    let (role, digits) = (role.as_str(), KeyDigest::of(key.as_bytes()).digits());
    format!("{{ name = {name}, role = \"{role}\", sha256 = \"{digits}\" }},")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Auth;

    #[test]
    fn no_two_keys_are_alike() {
        let (one, two) = (draw().unwrap(), draw().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), PREFIX.len() + 2 * RANDOM_BYTES);
    }

    #[test]
    fn the_line_makes_the_key_valid() {
        let auth = Auth {
            keys: Vec::new(),
            keys_file: None,
        };
        for name in ["ci", "it's \"Ann\"", "\\"] {
            let lines = [
                line(name, Role::Ingest, "one"),
                line(name, Role::Operate, "two"),
            ];
            let keys = auth.with_keys_of(&format!("keys = [\n{}\n{}\n]", lines[0], lines[1]));
            let keys = keys.unwrap();
            assert_eq!((keys[0].name.as_str(), keys[0].role), (name, Role::Ingest));
            assert_eq!(keys[1].sha256, KeyDigest::of(b"two"));
        }
    }
}
