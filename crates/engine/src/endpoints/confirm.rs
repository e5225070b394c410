//! Confirming a machine: a person compared its fingerprint with what the agent shows there.

use domain::api::{ApiError, Conflict, Field};
use domain::digest::unhex;
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::fingerprint::fingerprint;
use domain::ids::{ClientId, EndpointId};
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use super::clients::client;
use super::list::load;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::endpoint;

/// The short fingerprint of an endpoint's key.
pub(super) fn fingerprint_of(e: &endpoint::Model) -> String {
    fingerprint(&unhex(&e.public_key).unwrap_or_default())
}

/// Confirms the machine, as long as it is the one that was shown.
pub(super) async fn confirm(
    engine: &Engine,
    caller: &Caller,
    id: EndpointId,
    shown: String,
    of: Option<ClientId>,
) -> Result<(), ApiError> {
    let (who, name) = (Who::caller(caller), caller.name.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let e = load(&scope, id).await?;
                match e.state.as_str() {
                    "removed" => return Err(ApiError::Conflict(Conflict::EndpointRemoved).into()),
                    "removing" => return Err(ApiError::Conflict(Conflict::EndpointRemoving).into()),
                    _ => {}
                }
                if !e.needs_confirmation {
                    return Err(ApiError::Conflict(Conflict::AlreadyConfirmed).into());
                }
                let print = fingerprint_of(&e);
                if print != shown {
                    return Err(ApiError::Conflict(Conflict::StaleStatement).into());
                }
                let Some(of) = e.client_id.or(of) else {
                    return Err(ApiError::invalid(Field::Client, "Say whose machine it is: choose a client.").into());
                };
                let client = client(&scope, of).await?;
                let state = match (e.connected, e.last_seen) {
                    (true, _) => "ready",
                    (false, Some(_)) => "offline",
                    (false, None) => "pending",
                };
                let same = scope
                    .update::<endpoint::Entity>()
                    .filter(endpoint::Column::Id.eq(id))
                    .filter(endpoint::Column::NeedsConfirmation.eq(true))
                    .filter(endpoint::Column::State.eq("pending"))
                    .filter(endpoint::Column::Connected.eq(e.connected))
                    .col_expr(endpoint::Column::State, Expr::value(state))
                    .col_expr(endpoint::Column::NeedsConfirmation, Expr::value(false))
                    .col_expr(endpoint::Column::ClientId, Expr::value(client.id))
                    .col_expr(endpoint::Column::ConfirmedBy, Expr::value(name))
                    .col_expr(endpoint::Column::ConfirmedAt, Expr::value(now))
                    .col_expr(endpoint::Column::Clone, Expr::value(None::<String>));
                if same.exec(scope.conn).await?.rows_affected != 1 {
                    return Err(Failure::stored("an endpoint that changed within its transaction"));
                }
                let after_clone = e.clone.is_some();
                let assigned = endpoint::Model {
                    client_id: Some(client.id),
                    ..e
                };
                let target = crate::agents::target(&scope, &assigned).await?;
                let event = Event::EndpointConfirmed {
                    fingerprint: print,
                    after_clone,
                };
                let by = By::permission(Permission::Administer);
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                u.touch(id);
                Ok(())
            })
        })
        .await
}
