//! The keys that are valid now.
//!
//! Concurrency: a lock around a shared list, held for as long as it takes to copy a pointer; a new
//! list takes the place of the old one whole, so a request sees the one or the other.
//!
//! A key is looked for by its SHA-256, and every one of the list is compared, in constant time: how
//! long a refusal takes tells nothing about which digits were right.

use super::caller::Caller;
use super::pages::password;
use crate::config::{ApiKey, KeyDigest};
use poem::http::{HeaderMap, HeaderName, header};
use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Who may call.
#[derive(Debug)]
pub struct Keyring {
    /// None: nobody is asked for a key.
    keys: Option<RwLock<Arc<[Known]>>>,
}

impl Keyring {
    /// Everybody may call.
    #[must_use]
    pub fn open() -> Self {
        Self { keys: None }
    }

    /// Whoever has one of these keys may call.
    #[must_use]
    pub fn of(keys: Vec<ApiKey>) -> Self {
        let keys = Some(RwLock::new(known(&keys)));
        Self { keys }
    }

    /// Puts these keys in the place of the old ones; an open service stays open.
    pub fn replace(&self, keys: Vec<ApiKey>) {
        if let Some(held) = &self.keys {
            *held.write().unwrap_or_else(PoisonError::into_inner) = known(&keys);
        }
    }

    /// Whether a caller needs a key.
    pub(super) fn is_asked_for(&self) -> bool {
        self.keys.is_some()
    }

    /// Who sends these headers; those of a request for a page may say Basic.
    pub(super) fn identify(&self, headers: &HeaderMap, page: bool) -> Caller {
        let Some(held) = &self.keys else {
            return Caller::anonymous();
        };
        let keys = Arc::clone(&held.read().unwrap_or_else(PoisonError::into_inner));
        match Presented::of(headers, page) {
            Presented::Nothing => Caller::without_key(),
            Presented::Several => Caller::unknown(),
            Presented::Key(key) => find(&keys, &key).unwrap_or_else(Caller::unknown),
        }
    }
}

/// A key that is valid, and who comes with it.
#[derive(Debug)]
struct Known {
    sha256: KeyDigest,
    caller: Caller,
}

fn known(keys: &[ApiKey]) -> Arc<[Known]> {
    let each = keys.iter().map(|key| Known {
        sha256: key.sha256,
        caller: Caller::of(key),
    });
    each.collect()
}

fn find(keys: &[Known], presented: &[u8]) -> Option<Caller> {
    let presented = KeyDigest::of(presented);
    let mut found = None;
    // To the end, whichever it is.
    for key in keys {
        if key.sha256 == presented {
            found = Some(&key.caller);
        }
    }
    found.cloned()
}

enum Presented<'a> {
    Nothing,
    /// The header is there more than once: which of them is meant is not for us to say.
    Several,
    Key(Cow<'a, [u8]>),
}

impl<'a> Presented<'a> {
    /// `X-API-Key` is ours alone and goes first: before us something else may have asked for a
    /// bearer token of its own. Another scheme than Bearer, or Basic for a page, gives no key.
    fn of(headers: &'a HeaderMap, page: bool) -> Self {
        let mut keys = headers.get_all(API_KEY).iter();
        match (keys.next(), keys.next()) {
            (Some(key), None) => return Self::Key(key.as_bytes().into()),
            (Some(_), Some(_)) => return Self::Several,
            (None, _) => {}
        }
        let given = headers.get_all(header::AUTHORIZATION).iter();
        let mut tokens = given.filter_map(|value| {
            let bearer = bearer_token(value.as_bytes()).map(Cow::Borrowed);
            let basic = || password(value.as_bytes()).filter(|_| page).map(Cow::Owned);
            bearer.or_else(basic)
        });
        match (tokens.next(), tokens.next()) {
            (Some(token), None) => Self::Key(token),
            (Some(_), Some(_)) => Self::Several,
            (None, _) => Self::Nothing,
        }
    }
}

