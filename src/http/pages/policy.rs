//! What a page may do: the headers that keep it harmless.
//!
//! A page runs and shows what it was made with and nothing else. Scripts and styles are let in by their
//! hashes (W3C Content Security Policy, level 3), so that no word of anybody's in the page is one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem::Response;
use poem::http::{HeaderName, HeaderValue, header};
use sha2::{Digest, Sha256};

/// A script or style as a policy names it.
pub(in crate::http) fn by_hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// Puts a policy on a page, and what belongs to every page: its type is what it says, other origins
/// are not told its address.
pub(in crate::http) fn harmless(mut response: Response, policy: &HeaderValue) -> Response {
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 2] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    response
}
