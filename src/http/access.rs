//! What a call needs: the one table that binds it to a role.
//!
//! Shape: [`needed`] looks a call up by its method and path, and the guard enforces what it says. A
//! call that stands in the document and not here keeps the service from starting ([`check`]); one
//! that got around that needs the highest role. So a call cannot be open because somebody forgot it.
//!
//! Turned down: a role beside each handler, where no one place shows them all.

use super::path_template::fits;
use crate::config::Role;
use serde_json::Value;

/// To whom a call is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// To everybody.
    Open,
    /// To whoever has this role or a higher one.
    Needs(Role),
}

use Access::{Needs, Open};
use Role::{Ingest, Operate, Predict};

/// The predictions as a path; in the document the path is made of the features.
pub(super) const PATH_FORM: &str = "/predict/*rest";

/// Method, path and who may. `{...}` is any one segment.
const TABLE: &[(&str, &str, Access)] = &[
    ("GET", "/", Open),
    ("GET", "/docs", Open),
    ("GET", "/metrics", Open),
    ("GET", "/openapi.json", Open),
    ("GET", "/openapi.yaml", Open),
    ("GET", "/errors/{code}", Open),
    ("GET", "/livez", Open),
    ("GET", "/readyz", Open),
    ("GET", "/startupz", Open),
    ("POST", "/v1/predict", Needs(Predict)),
    ("GET", "/v1/predict", Needs(Predict)),
    ("GET", PATH_FORM, Needs(Predict)),
    ("POST", "/v1/predict/batch", Needs(Predict)),
    ("POST", "/v1/predict/csv", Needs(Predict)),
    ("GET", "/v1/schema", Needs(Predict)),
    ("GET", "/v1/models", Needs(Predict)),
    ("GET", "/v1/models/champion", Needs(Predict)),
    ("GET", "/v1/models/{version}", Needs(Predict)),
    ("GET", "/v1/models/{version}/card", Needs(Predict)),
    ("GET", "/v1/deployments", Needs(Predict)),
    ("GET", "/v2", Needs(Predict)),
    ("GET", "/v2/health/live", Open),
    ("GET", "/v2/health/ready", Open),
    ("GET", "/v2/models", Needs(Predict)),
    ("GET", "/v2/models/{model}", Needs(Predict)),
    ("GET", "/v2/models/{model}/ready", Needs(Predict)),
    ("POST", "/v2/models/{model}/infer", Needs(Predict)),
    (
        "GET",
        "/v2/models/{model}/versions/{version}",
        Needs(Predict),
    ),
    (
        "GET",
        "/v2/models/{model}/versions/{version}/ready",
        Needs(Predict),
    ),
    (
        "POST",
        "/v2/models/{model}/versions/{version}/infer",
        Needs(Predict),
    ),
    ("POST", "/v1/observations", Needs(Ingest)),
    ("GET", "/v1/observations", Needs(Ingest)),
    ("GET", "/v1/observations/{key}", Needs(Ingest)),
    ("PUT", "/v1/observations/{key}", Needs(Ingest)),
    ("DELETE", "/v1/observations/{key}", Needs(Ingest)),
    ("POST", "/v1/training-runs", Needs(Operate)),
    ("GET", "/v1/training-runs", Needs(Operate)),
    ("GET", "/v1/training-runs/{id}", Needs(Operate)),
    ("DELETE", "/v1/training-runs/{id}", Needs(Operate)),
    ("GET", "/v1/training-runs/{id}/refused", Needs(Operate)),
    ("POST", "/v1/models/{version}/promote", Needs(Operate)),
    ("POST", "/v1/models/rollback", Needs(Operate)),
    ("PUT", "/v1/models/pin", Needs(Operate)),
    ("DELETE", "/v1/models/pin", Needs(Operate)),
];

/// What a call needs; none where the table has no row for it.
pub(super) fn needed(method: &str, path: &str) -> Option<Access> {
    let asked = generic(path);
    let row = TABLE
        .iter()
        .find(|(row, template, _)| row.eq_ignore_ascii_case(method) && generic(template) == asked);
    row.map(|(_, _, access)| *access)
}

/// The calls that are pages, too; a page is only looked at.
const PAGES: [&str; 2] = ["/", "/v1/models/{version}/card"];

/// Whether a request asks for one of the pages. A path is as a client wrote it.
pub(super) fn is_page(method: &str, path: &str) -> bool {
    matches!(method, "GET" | "HEAD") && PAGES.iter().any(|page| fits(page, path))
}

/// A path with its parameters' names taken out, as poem (`:param0`) and OpenAPI (`{version}`) write
/// them.
fn generic(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let parameter = segment.starts_with([':', '{']);
        if parameter { "{}" } else { segment }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// What an operation of the document needs; its path may be made of the features.
pub(super) fn needed_by(method: &str, path: &str, operation: &Value) -> Option<Access> {
    let by_path = operation["operationId"] == "predict_from_path";
    needed(method, if by_path { PATH_FORM } else { path })
}

/// A call of the document that the table has no row for.
#[derive(Debug, thiserror::Error)]
#[error("find the role that {call} needs")]
pub struct UnlistedCall {
    call: String,
}

/// Checks that every operation of the document has a row.
///
/// # Errors
/// The first that has none.
pub(super) fn check(document: &Value) -> Result<(), UnlistedCall> {
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            if needed_by(method, path, operation).is_none() {
                let call = format!("{} {path}", method.to_uppercase());
                return Err(UnlistedCall { call });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn a_call_is_found_however_its_parameters_are_called() {
        let promote = Some(Needs(Operate));
        assert_eq!(needed("post", "/v1/models/:param0/promote"), promote);
        assert_eq!(needed("POST", "/v1/models/{version}/promote"), promote);
        assert_eq!(needed("GET", "/v1/models/{version}/promote"), None);
        assert_eq!(needed("GET", "/v1/models/"), None);
        // A segment that is a word is not a parameter.
        assert_eq!(needed("PUT", "/v1/models/pin"), promote);
        assert_eq!(needed("PUT", "/v1/models/{version}"), None);
    }

    #[test]
    fn only_looking_at_a_page_is_a_page() {
        assert!(is_page("GET", "/") && is_page("HEAD", "/v1/models/7/card"));
        for (method, path) in [
            ("POST", "/"),
            ("GET", "/docs"),
            ("GET", "/v1/models/7"),
            ("GET", "/v1/models/7/card/"),
            ("POST", "/v1/models/7/promote"),
        ] {
            assert!(!is_page(method, path), "{method} {path}");
        }
    }

    #[test]
    fn a_call_has_one_row() {
        let rows = TABLE.iter();
        let calls: BTreeSet<_> = rows.map(|(m, path, _)| (*m, generic(path))).collect();
        assert_eq!(calls.len(), TABLE.len());
    }

    #[test]
    fn a_new_call_without_a_row_is_refused() {
        let mut document = json!({"paths": {
            "/v1/predict": {"get": {"operationId": "predict_from_query"}},
            "/predict/a/{a}": {"get": {"operationId": "predict_from_path"}},
        }});
        assert!(check(&document).is_ok());
        document["paths"]["/v1/secrets/{name}"] = json!({"get": {"operationId": "get_secret"}});
        let refused = check(&document).unwrap_err().to_string();
        assert_eq!(refused, "find the role that GET /v1/secrets/{name} needs");
    }
}
