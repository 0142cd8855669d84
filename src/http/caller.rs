//! Who asked: the name of the key, or nobody's.
//!
//! Shape: the edge puts a [`Caller`] on every request before a route sees it; a handler takes it as
//! an argument like any other, and records [`Caller::name`] where somebody may ask later who did it.
//!
//! Turned down: passing the key itself, which a handler could then print.

use super::error::ApiError;
use poem::{FromRequest, Request, RequestBody};
use std::sync::Arc;

/// What stands for whoever gave no key.
const ANONYMOUS: &str = "anonymous";

/// Whoever asked, by the configured name of the key; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller(Arc<str>);

impl Caller {
    /// No key was asked for.
    pub(super) fn anonymous() -> Self {
        Self(ANONYMOUS.into())
    }

    /// The key's name, or `anonymous`; never the key.
    pub(super) fn name(&self) -> &str {
        &self.0
    }

    /// Leaves word for the handlers.
    pub(super) fn put_on(self, request: &mut Request) {
        request.extensions_mut().insert(self);
    }
}

impl<'a> FromRequest<'a> for Caller {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        // Only a route that is reached around the edge would find nothing.
        let found = request.extensions().get::<Self>();
        found.cloned().ok_or_else(|| ApiError::internal().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_handler_is_told_who_asked() {
        let mut request = Request::default();
        let asked = Caller::from_request_without_body(&request).await;
        assert!(asked.is_err(), "nobody passed the edge");
        Caller::anonymous().put_on(&mut request);
        let asked = Caller::from_request_without_body(&request).await.unwrap();
        assert_eq!(asked.name(), "anonymous");
    }
}
