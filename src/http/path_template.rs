//! Paths as the document writes them: `{...}` stands for any one segment.

/// Whether a path, as a client wrote it, is one of the template's.
pub(super) fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(expected), Some(segment)) if is_placeholder(expected) || expected == segment => {}
            _ => return false,
        }
    }
}

/// How many segments of a template may be any.
pub(super) fn placeholders(template: &str) -> usize {
    template
        .split('/')
        .filter(|segment| is_placeholder(segment))
        .count()
}

fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_one_segment_whatever_it_is() {
        for (template, path, expected) in [
            ("/", "/", true),
            ("/docs", "/docs", true),
            ("/docs", "/docs/", false),
            ("/v1/models/{version}", "/v1/models/7", true),
            ("/v1/models/{version}", "/v1/models", false),
            ("/v1/models/{version}", "/v1/models/7/card", false),
            ("/v1/models/{version}/card", "/v1/models/7/card", true),
        ] {
            assert_eq!(fits(template, path), expected, "{template} {path}");
        }
        assert_eq!(placeholders("/v2/{model}/versions/{version}"), 2);
    }
}
