//! An error with its causes, for the log, a terminal or the verbose probe.

use std::error::Error;

/// "serve: listen on 127.0.0.1:80: permission denied".
#[must_use]
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    let mut told: Vec<String> = Vec::new();
    for said in chain.map(ToString::to_string) {
        // Some drivers say their cause's words in their own, and once more as the cause.
        if told.last().is_none_or(|before| !before.contains(&said)) {
            told.push(said);
        }
    }
    told.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("read the file")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn causes_follow_in_order() {
        let error = Outer(std::io::Error::other("gone"));
        assert_eq!(with_causes(&error), "read the file: gone");
    }

    #[derive(Debug, thiserror::Error)]
    #[error("wait: {0}")]
    struct Repeating(#[source] std::io::Error);

    #[test]
    fn a_cause_that_was_said_already_is_not_said_again() {
        let error = Repeating(std::io::Error::other("gone"));
        assert_eq!(with_causes(&error), "wait: gone");
    }
}
