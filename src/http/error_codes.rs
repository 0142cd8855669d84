//! The one table that binds code, status, title and advice; `docs/errors.md` and
//! `GET /errors/{code}` come from it.

use poem::http::StatusCode;

/// A failure's name, stable for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The body is not JSON.
    InvalidJson,
    /// The body is JSON and no instance.
    InvalidInstance,
    /// A value in the path, the query or a body that is no instance cannot be used.
    InvalidParameter,
    /// The body is no CSV of instances.
    InvalidCsv,
    /// The call needs a valid key.
    Unauthorized,
    /// The key's role does not allow the call.
    Forbidden,
    /// There is nothing at this address.
    NotFound,
    /// The address takes other methods.
    MethodNotAllowed,
    /// The request's body came too slowly.
    RequestTimeout,
    /// A training run is queued or running already.
    TrainingInProgress,
    /// What is wanted does not go with how things stand.
    Conflict,
    /// The request is larger than allowed.
    PayloadTooLarge,
    /// The body has another content type than taken.
    UnsupportedMediaType,
    /// A fault of the service.
    Internal,
    /// No model serves yet, or the service is draining.
    ModelNotReady,
    /// The database cannot serve now.
    StoreUnavailable,
    /// More requests at once than the service takes.
    Overloaded,
    /// The answer took too long.
    Timeout,
}

/// What the table says of a code.
#[derive(Debug, Clone, Copy)]
pub struct ErrorFacts {
    /// The word on the wire.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A few words for people.
    pub title: &'static str,
    /// Whether the same request may succeed later.
    pub retry: bool,
    /// What happened.
    pub cause: &'static str,
    /// What the caller should do.
    pub remedy: &'static str,
}

/// How many there are; the last one counts.
const CODES: usize = ErrorCode::Timeout as usize + 1;

/// Every code, in the order of the documentation.
pub(super) const ALL: [ErrorCode; CODES] = [
    ErrorCode::InvalidJson,
    ErrorCode::InvalidInstance,
    ErrorCode::InvalidParameter,
    ErrorCode::InvalidCsv,
    ErrorCode::Unauthorized,
    ErrorCode::Forbidden,
    ErrorCode::NotFound,
    ErrorCode::MethodNotAllowed,
    ErrorCode::RequestTimeout,
    ErrorCode::TrainingInProgress,
    ErrorCode::Conflict,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::Internal,
    ErrorCode::ModelNotReady,
    ErrorCode::StoreUnavailable,
    ErrorCode::Overloaded,
    ErrorCode::Timeout,
];

