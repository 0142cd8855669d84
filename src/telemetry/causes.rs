//! An error with its causes, for the log, a terminal or the verbose probe.

use std::error::Error;

/// "serve: listen on 127.0.0.1:80: permission denied".
#[must_use]
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    chain
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
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
}
