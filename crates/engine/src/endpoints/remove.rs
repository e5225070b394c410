//! Removing an endpoint: its agent ends what runs, reports it and forgets who it is; then, or at once, the key is refused and
//! what was on its way is too.

use domain::action::RefusalReason;
use domain::api::{ApiError, Conflict};
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::ids::EndpointId;
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use super::list::load;
use crate::actions::store;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{action, endpoint};
use crate::store::ledger::Unit;

/// Removes an endpoint; without waiting for its agent where `now` says so, or where the agent can't be told.
pub(super) async fn remove(engine: &Engine, caller: &Caller, id: EndpointId, now: bool) -> Result<(), ApiError> {
    let who = Who::caller(caller);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let e = load(&scope, id).await?;
                // A copied key's agents are not let in any more, so nobody would come to retire.
                let retires = !now && e.protocol >= 2 && e.last_seen.is_some() && e.clone.is_none();
                match e.state.as_str() {
                    "removed" => return Err(ApiError::Conflict(Conflict::EndpointRemoved).into()),
                    "removing" if !now => return Err(ApiError::Conflict(Conflict::EndpointRemoving).into()),
                    _ => {}
                }
                let row = scope.update::<endpoint::Entity>().filter(endpoint::Column::Id.eq(id));
                let row = if retires {
                    row.col_expr(endpoint::Column::State, Expr::value("removing"))
                } else {
                    // Another generation: a connection that is open now is no longer the endpoint's.
                    row.col_expr(endpoint::Column::State, Expr::value("removed"))
                        .col_expr(endpoint::Column::Connected, Expr::value(false))
                        .col_expr(endpoint::Column::Connection, Expr::value(e.connection + 1))
                };
                row.exec(scope.conn).await?;
                if !retires {
                    // Nobody will report the end of what it had: what is sealed for it is of no more use.
                    store::break_seals(&scope, id).await?;
                }
                let target = crate::agents::target(&scope, &e).await?;
                let by = By::permission(Permission::Administer);
                let had_state = e.state;
                let event = if retires {
                    Event::EndpointRemoving { had_state }
                } else {
                    Event::EndpointRemoved { had_state }
                };
                u.record(
                    who.clone(),
                    target,
                    EventOutcome::Success,
                    by.clone(),
                    Refs::NONE,
                    event,
                )
                .await?;
                refuse_unsent(u, id, RefusalReason::EndpointRemoved, &who, &by).await?;
                u.touch(id);
                Ok(())
            })
        })
        .await
}

/// Refuses the endpoint's orders that were never sent.
pub(crate) async fn refuse_unsent(
    u: &mut Unit,
    id: EndpointId,
    reason: RefusalReason,
    who: &Who,
    by: &By,
) -> Result<(), Failure> {
    let scope = u.scope().await?;
    let unsent = scope
        .find::<action::Entity>()
        .filter(action::Column::EndpointId.eq(id))
        .filter(action::Column::State.eq("dispatched"))
        .filter(action::Column::Sent.eq(false));
    for a in unsent.all(scope.conn).await? {
        let refused = store::dispatched(&a)?.refuse(reason);
        store::refuse(u, &a, refused, who.clone(), by.clone(), false, "").await?;
    }
    Ok(())
}