/// One row a code, in the order of the codes.
const TABLE: [ErrorFacts; CODES] = [
    ErrorFacts {
        code: "invalid_json",
        status: 400,
        title: "Invalid JSON",
        retry: false,
        cause: "The body cannot be read as JSON; `detail` says where it breaks.",
        remedy: "Send one well-formed JSON value in UTF-8.",
    },
    ErrorFacts {
        code: "invalid_instance",
        status: 400,
        title: "Invalid instance",
        retry: false,
        cause: "The body is JSON and does not fit the schema; `errors` names every value by a JSON pointer.",
        remedy: "Send exactly the features of `GET /v1/schema`, each a finite number within its bounds.",
    },
    ErrorFacts {
        code: "invalid_parameter",
        status: 400,
        title: "Invalid parameter",
        retry: false,
        cause: "A value in the path, in the query or in a body that is no instance cannot be used; `errors` names every one.",
        remedy: "Mend the parameters that `errors` names.",
    },
    ErrorFacts {
        code: "invalid_csv",
        status: 400,
        title: "Invalid CSV",
        retry: false,
        cause: "The CSV does not fit the schema; `errors` names every place by `line` and `column`.",
        remedy: "Name exactly the features of `GET /v1/schema` in the first line, and the key if you like; give each a finite number within its bounds.",
    },
    ErrorFacts {
        code: "unauthorized",
        status: 401,
        title: "Unauthorized",
        retry: false,
        cause: "The call needs a key, and none was given or the one given is not valid.",
        remedy: "Send a valid key as `Authorization: Bearer` or `X-API-Key`; the operator makes one with `logitd key new`.",
    },
    ErrorFacts {
        code: "forbidden",
        status: 403,
        title: "Forbidden",
        retry: false,
        cause: "The key is valid, and its role does not allow this call.",
        remedy: "Use a key with the role that `detail` names.",
    },
    ErrorFacts {
        code: "not_found",
        status: 404,
        title: "Not found",
        retry: false,
        cause: "There is nothing at this address.",
        remedy: "Look the address up in the document at `/docs`.",
    },
    ErrorFacts {
        code: "method_not_allowed",
        status: 405,
        title: "Method not allowed",
        retry: false,
        cause: "The address exists and takes other methods.",
        remedy: "Use one of those that the header `Allow` lists.",
    },
    ErrorFacts {
        code: "request_timeout",
        status: 408,
        title: "Request timeout",
        retry: true,
        cause: "The request's body came more slowly than `[http] body_read_timeout_ms` allows.",
        remedy: "Send it again over a better connection, or in smaller batches.",
    },
    ErrorFacts {
        code: "training_in_progress",
        status: 409,
        title: "Training in progress",
        retry: true,
        cause: "A training run is queued or running; `link` is where to follow it.",
        remedy: "Follow that run, or ask again after `Retry-After` seconds.",
    },
    ErrorFacts {
        code: "conflict",
        status: 409,
        title: "Conflict",
        retry: false,
        cause: "What is wanted does not go with how things stand, or somebody else changed them at the same moment; `detail` says which.",
        remedy: "Look at how things stand now and decide anew.",
    },
    ErrorFacts {
        code: "payload_too_large",
        status: 413,
        title: "Payload too large",
        retry: false,
        cause: "The body exceeds `[http] max_body_bytes`, or a batch `[http] max_instances`.",
        remedy: "Send smaller batches, or raise the limit.",
    },
    ErrorFacts {
        code: "unsupported_media_type",
        status: 415,
        title: "Unsupported media type",
        retry: false,
        cause: "The body's content type is not the one that the call takes.",
        remedy: "Send the header `Content-Type: application/json`, or `text/csv` to `/v1/predict/csv`.",
    },
    ErrorFacts {
        code: "internal",
        status: 500,
        title: "Internal error",
        retry: true,
        cause: "A fault of the service; its cause is in the log beside the request id.",
        remedy: "Try again; if it stays, give the operator the request id.",
    },
    ErrorFacts {
        code: "model_not_ready",
        status: 503,
        title: "Model not ready",
        retry: true,
        cause: "No trained model is loaded, or the service is about to stop.",
        remedy: "Try again after `Retry-After` seconds; `/readyz?verbose` says what is missing.",
    },
    ErrorFacts {
        code: "store_unavailable",
        status: 503,
        title: "Store unavailable",
        retry: true,
        cause: "The database cannot serve now. Predictions go on without it.",
        remedy: "Try again after `Retry-After` seconds.",
    },
    ErrorFacts {
        code: "overloaded",
        status: 503,
        title: "Overloaded",
        retry: true,
        cause: "More requests are in flight than `[http] max_in_flight`.",
        remedy: "Try again after `Retry-After` seconds, with fewer requests at once.",
    },
    ErrorFacts {
        code: "timeout",
        status: 504,
        title: "Timeout",
        retry: true,
        cause: "The answer took longer than `[http] request_timeout_ms`.",
        remedy: "Try again later, or with a smaller batch.",
    },
];

impl ErrorCode {
    /// What the table says of it.
    #[must_use]
    pub const fn facts(self) -> ErrorFacts {
        TABLE[self as usize]
    }

    /// The code by its word on the wire.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        ALL.into_iter().find(|code| code.facts().code == word)
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.facts().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Seconds to wait before a retry, where the service knows better than the caller.
    #[must_use]
    pub fn retry_after_seconds(self) -> Option<u32> {
        match self {
            Self::ModelNotReady | Self::StoreUnavailable => Some(5),
            Self::Overloaded => Some(1),
            Self::TrainingInProgress => Some(10),
            _ => None,
        }
    }
}

/// `docs/errors.md`, whole.
#[must_use]
pub fn errors_markdown() -> String {
    let mut page = String::from(include_str!("errors_head.md"));
    for code in ALL {
        let facts = code.facts();
        let retry = if facts.retry { "yes" } else { "no" };
        let row = format!(
            "| `{}` | {} | {} | {} | {retry} |\n",
            facts.code, facts.status, facts.cause, facts.remedy
        );
        page.push_str(&row);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_row() {
        for (place, code) in ALL.into_iter().enumerate() {
            assert_eq!(code as usize, place);
            assert_eq!(ErrorCode::find(code.facts().code), Some(code));
            assert_eq!(code.status().as_u16(), code.facts().status);
        }
    }
}
