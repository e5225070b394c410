//! An error as an answer, where no page of the app is in play: one sentence of plain text and the status that says the same.

use axum::response::{IntoResponse, Response};
use domain::api::ApiError;
use http::{StatusCode, header};

/// The closed error of the ports, on its way out. Nothing internal can be in it (invariant 9).
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) ApiError);

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Every status of `ApiError` is a valid one; the fallback is never taken.
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        plain(status, &self.0.to_string())
    }
}

/// A sentence as plain text.
pub(crate) fn plain(status: StatusCode, sentence: &str) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        format!("{sentence}\n"),
    )
        .into_response()
}
