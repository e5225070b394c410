//! The history as a file: the rows of the page's filter, all of them, streamed.

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::header;

use crate::auth::Visit;
use crate::problem::Problem;
use crate::wiring::Shared;

/// `GET /export/history.csv?…`: the query is the history page's own and is read as the page reads it, so that its address
/// exports what it shows (R41).
///
/// The engine records the export before the first byte. Where reading fails half-way the connection is cut, so that a part
/// is never taken for the whole.
pub(crate) async fn history(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (caller, _) = visit.signed_in()?;
    let filter = app::history::query::filter_of(&query.unwrap_or_default());
    let rows = shared.engine.export_csv(caller, filter).await?;
    let file = format!(
        "attachment; filename=\"countersign-history-{}.csv\"",
        shared.deps.now().day()
    );
    let headers = [
        (
            header::CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, file),
    ];
    Ok((headers, Body::from_stream(rows)).into_response())
}
