//! The one error body: an RFC 9457 problem.

use poem_openapi::Object;
use serde::Serialize;

/// What went wrong, the same form for every failure.
#[derive(Debug, Clone, Object, Serialize)]
pub(super) struct Problem {
    /// A link to what the code means.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// A few words for people, the same for every problem of this code.
    pub(super) title: String,
    /// The HTTP status.
    pub(super) status: u16,
    /// The failure's stable name, for programs.
    pub(super) code: String,
    /// What happened this time, for people.
    pub(super) detail: String,
    /// Every fault of the request, the first hundred.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) errors: Option<Vec<ProblemFault>>,
    /// Where what stands in the way is, where something does; also the header `Location`.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<String>,
    /// Also the header `x-request-id`; stands in the service's log.
    pub(super) request_id: String,
    /// The trace that the request belongs to, the caller's where it sent one.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trace_id: Option<String>,
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize)]
pub(super) struct ProblemFault {
    /// Where in the body, as a JSON pointer.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pointer: Option<String>,
    /// Which parameter of the path or the query.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parameter: Option<String>,
    /// Which line of the CSV, the header's being 1.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    /// Which column of the CSV, by its name.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) column: Option<String>,
    /// What is wrong with it.
    pub(super) detail: String,
}

impl ProblemFault {
    /// A fault of the body.
    pub(super) fn at(pointer: String, detail: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer),
            ..Self::of_service(detail)
        }
    }

    /// A fault of the path or query.
    pub(super) fn of(parameter: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            parameter: Some(parameter.into()),
            ..Self::of_service(detail)
        }
    }

    /// A fault of a CSV: of a column, or of the whole line.
    pub(super) fn in_csv(line: u64, column: Option<String>, detail: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            column,
            ..Self::of_service(detail)
        }
    }

    /// A fault with no place of its own.
    pub(super) fn of_service(detail: impl Into<String>) -> Self {
        Self {
            pointer: None,
            parameter: None,
            line: None,
            column: None,
            detail: detail.into(),
        }
    }
}
