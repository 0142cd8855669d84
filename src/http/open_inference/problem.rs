//! A problem as the protocol's clients read it: ours, with what they look for added.

use crate::http::problem::{Problem, ProblemFault};
use serde::Serialize;

/// How many faults stand in the one line that such clients show.
const MOST_IN_A_LINE: usize = 3;

/// Our problem with the protocol's `error`.
#[derive(Debug, Serialize)]
pub(in crate::http) struct OpenInferenceProblem {
    /// What went wrong, in a line: most clients show nothing else.
    error: String,
    #[serde(flatten)]
    problem: Problem,
}

impl OpenInferenceProblem {
    pub(in crate::http) fn of(problem: Problem) -> Self {
        let faults = problem.errors.as_deref().unwrap_or_default();
        let mut error = problem.detail.clone();
        for (place, fault) in faults.iter().take(MOST_IN_A_LINE).enumerate() {
            error += if place == 0 { ": " } else { "; " };
            error += &told(fault);
        }
        if faults.len() > MOST_IN_A_LINE {
            error += "; ...";
        }
        Self { error, problem }
    }
}

fn told(fault: &ProblemFault) -> String {
    let place = fault.pointer.as_ref().or(fault.parameter.as_ref());
    match place.filter(|place| !place.is_empty()) {
        Some(place) => format!("{place} {}", fault.detail),
        None => fault.detail.clone(),
    }
}

/// Whether a failure at this path is told in the protocol's form.
pub(in crate::http) fn speaks_the_protocol(path: &str) -> bool {
    path.strip_prefix("/v2")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(faults: usize) -> String {
        let faults = (0..faults).map(|n| ProblemFault::at(format!("/inputs/{n}"), "is odd"));
        let problem = Problem {
            kind: "/errors/invalid_instance".into(),
            title: "Invalid instance".into(),
            status: 400,
            code: "invalid_instance".into(),
            detail: "it cannot be used".into(),
            errors: Some(faults.collect()),
            link: None,
            request_id: "7".into(),
            trace_id: None,
        };
        let said = serde_json::to_value(OpenInferenceProblem::of(problem)).unwrap();
        assert_eq!(said["code"], "invalid_instance");
        said["error"].as_str().unwrap().to_owned()
    }

    #[test]
    fn the_one_line_says_what_and_where() {
        assert_eq!(error(0), "it cannot be used");
        assert_eq!(error(1), "it cannot be used: /inputs/0 is odd");
        let four = error(4);
        assert!(four.ends_with("/inputs/2 is odd; ..."), "{four}");
    }

    #[test]
    fn only_the_protocols_paths_speak_it() {
        for path in ["/v2", "/v2/", "/v2/models/x/infer"] {
            assert!(speaks_the_protocol(path), "{path}");
        }
        for path in ["/v1/predict", "/v20", "/", "/x/v2"] {
            assert!(!speaks_the_protocol(path), "{path}");
        }
    }
}
