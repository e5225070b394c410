//! Closing an incident.

use domain::api::{ApiError, Conflict, Disposition, Field, IncidentPlace};
use domain::event::{By, Event, EventOutcome, Who};
use domain::ids::DataIncidentId;
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use super::read;
use crate::engine::Engine;
use crate::redaction::written;
use crate::sessions;
use crate::store::entity::incident;
use crate::store::event_log::as_i64;
use crate::text;

/// Closes an incident. Of two who close it, one does.
pub(super) async fn close(
    engine: &Engine,
    caller: &Caller,
    id: DataIncidentId,
    disposition: Disposition,
    note: String,
) -> Result<(), ApiError> {
    let needed = "Say how the data came there and what was done about it. The record will show it.";
    let note = text::free(Field::Note, &note, 4000, Some(needed))?;
    let (who, name) = (Who::caller(caller), caller.name.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let (session, refs) = read::with_session(&scope, id).await?;
                let (note, findings) = written(u, &session, &note).await?.into_parts();
                let event = Event::IncidentClosed {
                    incident: id,
                    disposition,
                    note: note.clone(),
                };
                let by = By::permission(Permission::Audit);
                let leaf = u
                    .record(who, sessions::target(&session), EventOutcome::Success, by, refs, event)
                    .await?;
                let at = u.now();
                let scope = u.scope().await?;
                let open = scope.update::<incident::Entity>().filter(incident::Column::Id.eq(id));
                let closed = open
                    .filter(incident::Column::ClosedAt.is_null())
                    .col_expr(incident::Column::Disposition, Expr::value(disposition.word()))
                    .col_expr(incident::Column::Note, Expr::value(note))
                    .col_expr(incident::Column::ClosedBy, Expr::value(name))
                    .col_expr(incident::Column::ClosedAt, Expr::value(at))
                    .col_expr(incident::Column::ClosedLeaf, Expr::value(as_i64(leaf)))
                    .exec(scope.conn)
                    .await?;
                if closed.rows_affected != 1 {
                    return Err(ApiError::Conflict(Conflict::IncidentClosed).into());
                }
                super::found(u, &session, None, IncidentPlace::Note, &findings).await
            })
        })
        .await
}
