//! Which methods an address takes, for the header `Allow`.

use super::path_template::{fits, placeholders};
use poem::http::Method;
use serde_json::Value;

/// The methods of every documented path, for the header `Allow`.
#[derive(Debug, Clone, Default)]
pub(super) struct AllowedMethods(Vec<(String, Vec<String>)>);

impl AllowedMethods {
    pub(super) fn from_document(document: &Value) -> Self {
        let paths = document["paths"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(path, methods)| {
                let methods = methods.as_object().into_iter().flatten();
                let methods = methods.map(|(method, _)| method.to_uppercase());
                (path.clone(), methods.collect())
            });
        Self(paths.collect())
    }

    pub(super) fn of(&self, path: &str) -> String {
        // As the router: a segment that is written out goes before a placeholder.
        let found = self.0.iter().filter(|(template, _)| fits(template, path));
        let found = found.min_by_key(|(template, _)| placeholders(template));
        let mut methods: Vec<&str> = found
            .into_iter()
            .flat_map(|(_, methods)| methods.iter().map(String::as_str))
            .collect();
        if methods.is_empty() {
            methods.push(Method::GET.as_str());
        }
        if methods.contains(&"GET") {
            methods.push(Method::HEAD.as_str());
        }
        methods.sort_unstable();
        methods.dedup();
        methods.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_allows_what_the_document_says() {
        let document = json!({"paths": {
            "/v1/predict": {"get": {}, "post": {}},
            "/v1/models/{version}": {"get": {}},
            "/v1/models/pin": {"put": {}, "delete": {}},
        }});
        let allowed = AllowedMethods::from_document(&document);
        assert_eq!(allowed.of("/v1/predict"), "GET, HEAD, POST");
        assert_eq!(allowed.of("/v1/models/7"), "GET, HEAD");
        assert_eq!(allowed.of("/v1/models/pin"), "DELETE, PUT");
        assert_eq!(allowed.of("/docs"), "GET, HEAD");
    }
}
