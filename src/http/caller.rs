//! Who asked, and what they may.
//!
//! Shape: the edge puts a [`Caller`] on every request before a route sees it; the guard around each
//! route asks [`Caller::may`]; a handler takes it as an argument like any other, and records
//! [`Caller::name`] where somebody may ask later who did it.
//!
//! Turned down: passing the key itself, which a handler could then print.

use super::access::Access;
use super::error::ApiError;
use super::error_codes::ErrorCode;
use crate::config::{ANONYMOUS, ApiKey, Role};
use poem::{FromRequest, Request, RequestBody};
use std::sync::Arc;

/// Whoever asked, by the configured name of the key; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    name: Arc<str>,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The service has no keys.
    Unasked,
    /// The request gave no key.
    WithoutKey,
    /// The request gave a key that is not valid.
    Unknown,
    /// The request gave a valid key.
    Known(Role),
}

impl Caller {
    /// No key was asked for.
    pub(super) fn anonymous() -> Self {
        Self::without_name(Standing::Unasked)
    }

    /// A key was asked for and none given.
    pub(super) fn without_key() -> Self {
        Self::without_name(Standing::WithoutKey)
    }

    /// The key that was given is not valid.
    pub(super) fn unknown() -> Self {
        Self::without_name(Standing::Unknown)
    }

    /// Whoever holds this key.
    pub(super) fn of(key: &ApiKey) -> Self {
        Self {
            name: key.name.as_str().into(),
            standing: Standing::Known(key.role),
        }
    }

    fn without_name(standing: Standing) -> Self {
        let name = ANONYMOUS.into();
        Self { name, standing }
    }

    /// The key's name, or `anonymous`; never the key.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a call with this access is open to the caller.
    ///
    /// # Errors
    /// `unauthorized` without a valid key, `forbidden` with one of a lesser role.
    pub(super) fn may(&self, access: Access) -> Result<(), ApiError> {
        let Access::Needs(needed) = access else {
            return Ok(());
        };
        match self.standing {
            Standing::Unasked => Ok(()),
            Standing::Known(role) if role >= needed => Ok(()),
            Standing::Known(role) => {
                let (has, needs) = (role.as_str(), needed.as_str());
                let detail = format!("the key's role is {has}, and this call needs {needs}");
                Err(ApiError::new(ErrorCode::Forbidden, detail))
            }
            Standing::WithoutKey => {
                let detail = "this call needs a key: send Authorization: Bearer or X-API-Key";
                let error = ApiError::new(ErrorCode::Unauthorized, detail);
                Err(error.with_challenge("Bearer realm=\"logitd\""))
            }
            Standing::Unknown => {
                let detail = "the key is not one of those that are valid";
                let error = ApiError::new(ErrorCode::Unauthorized, detail);
                Err(error.with_challenge("Bearer realm=\"logitd\", error=\"invalid_token\""))
            }
        }
    }

    /// Leaves word for the guard and the handlers.
    pub(super) fn put_on(self, request: &mut Request) {
        request.extensions_mut().insert(self);
    }

    /// Who sent this request. Only a route that is reached around the edge would find nothing.
    pub(super) fn on(request: &Request) -> Result<&Self, ApiError> {
        let found = request.extensions().get();
        found.ok_or_else(ApiError::internal)
    }
}

impl<'a> FromRequest<'a> for Caller {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::on(request)?.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::KeyDigest;

    #[tokio::test]
    async fn a_handler_is_told_who_asked() {
        let mut request = Request::default();
        let asked = Caller::from_request_without_body(&request).await;
        assert!(asked.is_err(), "nobody passed the edge");
        Caller::anonymous().put_on(&mut request);
        let asked = Caller::from_request_without_body(&request).await.unwrap();
        assert_eq!(asked.name(), "anonymous");
    }

    #[test]
    fn a_role_opens_what_needs_it_or_less() {
        for role in Role::ALL {
            let sha256 = KeyDigest::of(b"x");
            let name = "ci".to_owned();
            let caller = Caller::of(&ApiKey { name, role, sha256 });
            assert_eq!(caller.name(), "ci");
            assert!(caller.may(Access::Open).is_ok());
            for needed in Role::ALL {
                let refused = caller.may(Access::Needs(needed)).err();
                let code = (role < needed).then_some(ErrorCode::Forbidden);
                assert_eq!(refused.map(|error| error.code), code, "{role:?} {needed:?}");
            }
        }
    }

    #[test]
    fn without_a_valid_key_only_open_calls_are_open() {
        for caller in [Caller::without_key(), Caller::unknown()] {
            assert!(caller.may(Access::Open).is_ok());
            let refused = caller.may(Access::Needs(Role::Predict)).unwrap_err();
            assert_eq!(refused.code, ErrorCode::Unauthorized);
            assert!(refused.challenge.is_some());
        }
        let all = Access::Needs(Role::Operate);
        assert!(Caller::anonymous().may(all).is_ok());
    }
}
