//! Health, for whatever restarts or routes around the server. They say nothing else, since anyone may ask.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::problem::plain;
use crate::wiring::Shared;

/// The process answers.
pub(crate) async fn live() -> Response {
    plain(StatusCode::OK, "live")
}

/// The record can be written, so actions can run (R2).
pub(crate) async fn ready(State(shared): State<Shared>) -> Response {
    if shared.engine.healthy().await {
        plain(StatusCode::OK, "ready")
    } else {
        plain(StatusCode::SERVICE_UNAVAILABLE, "The record can't be written.")
    }
}
