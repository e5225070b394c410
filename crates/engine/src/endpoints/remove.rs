//! Removing an endpoint: its key is refused from now on, and what was on its way to it is refused.

use domain::action::RefusalReason;
use domain::api::{ApiError, Conflict};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::EndpointId;
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use super::clients::client;
use crate::actions::store;
use crate::engine::Engine;
use crate::store::entity::{action, endpoint};

/// Removes an endpoint.
pub(super) async fn remove(engine: &Engine, caller: &Caller, id: EndpointId) -> Result<(), ApiError> {
    let who = Who::caller(caller);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let found = scope
                    .find::<endpoint::Entity>()
                    .filter(endpoint::Column::Id.eq(id))
                    .one(scope.conn)
                    .await?;
                let e = found.ok_or(ApiError::NotFound)?;
                if e.state == "removed" {
                    return Err(ApiError::Conflict(Conflict::EndpointRemoved).into());
                }
                let row = scope.update::<endpoint::Entity>().filter(endpoint::Column::Id.eq(id));
                let row = row.col_expr(endpoint::Column::State, Expr::value("removed"));
                // Another generation: a connection that is open now is no longer the endpoint's.
                row.col_expr(endpoint::Column::Connection, Expr::value(e.connection + 1))
                    .exec(scope.conn)
                    .await?;
                let of_endpoint = scope.find::<action::Entity>().filter(action::Column::EndpointId.eq(id));
                let unsent = of_endpoint
                    .filter(action::Column::State.eq("dispatched"))
                    .filter(action::Column::Sent.eq(false));
                let unsent = unsent.all(scope.conn).await?;
                let client = client(&scope, e.client_id).await?;
                let target = Target::new("endpoint", Named::new(id, &*e.name));
                let target = target.of(Named::new(client.id, client.name));
                let by = By::permission(Permission::Administer);
                let event = Event::EndpointRemoved { had_state: e.state };
                u.record(who.clone(), target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                for a in unsent {
                    let dispatched = store::dispatched(&a)?;
                    let refused = dispatched.refuse(RefusalReason::EndpointRemoved);
                    store::refuse(
                        u,
                        &a,
                        refused,
                        who.clone(),
                        By::permission(Permission::Administer),
                        false,
                        "",
                    )
                    .await?;
                }
                Ok(())
            })
        })
        .await
}
