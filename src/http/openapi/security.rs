//! How a caller says who asks: the two ways to send a key, and which operation needs one.
//!
//! It is told only where keys are configured. Without them a client would offer a login that does
//! nothing, and expect a 401 that never comes.

use super::document::operations;
use crate::config::Role;
use crate::http::access::{self, Access};
use crate::http::error_codes::ErrorCode;
use serde_json::{Value, json};

/// What a key can be refused with. Whoever has a key at all has the least role.
pub(super) fn codes(access: Access) -> &'static [ErrorCode] {
    match access {
        Access::Open => &[],
        Access::Needs(Role::Predict) => &[ErrorCode::Unauthorized],
        Access::Needs(_) => &[ErrorCode::Unauthorized, ErrorCode::Forbidden],
    }
}

/// What the operation needs; one that the table does not know never comes so far.
pub(super) fn access(method: &str, path: &str, operation: &Value) -> Access {
    let found = access::needed_by(method, path, operation);
    found.unwrap_or(Access::Needs(Role::Operate))
}

/// Adds the schemes, and to each operation whether it needs a key and of which role.
pub(super) fn add(document: &mut Value) {
    document["components"]["securitySchemes"] = json!({
        "bearer": {"type": "http", "scheme": "bearer",
            "description": "The key as `Authorization: Bearer`."},
        "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key",
            "description": "The key as `X-API-Key`. One of the two is enough."},
    });
    document["security"] = json!([{"bearer": []}, {"api_key": []}]);
    for (path, method, operation) in operations(document) {
        match access(&method, &path, operation) {
            Access::Open => operation["security"] = json!([]),
            Access::Needs(role) => tell_role(operation, role),
        }
    }
}

fn tell_role(operation: &mut Value, role: Role) {
    let words = operation["description"].as_str().unwrap_or_default();
    let role = role.as_str();
    let words = format!("{words}\n\nNeeds a key with the role `{role}` or a higher one.");
    operation["description"] = words.trim_start().into();
}
