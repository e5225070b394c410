//! Server functions of approvals: flat strings in, one port method each.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use domain::api::{ApprovalRow, ApprovalView};
use leptos::prelude::*;

use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller};

/// Requests that the caller may decide or made.
#[server(endpoint = "approvals")]
pub async fn approvals() -> Result<Vec<ApprovalRow>, AppError> {
    let c = caller()?;
    Ok(backend().approvals(&c).await?)
}

/// One request, as the approver is shown it. Decides nothing (R25).
#[server(endpoint = "approval")]
pub async fn approval(id: String) -> Result<ApprovalView, AppError> {
    let c = caller()?;
    Ok(backend().approval(&c, super::parse_id(&id)?).await?)
}

/// Whether a request still waits. Reads only the list, so that nobody counts as having been shown anything.
#[server(endpoint = "still_pending")]
pub async fn still_pending(id: String) -> Result<bool, AppError> {
    let c = caller()?;
    let rows = backend().approvals(&c).await?;
    Ok(rows
        .iter()
        .any(|r| r.id.to_string() == id && r.state == domain::api::RequestState::Pending))
}

/// Decides. `shown` is the digest of the statement that the page showed; `asked` the scope as it was asked for, `scope` as
/// the approver left it: when they differ, it is narrowed.
#[server(endpoint = "decide")]
pub async fn decide(
    request: String,
    shown: String,
    ruling: String,
    #[server(default)] asked: String,
    #[server(default)] scope: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let c = caller()?;
    let decision = super::decision(&request, &shown, super::ruling(&ruling, &asked, &scope, &reason)?)?;
    Ok(backend().decide(&c, decision).await?)
}

/// Takes one's own request back.
#[server(endpoint = "withdraw_own")]
pub async fn withdraw_own(request: String) -> Result<(), AppError> {
    let c = caller()?;
    Ok(backend().withdraw_request(&c, super::parse_id(&request)?).await?)
}

/// Ends a live grant.
#[server(endpoint = "revoke_grant")]
pub async fn revoke_grant(grant: String) -> Result<(), AppError> {
    let c = caller()?;
    Ok(backend().revoke_grant(&c, super::parse_id(&grant)?).await?)
}
