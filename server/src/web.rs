//! What holds for every request: the same-origin rule, the size limit, the headers. And what is served beside the app's
//! own pages: files and health.

pub(crate) mod files;
mod headers;
pub(crate) mod health;
mod origin;
pub(crate) mod pages;
mod rendered;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use http::StatusCode;
use tower_http::limit::RequestBodyLimitLayer;

pub(crate) use headers::CspNonce;

use crate::auth;
use crate::problem;
use crate::wiring::Shared;

/// The largest body taken, in bytes. A script is at most 64 KiB; encoding it for a form triples that at worst.
pub(crate) const MAX_BODY: usize = 256 * 1024;

/// `router` behind everything that guards a request.
pub(crate) fn guarded(router: Router, shared: &Shared) -> Router {
    router
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(middleware::from_fn_with_state(shared.clone(), guard))
}

async fn guard(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let nonce = CspNonce::new(&shared.deps);
    let address = auth::ClientAddress::of(&request, shared.config.trusted_proxy);
    let mut response = match origin::check(&request, &shared.config.public_url) {
        Ok(()) => {
            request.extensions_mut().insert(nonce.clone());
            request.extensions_mut().insert(address);
            next.run(request).await
        }
        Err(why) => {
            tracing::debug!(why, "a request from elsewhere was refused");
            problem::plain(StatusCode::FORBIDDEN, why)
        }
    };
    headers::secure(response.headers_mut(), &nonce, shared.config.is_https());
    response
}
