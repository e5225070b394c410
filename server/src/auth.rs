//! From a request to the person behind it: the web session's cookie and the network address.
//!
//! Deliberately absent: signing in and out, which are server functions of the app and use cases of the engine.

mod address;
mod cookie;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::api::{Accounts, ApiError};
use domain::roles::Caller;

pub(crate) use address::ClientAddress;
pub(crate) use cookie::{cookie_name, token};

use crate::problem::Problem;
use crate::wiring::Shared;

/// Who is asking.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visit {
    /// The signed-in person; none where there is no cookie or its web session ended.
    pub(crate) caller: Option<Caller>,
    /// The cookie's value as it came.
    pub(crate) token: Option<String>,
    /// The network address.
    pub(crate) address: String,
}

impl Visit {
    /// The signed-in person with the token that proves it.
    pub(crate) fn signed_in(&self) -> Result<(&Caller, &str), ApiError> {
        match (&self.caller, &self.token) {
            (Some(caller), Some(token)) => Ok((caller, token)),
            (None | Some(_), None | Some(_)) => Err(ApiError::SignedOut),
        }
    }
}

/// Finds out who is asking and lets the request go on with that, whoever it is: every port method judges for itself.
pub(crate) async fn identify(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let address = request
        .extensions()
        .get::<ClientAddress>()
        .map(|a| a.0.clone())
        .unwrap_or_default();
    let token = token(request.headers(), shared.config.is_https());
    let caller = match &token {
        Some(token) => match shared.engine.resume(token, &address).await {
            Ok(caller) => caller,
            Err(error) => return Problem(error).into_response(),
        },
        None => None,
    };
    request.extensions_mut().insert(Visit { caller, token, address });
    next.run(request).await
}
