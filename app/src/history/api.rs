//! Server functions of the history.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use domain::api::HistoryPage;
use leptos::prelude::*;

use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller, send_to};

/// Actions that match; `query` is the page's own query string, so that the address is the filter.
#[server(endpoint = "history")]
pub async fn history(query: String) -> Result<HistoryPage, AppError> {
    let c = caller()?;
    Ok(backend().history(&c, super::query::filter_of(&query)).await?)
}

/// Sends the reader to an action's place in its session.
#[server(endpoint = "find_action")]
pub async fn find_action(id: String) -> Result<String, AppError> {
    let (c, action) = (caller()?, crate::session::parse_id(&id)?);
    let session = backend().find_action(&c, action).await?;
    let view = backend().session(&c, session).await?;
    let number = view
        .actions
        .iter()
        .find(|a| a.id == action)
        .map(|a| a.number)
        .unwrap_or_default();
    let place = format!("/sessions/{session}#action-{number}");
    send_to(&place);
    Ok(place)
}
