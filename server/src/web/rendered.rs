//! A page that does not come is rendered anew.
//!
//! Under load, once in some hundreds of renders, a page waits for ever for something that it reads. It is not the views'
//! threads: it happens just as well when each page is rendered on one thread of its own. At such a moment a query that the
//! page asked the engine for has not ended, while every connection to the database and every thread is idle; the cause below
//! that is not found yet. Rendering changes nothing, so it is begun again; how often that happens is in the log.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode};

/// How long a page may take. Pages take milliseconds; what is this late does not come.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a page is tried.
const TRIES: usize = 3;

/// Passes on the page, begun again where it did not come. Only GET: nothing else may be done twice.
pub(crate) async fn rendered(request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    // A page's request has no body to lose.
    let (parts, _) = request.into_parts();
    for tried in 1..=TRIES {
        let again = Request::from_parts(parts.clone(), Body::empty());
        match tokio::time::timeout(PATIENCE, next.clone().run(again)).await {
            Ok(response) => return response,
            Err(_) => tracing::warn!(tried, "a page was not rendered in time"),
        }
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "This page can't be shown right now. Load it again.",
    )
        .into_response()
}
