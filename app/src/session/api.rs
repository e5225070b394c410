//! Server functions of sessions and actions: flat strings in, one port method each.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

#[cfg(feature = "ssr")]
use domain::api::{ApiError, Field};
use domain::api::{CommandPreview, SessionRow, SessionView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller};

/// A session's page as it is sent: long outputs without their beginnings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPageData {
    /// The session.
    pub view: SessionView,
    /// For each action, in order, how many lines come before the output that was sent.
    pub before: Vec<u64>,
    /// The number of the action whose output was sent whole; 0 for none.
    pub whole: u64,
    /// Whether the reader may open the record's leaves.
    pub may_audit: bool,
}

/// Lines of each action's output that are sent unless all are asked for.
#[cfg(feature = "ssr")]
const LINES_SENT: usize = 400;

/// One session, with the last lines of each action's output; all of it for the action with the number `all`.
#[server(endpoint = "session")]
pub async fn session(id: String, all: String) -> Result<SessionPageData, AppError> {
    let c = caller()?;
    let mut view = backend().session(&c, super::parse_id(&id)?).await?;
    let whole = all.parse().unwrap_or(0);
    let before = super::shorten(&mut view, whole, LINES_SENT);
    Ok(SessionPageData {
        view,
        before,
        whole,
        may_audit: c.may(domain::roles::Permission::Audit),
    })
}

/// The sessions that the caller may see.
#[server(endpoint = "sessions")]
pub async fn sessions() -> Result<Vec<SessionRow>, AppError> {
    let c = caller()?;
    Ok(backend().sessions(&c).await?)
}

/// What a command would come to, without proposing it.
#[server(endpoint = "preview")]
pub async fn preview(
    session: String,
    #[server(default)] verb: String,
    #[server(default)] text: String,
) -> Result<CommandPreview, AppError> {
    let c = caller()?;
    let proposal = super::proposal(&session, &verb, &text)?;
    Ok(backend().preview(&c, proposal).await?)
}

/// Proposes an action.
#[server(endpoint = "propose")]
pub async fn propose(
    session: String,
    #[server(default)] verb: String,
    #[server(default)] text: String,
) -> Result<(), AppError> {
    let c = caller()?;
    let proposal = super::proposal(&session, &verb, &text)?;
    backend().propose(&c, proposal).await?;
    Ok(())
}

/// Takes a waiting action back.
#[server(endpoint = "withdraw")]
pub async fn withdraw(action: String) -> Result<(), AppError> {
    let c = caller()?;
    Ok(backend().withdraw(&c, super::parse_id(&action)?).await?)
}

/// Asks for a running action to be cancelled.
#[server(endpoint = "cancel")]
pub async fn cancel(action: String) -> Result<(), AppError> {
    let c = caller()?;
    Ok(backend().cancel(&c, super::parse_id(&action)?).await?)
}

/// Asks for access: a scope for this session.
#[server(endpoint = "ask_access")]
pub async fn ask_access(
    session: String,
    #[server(default)] workflow: String,
    #[server(default)] target: String,
) -> Result<(), AppError> {
    let c = caller()?;
    let ask = super::access::ask(super::parse_id(&session)?, &workflow, &target)?;
    backend().ask_access(&c, ask).await?;
    Ok(())
}

/// Takes a request for access back.
#[server(endpoint = "withdraw_request")]
pub async fn withdraw_request(request: String) -> Result<(), AppError> {
    let c = caller()?;
    Ok(backend().withdraw_request(&c, super::parse_id(&request)?).await?)
}

/// Adds a note.
#[server(endpoint = "add_note")]
pub async fn add_note(session: String, #[server(default)] text: String) -> Result<(), AppError> {
    let c = caller()?;
    Ok(backend().add_note(&c, super::parse_id(&session)?, text).await?)
}

/// Closes the session.
#[server(endpoint = "close_session")]
pub async fn close_session(session: String, #[server(default)] reason: String) -> Result<(), AppError> {
    let c = caller()?;
    Ok(backend().close_session(&c, super::parse_id(&session)?, reason).await?)
}

/// Erases what was typed and printed in the session, for good.
#[server(endpoint = "erase_session")]
pub async fn erase_session(
    session: String,
    #[server(default)] reason: String,
    #[server(default)] sure: bool,
) -> Result<(), AppError> {
    let c = caller()?;
    let id = super::parse_id(&session)?;
    if !sure {
        let message = "Tick the box that says that it is to be gone for good. Nothing was erased.";
        return Err(ApiError::invalid(Field::Other, message).into());
    }
    Ok(backend().erase_session(&c, id, reason).await?)
}
