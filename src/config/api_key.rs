//! `[[auth.keys]]`: one key that is valid, known by its SHA-256 only.
//!
//! Shape: [`KeyDigest`] is the only form in which a key is kept. It compares in constant time
//! whoever compares it, and prints its first digits only: enough to tell two keys of one name
//! apart, too little to search for a key that somebody chose badly.
//!
//! Turned down: a slow hash such as argon2. `logitd key new` draws 256 random bits, which no search
//! finds, and a slow hash would be paid by every request.

use super::document::GivenTable;
use super::field::Field;
use super::section::Section;
use super::value::quoted;
use super::writer::SectionWriter;
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

pub(super) const SECTION: &str = "auth.keys";

pub(super) const FIELDS: &[Field] = &[
    Field::required(
        "name",
        "who holds it; stands in the log and on what was done with it. Two keys may share a name, \
         as while one takes over from the other",
    ),
    Field::required(
        "role",
        "`predict`; `ingest`, which writes observations too; `operate`, which may everything",
    ),
    Field::required(
        "sha256",
        "the key's SHA-256, 64 hexadecimal digits; `logitd key new` makes key and line",
    ),
];

/// What a key allows; each role allows what those before it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Predictions, and to see what predicts.
    Predict,
    /// To write observations.
    Ingest,
    /// To train, promote and roll back.
    Operate,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Predict, Self::Ingest, Self::Operate];

    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Predict => "predict",
            Self::Ingest => "ingest",
            Self::Operate => "operate",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// A key's SHA-256. Not a secret, and still printed in part only.
#[derive(Clone, Copy, Eq)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// Of a key as it is sent.
    #[must_use]
    pub fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// From 64 hexadecimal digits.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// All 64 digits, for the line of the configuration.
    #[must_use]
    pub fn digits(&self) -> String {
        hexadecimal(&self.0)
    }

    /// The first digits, for people.
    fn shortened(self) -> String {
        format!("{}***", hexadecimal(self.0.get(..4).unwrap_or_default()))
    }
}

/// Two digits a byte, small letters.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl PartialEq for KeyDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shortened())
    }
}

/// One key that is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Who holds it.
    pub name: String,
    /// What it allows.
    pub role: Role,
    /// What it is known by.
    pub sha256: KeyDigest,
}

/// What an unnamed caller is called; no key may bear it.
pub const ANONYMOUS: &str = "anonymous";

/// Checks a key's name.
///
/// # Errors
/// What it must be.
pub fn check_key_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if !(1..=64).contains(&length) || name.chars().any(char::is_control) {
        return Err("must be 1 to 64 characters without control characters".to_owned());
    }
    if name == ANONYMOUS {
        return Err(format!("{ANONYMOUS:?} is whoever gives no key"));
    }
    Ok(())
}

/// One key and the section it was read from, where later faults of it are told.
pub(super) struct ReadKey<'a> {
    pub(super) section: Section<'a>,
    /// None if something of it cannot be used.
    pub(super) key: Option<ApiKey>,
}

/// Reads the key at `position`, from 1. Role and digits that cannot be used are not shown: whoever
/// mistakes the fields writes the key itself there.
pub(super) fn read((position, table): (usize, GivenTable<'_>)) -> ReadKey<'_> {
    let mut section = Section::new(SECTION, FIELDS, table);
    section.set_label(position.to_string());
    let name = section.text("name").filter(|name| {
        let checked = check_key_name(name);
        if let Err(rule) = &checked {
            section.refuse("name", rule.as_str());
        }
        checked.is_ok()
    });
    if let Some(name) = &name {
        section.set_label(quoted(name));
    }
    let role = section.text("role").and_then(|text| {
        let role = Role::find(&text);
        if role.is_none() {
            let known = Role::ALL.map(|role| format!("{:?}", role.as_str()));
            section.refuse("role", format!("must be one of {}", known.join(", ")));
        }
        role
    });
    let sha256 = section.text("sha256").and_then(|text| {
        let digest = KeyDigest::parse(&text);
        if digest.is_none() {
            let rule = "must be the 64 hexadecimal digits of the key's SHA-256, never the key; \
                        `logitd key new` makes both";
            section.refuse("sha256", rule);
        }
        digest
    });
    let key = name.zip(role).zip(sha256);
    let key = key.map(|((name, role), sha256)| ApiKey { name, role, sha256 });
    ReadKey { section, key }
}

pub(super) fn write(key: &ApiKey, out: &mut SectionWriter<'_>) {
    out.text("name", &key.name);
    out.text("role", key.role.as_str());
    out.text("sha256", &key.sha256.shortened());
}

#[cfg(test)]
mod tests {
    use super::*;

    // NIST's examples of SHA-256: "abc", and the empty message.
    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_digest_is_sha_256() {
        assert_eq!(KeyDigest::of(b"abc").digits(), OF_ABC);
        assert_eq!(KeyDigest::parse(OF_ABC), Some(KeyDigest::of(b"abc")));
        let capitals = OF_ABC.to_ascii_uppercase();
        assert_eq!(KeyDigest::parse(&capitals), Some(KeyDigest::of(b"abc")));
        assert_ne!(KeyDigest::parse(OF_NOTHING), Some(KeyDigest::of(b"abc")));
        for wrong in [
            "",
            "abc",
            &OF_ABC[1..],
            &OF_ABC.replace('b', "+"),
            &"é".repeat(32),
        ] {
            assert_eq!(KeyDigest::parse(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{:?}", KeyDigest::of(b"abc")), "ba7816bf***");
    }

    #[test]
    fn a_role_allows_what_those_before_it_do() {
        assert!(Role::Predict < Role::Ingest && Role::Ingest < Role::Operate);
        for role in Role::ALL {
            assert_eq!(Role::find(role.as_str()), Some(role));
        }
        assert_eq!(Role::find("Operate"), None);
    }
}
