//! Pages are rendered each on one thread.
//!
//! The views' runtime (`reactive_graph` 0.2) spreads a page's resources over all threads of the runtime that it is called
//! from, and loses a wake-up now and then when a resource ends on one thread while the page reads it on another: the page
//! then waits for ever (leptos issues 4673 and 4851; the mend in 0.8.23 covers one of the places). On a runtime with a
//! single thread there is no such moment, so there is a pool of those, and a page stays where it began. What the page
//! waits for, the engine and its database, runs where it always does.
//!
//! Deliberately absent: a limit on how long a page may take, and trying again.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode};
use tokio_util::task::LocalPoolHandle;

/// Threads that render pages. Rendering takes milliseconds of processor time, so more of them than processors gain nothing.
pub(crate) fn pool() -> LocalPoolHandle {
    LocalPoolHandle::new(std::thread::available_parallelism().map_or(2, usize::from))
}

/// Passes on a page that was rendered whole on one thread of the pool. Server functions render nothing and stay where they
/// are.
pub(crate) async fn rendered(State(pool): State<LocalPoolHandle>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let page = pool.spawn_pinned(|| async move {
        let (parts, body) = next.run(request).await.into_parts();
        to_bytes(body, usize::MAX)
            .await
            .map(|whole| Response::from_parts(parts, Body::from(whole)))
    });
    match page.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => broken(&error),
        Err(error) => broken(&error),
    }
}

fn broken(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "a page could not be rendered");
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "This page can't be shown right now. Nothing was changed. Load it again.",
    )
        .into_response()
}
