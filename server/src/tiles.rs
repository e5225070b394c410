//! The log in the C2SP `tlog-tiles` layout below `/record/log/`, for those who may see the Record page: other people's tools
//! read and check it without knowing us (R4). Whose log it is, the caller's web session says.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::api::{ApiError, Record};
use http::{Uri, header};

use crate::auth::Visit;
use crate::problem::Problem;
use crate::wiring::Shared;

/// What comes before a tile's path.
const PREFIX: &str = "/record/log/";

/// A tile never changes, so a browser may keep it, for this web session alone: with another one the same address is another
/// organisation's log.
const KEPT: &str = "private, max-age=31536000, immutable";

/// `GET /record/log/checkpoint`: the latest one, as a signed note. The engine records that it was fetched.
pub(crate) async fn checkpoint(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
) -> Result<Response, Problem> {
    let (caller, _) = visit.signed_in()?;
    let note = shared.engine.log_checkpoint(caller).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response())
}

/// `GET /record/log/tile/…`: hashes or entries. The address counts as it was sent, since a tile has only one.
pub(crate) async fn tile(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    uri: Uri,
) -> Result<Response, Problem> {
    let (caller, _) = visit.signed_in()?;
    let path = uri.path().strip_prefix(PREFIX).ok_or(ApiError::NotFound)?;
    let bytes = shared.engine.log_tile(caller, path).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, KEPT),
        (header::VARY, "cookie"),
    ];
    Ok((headers, bytes).into_response())
}