/// What follows on the word Bearer, which may be written in any case.
fn bearer_token(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked("Bearer".len())?;
    let spaced = scheme.eq_ignore_ascii_case(b"bearer") && rest.first() == Some(&b' ');
    spaced.then(|| rest.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Role;

    fn key(name: &str, role: Role, key: &str) -> ApiKey {
        ApiKey {
            name: name.to_owned(),
            role,
            sha256: KeyDigest::of(key.as_bytes()),
        }
    }

    fn ring() -> (Keyring, ApiKey, ApiKey) {
        let ann = key("ann", Role::Predict, "key of ann");
        let bob = key("bob", Role::Operate, "key of bob");
        (Keyring::of(vec![ann.clone(), bob.clone()]), ann, bob)
    }

    fn identify(ring: &Keyring, headers: &[(&'static str, &str)]) -> Caller {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        ring.identify(&map, false)
    }

    #[test]
    fn a_key_is_found_in_either_header() {
        let (ring, ann, bob) = ring();
        for (headers, caller) in [
            (vec![("x-api-key", "key of ann")], Caller::of(&ann)),
            (
                vec![("authorization", "Bearer key of bob")],
                Caller::of(&bob),
            ),
            (
                vec![("authorization", "bEARER   key of bob ")],
                Caller::of(&bob),
            ),
            // Ours goes before somebody else's token.
            (
                vec![
                    ("authorization", "Bearer eyJ0"),
                    ("x-api-key", "key of ann"),
                ],
                Caller::of(&ann),
            ),
            (vec![], Caller::without_key()),
            (
                vec![("authorization", "Basic a2V5IG9mIGFubg==")],
                Caller::without_key(),
            ),
            (
                vec![("authorization", "Bearerkey of ann")],
                Caller::without_key(),
            ),
            (vec![("authorization", "key of ann")], Caller::without_key()),
            (vec![("x-api-key", "")], Caller::unknown()),
            (vec![("x-api-key", "key of an")], Caller::unknown()),
            (vec![("x-api-key", "Bearer key of ann")], Caller::unknown()),
            (vec![("authorization", "Bearer ")], Caller::unknown()),
            (
                vec![("x-api-key", "key of ann"), ("x-api-key", "key of bob")],
                Caller::unknown(),
            ),
        ] {
            assert_eq!(identify(&ring, &headers), caller, "{headers:?}");
        }
    }

    #[test]
    fn only_a_page_takes_a_key_by_basic() {
        let (ring, ann, _) = ring();
        let identify = |value: &str, page| {
            let mut headers = HeaderMap::new();
            headers.append("authorization", value.parse().unwrap());
            ring.identify(&headers, page)
        };
        // "anybody:key of ann", "anybody:another"
        let basic = "Basic YW55Ym9keTprZXkgb2YgYW5u";
        assert_eq!(identify(basic, true), Caller::of(&ann));
        assert_eq!(identify(basic, false), Caller::without_key());
        let wrong = "Basic YW55Ym9keTphbm90aGVy";
        assert_eq!(identify(wrong, true), Caller::unknown());
        assert_eq!(identify("Bearer key of ann", true), Caller::of(&ann));
    }

    #[test]
    fn without_keys_nobody_is_asked() {
        let asked = identify(&Keyring::open(), &[("x-api-key", "anything")]);
        assert_eq!(asked, Caller::anonymous());
        let none_left = Keyring::of(Vec::new());
        assert_eq!(identify(&none_left, &[]), Caller::without_key());
    }

    #[test]
    fn new_keys_take_the_place_of_the_old() {
        let (ring, ann, _) = ring();
        let new = key("ann", Role::Ingest, "another");
        ring.replace(vec![new.clone()]);
        assert_eq!(
            identify(&ring, &[("x-api-key", "another")]),
            Caller::of(&new)
        );
        assert_ne!(Caller::of(&new), Caller::of(&ann));
        let old = identify(&ring, &[("x-api-key", "key of ann")]);
        assert_eq!(old, Caller::unknown());
    }
}
