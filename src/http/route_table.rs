//! Which route a path belongs to, known before the request is routed.
//!
//! Measures and spans name a request by its route's template, never by the path that a client wrote;
//! asking the framework afterwards would leave out every request that it refused.

use serde_json::Value;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Routes that no document describes.
const UNDOCUMENTED: [&str; 5] = ["/", "/docs", "/metrics", "/openapi.json", "/openapi.yaml"];

/// The path form of a prediction: one route, whatever follows.
pub(super) const PATH_FORM: &str = "/predict/";
const PATH_FORM_TEMPLATE: &str = "/predict/{features}";

/// Every template with its place.
#[derive(Debug, Clone)]
pub(super) struct RouteTable {
    templates: Vec<String>,
    fixed: HashMap<String, usize>,
    parametric: Vec<(Vec<Segment>, usize)>,
    path_form: usize,
}

impl RouteTable {
    pub(super) fn from_document(document: &Value) -> Self {
        let documented = document["paths"].as_object().into_iter().flatten();
        let documented = documented.map(|(path, _)| path.as_str());
        let mut templates: Vec<String> = documented
            .filter(|path| !path.starts_with(PATH_FORM))
            .chain(UNDOCUMENTED)
            .map(str::to_owned)
            .collect();
        let mut table = Self {
            fixed: HashMap::new(),
            parametric: Vec::new(),
            path_form: templates.len(),
            templates: Vec::new(),
        };
        for (place, template) in templates.iter().enumerate() {
            if template.contains('{') {
                let segments = template.split('/').map(Segment::of).collect();
                table.parametric.push((segments, place));
            } else {
                table.fixed.insert(template.clone(), place);
            }
        }
        // `{model}:predict` before `{model}`.
        table
            .parametric
            .sort_by_key(|(segments, _)| Reverse(fixed_bytes(segments)));
        templates.push(PATH_FORM_TEMPLATE.to_owned());
        table.templates = templates;
        table
    }

    /// Every template, in the order of their places.
    pub(super) fn templates(&self) -> Vec<String> {
        self.templates.clone()
    }

    /// The place of the template that the path matches.
    pub(super) fn find(&self, path: &str) -> Option<usize> {
        if let Some(place) = self.fixed.get(path) {
            return Some(*place);
        }
        if path.starts_with(PATH_FORM) {
            return Some(self.path_form);
        }
        let found = self
            .parametric
            .iter()
            .find(|(segments, _)| matches(segments, path));
        found.map(|(_, place)| *place)
    }
}

/// One segment of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    /// Anything, and this behind it.
    Parameter(String),
}

impl Segment {
    fn of(segment: &str) -> Self {
        match segment.split_once('}') {
            Some((_, behind)) => Self::Parameter(behind.to_owned()),
            None => Self::Fixed(segment.to_owned()),
        }
    }

    fn matches(&self, asked: &str) -> bool {
        match self {
            Self::Fixed(fixed) => fixed == asked,
            Self::Parameter(behind) => asked
                .strip_suffix(behind.as_str())
                .is_some_and(|it| !it.is_empty()),
        }
    }
}

fn matches(segments: &[Segment], path: &str) -> bool {
    let mut asked = path.split('/');
    let each = |segment: &Segment| asked.next().is_some_and(|asked| segment.matches(asked));
    segments.iter().all(each) && asked.next().is_none()
}

fn fixed_bytes(segments: &[Segment]) -> usize {
    let each = segments
        .iter()
        .map(|(Segment::Fixed(text) | Segment::Parameter(text))| text.len());
    each.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_has_the_template_that_it_was_written_by() {
        let document = json!({"paths": {
            "/v1/predict": {}, "/v1/models/{version}": {}, "/v1/models/champion": {},
            "/v2/{model}:infer": {}, "/v2/{model}": {}, "/": {}, "/predict/f/{f}": {},
        }});
        let table = RouteTable::from_document(&document);
        let template = |path: &str| {
            table
                .find(path)
                .map(|place| table.templates[place].as_str())
        };
        for (path, expected) in [
            ("/", Some("/")),
            ("/v1/models/7", Some("/v1/models/{version}")),
            ("/v1/models/champion", Some("/v1/models/champion")),
            ("/v2/a:infer", Some("/v2/{model}:infer")),
            ("/v2/a", Some("/v2/{model}")),
            ("/predict/f/-1.5", Some("/predict/{features}")),
            ("/metrics", Some("/metrics")),
            ("/v1/models/", None),
            ("/v1/models/7/8", None),
            ("/v1/predict/", None),
            ("/nowhere", None),
        ] {
            assert_eq!(template(path), expected, "{path}");
        }
    }
}
