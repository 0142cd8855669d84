//! The call.

use super::page;
use super::standing::Standing;
use crate::config::Role;
use crate::http::access::Access;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::pages::{HtmlPage, challenged, password};
use crate::http::state::ApiState;
use poem::Request;
use poem::http::header;
use poem::web::Data;
use poem_openapi::OpenApi;

/// In the query where somebody wants to show a key.
const SIGN_IN: &str = "sign_in";

pub(in crate::http) struct StatusApi;

#[OpenApi]
impl StatusApi {
    /// How the service stands, as a page. Who shows no key where keys are asked for sees whether it is
    /// ready, and where to go.
    #[oai(path = "/", method = "get", operation_id = "status", hidden)]
    async fn status(
        &self,
        state: Data<&ApiState>,
        caller: Caller,
        request: &Request,
    ) -> Result<HtmlPage, ApiError> {
        let refused = caller.may(Access::Needs(Role::Predict)).err();
        let Some(refused) = refused else {
            let standing = Standing::of(&state).await;
            return Ok(page::whole(&standing));
        };
        if wants_to_sign_in(request) {
            return Err(challenged(refused, request));
        }
        Ok(page::outside(&state))
    }
}

/// Who asks for it by the link; and who did, with a wrong key: a browser would go on sending it.
fn wants_to_sign_in(request: &Request) -> bool {
    let query = request.original_uri().query().unwrap_or_default();
    let asked = query.split('&').any(|word| word == SIGN_IN);
    let shown = request.headers().get_all(header::AUTHORIZATION).iter();
    let tried = shown.filter_map(|value| password(value.as_bytes())).next();
    asked || tried.is_some()
}
