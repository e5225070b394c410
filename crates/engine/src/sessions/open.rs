//! Opening a session.

use domain::api::{ApiError, Conflict, Field, IncidentPlace, NewSession};
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::ids::SessionId;
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use crate::endpoints::client;
use crate::engine::Engine;
use crate::incidents;
use crate::redaction::written;
use crate::store::entity::{endpoint, session};
use crate::store::event_log::as_i64;
use crate::text;

/// Opens a session.
pub(super) async fn open(engine: &Engine, caller: &Caller, new: NewSession) -> Result<SessionId, ApiError> {
    engine.require(caller, &[Permission::Initiate]).await?;
    let needed = "Say why you open this session. The client's contact and the record will show it.";
    let reason = text::free(Field::Reason, &new.reason, 500, Some(needed))?;
    let ticket = text::free(Field::Ticket, &new.ticket, 100, None)?;
    let id = SessionId(engine.0.deps.uuid());
    let (who, caller) = (Who::caller(caller), caller.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let opened_at = u.now();
                let scope = u.scope().await?;
                let on = scope
                    .find::<endpoint::Entity>()
                    .filter(endpoint::Column::Id.eq(new.endpoint))
                    .one(scope.conn)
                    .await?;
                let on = on.ok_or(ApiError::NotFound)?;
                match on.state.as_str() {
                    "removed" => return Err(ApiError::Conflict(Conflict::EndpointRemoved).into()),
                    "removing" => return Err(ApiError::Conflict(Conflict::EndpointRemoving).into()),
                    _ => {}
                }
                let of = on.client_id.ok_or(ApiError::Conflict(Conflict::EndpointUnassigned))?;
                let client = client(&scope, of).await?;
                let mut row = session::Model {
                    org_id: scope.org(),
                    id,
                    endpoint_id: on.id,
                    endpoint_name: on.name,
                    client_id: client.id,
                    client_name: client.name,
                    technician_id: caller.person,
                    technician_name: caller.name,
                    reason: String::new(),
                    ticket: String::new(),
                    opened_at,
                    opened_leaf: 0,
                    closed_at: None,
                    close_reason: String::new(),
                    erased_at: None,
                    erased_by: String::new(),
                    erased_leaf: None,
                };
                let (reason, mut findings) = written(u, &row, &reason).await?.into_parts();
                let (ticket, more) = written(u, &row, &ticket).await?.into_parts();
                findings.extend(more);
                row.reason.clone_from(&reason);
                row.ticket.clone_from(&ticket);
                u.scope().await?.insert::<session::Entity, _>(row.clone()).await?;
                let event = Event::SessionOpened { reason, ticket };
                let by = By::permission(Permission::Initiate);
                let leaf = u
                    .record(
                        who,
                        super::target(&row),
                        EventOutcome::Success,
                        by,
                        Refs::session(id),
                        event,
                    )
                    .await?;
                let scope = u.scope().await?;
                let own = scope.update::<session::Entity>().filter(session::Column::Id.eq(id));
                own.col_expr(session::Column::OpenedLeaf, Expr::value(as_i64(leaf)))
                    .exec(scope.conn)
                    .await?;
                incidents::found(u, &row, None, IncidentPlace::Reason, &findings).await?;
                Ok(id)
            })
        })
        .await
}
