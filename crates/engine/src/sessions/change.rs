//! Notes, and closing a session.

use domain::api::{ApiError, Conflict, Field, IncidentPlace};
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::ids::{NoteId, SessionId};
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use crate::access;
use crate::approvals::{end, grants};
use crate::engine::Engine;
use crate::incidents;
use crate::redaction::written;
use crate::store::entity::{action, endpoint, note, session};
use crate::store::event_log::as_i64;
use crate::text;

/// Adds a note. Notes are only ever added.
pub(super) async fn add_note(engine: &Engine, caller: &Caller, id: SessionId, text: String) -> Result<(), ApiError> {
    let text = text::free(Field::Note, &text, 4000, Some("Write something."))?;
    let (who, caller) = (Who::caller(caller), caller.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let session = access::own_session(&u.scope().await?, &caller, id).await?;
                if session.closed_at.is_some() {
                    return Err(ApiError::Conflict(Conflict::SessionClosed).into());
                }
                let (text, findings) = written(u, &session, &text).await?.into_parts();
                let (note, at) = (NoteId(u.deps().uuid()), u.now());
                let event = Event::NoteAdded {
                    note,
                    text: text.clone(),
                };
                let by = By::permission(Permission::Initiate);
                let refs = Refs::session(id);
                let leaf = u
                    .record(who, super::target(&session), EventOutcome::Success, by, refs, event)
                    .await?;
                let scope = u.scope().await?;
                let row = note::Model {
                    org_id: scope.org(),
                    id: note,
                    session_id: id,
                    author: caller.name,
                    at,
                    text,
                    leaf: as_i64(leaf),
                };
                scope.insert::<note::Entity, _>(row).await?;
                incidents::found(u, &session, None, IncidentPlace::Note, &findings).await
            })
        })
        .await
}

/// Closes a session: what waits is refused and grants end. What runs on a connected endpoint has to end, or be cancelled,
/// first.
pub(super) async fn close(engine: &Engine, caller: &Caller, id: SessionId, reason: String) -> Result<(), ApiError> {
    let needed = "Say how it ended. The record and the client's contact will show it.";
    let reason = text::free(Field::Reason, &reason, 500, Some(needed))?;
    let (who, caller) = (Who::caller(caller), caller.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let session = access::own_session(&scope, &caller, id).await?;
                if session.closed_at.is_some() {
                    return Err(ApiError::Conflict(Conflict::SessionClosed).into());
                }
                let on = scope
                    .find::<endpoint::Entity>()
                    .filter(endpoint::Column::Id.eq(session.endpoint_id))
                    .one(scope.conn)
                    .await?;
                let connected = on.is_some_and(|e| e.state == "ready");
                let actions = scope
                    .find::<action::Entity>()
                    .filter(action::Column::SessionId.eq(id))
                    .all(scope.conn)
                    .await?;
                // Without a word from the endpoint nobody knows how they ended; that must not keep the session open for ever.
                let unended = actions
                    .iter()
                    .find(|a| matches!(a.state.as_str(), "dispatched" | "running"));
                if let Some(a) = unended.filter(|_| connected) {
                    let message = format!("Action {} has not ended. Wait for it, or cancel it first.", a.number);
                    return Err(ApiError::invalid(Field::Other, message).into());
                }
                let (reason, findings) = written(u, &session, &reason).await?.into_parts();
                end::session_closed(u, id, &who).await?;
                grants::end_all(u, id).await?;
                let leaves = u.session_leaves(id).await?;
                let event = Event::SessionClosed {
                    leaves,
                    actions: actions.len() as u64,
                    reason: reason.clone(),
                };
                let by = By::permission(Permission::Initiate);
                u.record(
                    who,
                    super::target(&session),
                    EventOutcome::Success,
                    by,
                    Refs::session(id),
                    event,
                )
                .await?;
                let closed_at = u.now();
                let scope = u.scope().await?;
                let open = scope.update::<session::Entity>().filter(session::Column::Id.eq(id));
                let open = open.filter(session::Column::ClosedAt.is_null());
                let open = open.col_expr(session::Column::ClosedAt, Expr::value(closed_at));
                let closed = open
                    .col_expr(session::Column::CloseReason, Expr::value(reason))
                    .exec(scope.conn)
                    .await?;
                if closed.rows_affected != 1 {
                    return Err(ApiError::Conflict(Conflict::SessionClosed).into());
                }
                incidents::found(u, &session, None, IncidentPlace::Reason, &findings).await
            })
        })
        .await
}
