//! Actions as rows: reading one in the state it is in, and the writes that end it.

use domain::action::{Action, ActionState, Command, Dispatched, Refused, Running, Waiting};
use domain::api::{ApiError, Conflict};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::{ActionId, EndpointId};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use super::sealed;
use crate::error::Failure;
use crate::keys::Keys;
use crate::store::entity::{action, session};
use crate::store::event_log::as_i64;
use crate::store::ledger::Unit;
use crate::store::scope::OrgScope;

/// One action.
pub(crate) async fn load<C: ConnectionTrait>(scope: &OrgScope<'_, C>, id: ActionId) -> Result<action::Model, Failure> {
    let found = scope
        .find::<action::Entity>()
        .filter(action::Column::Id.eq(id))
        .one(scope.conn)
        .await?;
    Ok(found.ok_or(ApiError::NotFound)?)
}

/// The session of an action.
pub(crate) async fn session_of<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    row: &action::Model,
) -> Result<session::Model, Failure> {
    crate::sessions::load(scope, row.session_id).await
}

/// The command of a row, as it may be shown: the one that runs, unless something in it is sealed.
pub(crate) fn command(row: &action::Model) -> Result<Command, Failure> {
    serde_json::from_str(&row.command).map_err(Failure::stored)
}

/// The state of a row.
pub(crate) fn state(row: &action::Model) -> Result<ActionState, Failure> {
    row.state.parse().map_err(Failure::Stored)
}

/// A row that waits, with the command that is to run.
pub(crate) fn waiting(keys: &Keys, row: &action::Model) -> Result<Action<Waiting>, Failure> {
    let request = row.request_id.filter(|_| row.state == ActionState::Waiting.word());
    let request = request.ok_or(ApiError::Conflict(Conflict::ActionEnded))?;
    Ok(Action::waiting(
        row.id,
        row.session_id,
        row.endpoint_id,
        sealed::command(keys, row)?,
        request,
    ))
}

/// A row whose order is out.
pub(crate) fn dispatched(row: &action::Model) -> Result<Action<Dispatched>, Failure> {
    if state(row)? != ActionState::Dispatched {
        return Err(ApiError::Conflict(Conflict::ActionEnded).into());
    }
    Ok(Action::dispatched(
        row.id,
        row.session_id,
        row.endpoint_id,
        command(row)?,
    ))
}

/// A row that runs.
pub(crate) fn running(row: &action::Model) -> Result<Action<Running>, Failure> {
    if state(row)? != ActionState::Running {
        return Err(ApiError::Conflict(Conflict::ActionEnded).into());
    }
    Ok(Action::running(row.id, row.session_id, row.endpoint_id, command(row)?))
}

/// An action as the target of an event.
pub(crate) fn target(session: &session::Model, id: ActionId, number: i64, verb: &str) -> Target {
    let name = format!("action {number}: {verb}");
    Target::new("action", Named::new(id, name)).on(endpoint(session), client(session))
}

/// The session's endpoint, as named when it was opened.
pub(crate) fn endpoint(session: &session::Model) -> Named {
    Named::new(session.endpoint_id, &*session.endpoint_name)
}

/// The session's client, as named when it was opened.
pub(crate) fn client(session: &session::Model) -> Named {
    Named::new(session.client_id, &*session.client_name)
}

/// Writes that an action is refused: the row where it still is what was read, and the event.
pub(crate) async fn refuse(
    u: &mut Unit,
    row: &action::Model,
    refused: Action<Refused>,
    who: Who,
    by: By,
    by_agent: bool,
    detail: &str,
) -> Result<(), Failure> {
    let reason = refused.reason();
    let session = session_of(&u.scope().await?, row).await?;
    let target = target(&session, row.id, row.number, refused.command().name());
    let mut refs = Refs::session(row.session_id).action(row.id);
    refs.request = row.request_id;
    let event = Event::ActionRefused {
        reason,
        by_agent,
        detail: detail.to_owned(),
    };
    let leaf = u.record(who, target, EventOutcome::Refused, by, refs, event).await?;
    let now = u.now();
    let scope = u.scope().await?;
    let same = unchanged(&scope, row)
        .col_expr(action::Column::State, Expr::value(ActionState::Refused.word()))
        .col_expr(action::Column::Refusal, Expr::value(reason.word()))
        .col_expr(action::Column::Detail, Expr::value(detail))
        .col_expr(action::Column::FinishedAt, Expr::value(now))
        .col_expr(action::Column::EndedLeaf, Expr::value(as_i64(leaf)));
    let same = without_seal(same, row);
    changed_one(same.exec(scope.conn).await?.rows_affected)
}

/// The same, with nothing sealed left in it: for the update that ends an action.
pub(crate) fn without_seal(
    update: sea_orm::UpdateMany<action::Entity>,
    row: &action::Model,
) -> sea_orm::UpdateMany<action::Entity> {
    if row.sealed.is_none() {
        return update;
    }
    let order = row.signed_order.as_ref().map(|_| sealed::GONE);
    update
        .col_expr(action::Column::Sealed, Expr::value(None::<String>))
        .col_expr(action::Column::SignedOrder, Expr::value(order))
}

/// Destroys what is sealed for any action of an endpoint.
pub(crate) async fn break_seals<C: ConnectionTrait>(scope: &OrgScope<'_, C>, on: EndpointId) -> Result<(), Failure> {
    let own = scope
        .update::<action::Entity>()
        .filter(action::Column::EndpointId.eq(on));
    let sealed = own.filter(action::Column::Sealed.is_not_null());
    let order = Expr::case(
        Expr::col(action::Column::SignedOrder).is_null(),
        Expr::value(None::<String>),
    )
    .finally(sealed::GONE);
    sealed
        .col_expr(action::Column::SignedOrder, order.into())
        .col_expr(action::Column::Sealed, Expr::value(None::<String>))
        .exec(scope.conn)
        .await?;
    Ok(())
}

/// An update of the row as long as nobody changed it since it was read; it counts the version up.
pub(crate) fn unchanged<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    row: &action::Model,
) -> sea_orm::UpdateMany<action::Entity> {
    scope
        .update::<action::Entity>()
        .filter(action::Column::Id.eq(row.id))
        .filter(action::Column::State.eq(row.state.clone()))
        .filter(action::Column::Version.eq(row.version))
        .col_expr(action::Column::Version, Expr::value(row.version + 1))
}

/// Whether a compare-and-swap hit.
pub(crate) fn changed_one(rows: u64) -> Result<(), Failure> {
    if rows == 1 {
        Ok(())
    } else {
        Err(ApiError::Conflict(Conflict::ActionEnded).into())
    }
}
