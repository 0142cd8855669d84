//! How a person with a browser shows a key: HTTP Basic (RFC 7617), any name, the key as password.
//!
//! Only pages take it. A browser sends it with every request to the address, whichever page made it
//! do so: a call that changes something must not be had that way.

use super::AcceptsPage;
use crate::http::access;
use crate::http::error::ApiError;
use crate::http::error_codes::ErrorCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem::Request;

/// Both ways to show a key; a browser takes the one that it knows.
const CHALLENGE: &str = "Basic realm=\"logitd\", charset=\"UTF-8\", Bearer realm=\"logitd\"";

/// Whether a request asks for something that is a page, too.
pub(in crate::http) fn is_of_a_page(request: &Request) -> bool {
    access::is_page(request.method().as_str(), request.original_uri().path())
}

/// The key in a header `Authorization` that says Basic; nothing where it says otherwise.
pub(in crate::http) fn password(value: &[u8]) -> Option<Vec<u8>> {
    let (scheme, rest) = value.split_at_checked("Basic".len())?;
    let spaced = scheme.eq_ignore_ascii_case(b"basic") && rest.first() == Some(&b' ');
    let decoded = STANDARD.decode(rest.trim_ascii()).ok().filter(|_| spaced)?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    Some(decoded[colon + 1..].to_vec())
}

/// A refusal for want of a key, so that a browser asks for one where a page was wanted.
pub(in crate::http) fn challenged(error: ApiError, request: &Request) -> ApiError {
    let wanted = AcceptsPage::of(request.headers()).0 && is_of_a_page(request);
    if wanted && error.code == ErrorCode::Unauthorized {
        return error.with_challenge(CHALLENGE);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_what_follows_the_first_colon() {
        let encoded = |text: &str| format!("Basic {}", STANDARD.encode(text));
        for (value, key) in [
            (encoded("ann:the key"), Some("the key")),
            (encoded(":a:b"), Some("a:b")),
            (encoded("ann:"), Some("")),
            (encoded("ann"), None),
            ("Basic !".to_owned(), None),
            ("Bearer YTpi".to_owned(), None),
            ("BasicYTpi".to_owned(), None),
            ("bAsIc  YTpi".to_owned(), Some("b")),
        ] {
            let found = password(value.as_bytes());
            assert_eq!(found.as_deref(), key.map(str::as_bytes), "{value}");
        }
    }
}
