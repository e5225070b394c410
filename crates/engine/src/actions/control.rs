//! Taking a waiting action back, and asking for a running one to be cancelled.

use domain::action::ActionState;
use domain::api::{ApiError, Conflict};
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::ids::ActionId;
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;

use super::store;
use crate::access;
use crate::approvals::end;
use crate::engine::Engine;
use crate::store::entity::action;

/// Takes a waiting action back: its request is withdrawn, and with it the action.
pub(super) async fn withdraw(engine: &Engine, caller: &Caller, id: ActionId) -> Result<(), ApiError> {
    let (who, caller) = (Who::caller(caller), caller.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let row = store::load(&scope, id).await?;
                access::own_session(&scope, &caller, row.session_id).await?;
                store::waiting(u.keys(), &row)?;
                let request = row.request_id.ok_or(ApiError::Conflict(Conflict::ActionEnded))?;
                let request = crate::approvals::list::load(&u.scope().await?, request).await?;
                end::withdrawn(
                    u,
                    &request,
                    who,
                    By::permission(Permission::Initiate),
                    domain::action::RefusalReason::Withdrawn,
                )
                .await
            })
        })
        .await
}

/// Asks for an action to be cancelled: what was sent or runs; the agent ends its whole process tree.
pub(super) async fn cancel(engine: &Engine, caller: &Caller, id: ActionId) -> Result<(), ApiError> {
    let (who, caller) = (Who::caller(caller), caller.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let row = store::load(&scope, id).await?;
                let session = access::own_session(&scope, &caller, row.session_id).await?;
                let state = store::state(&row)?;
                if !matches!(state, ActionState::Dispatched | ActionState::Running) || row.cancelling {
                    return Err(ApiError::Conflict(Conflict::ActionEnded).into());
                }
                let cancelling = store::unchanged(&scope, &row).col_expr(action::Column::Cancelling, Expr::value(true));
                store::changed_one(cancelling.exec(scope.conn).await?.rows_affected)?;
                u.touch(row.endpoint_id);
                let target = store::target(&session, row.id, row.number, store::command(&row)?.name());
                let refs = Refs::session(session.id).action(row.id);
                let event = Event::CancelRequested {
                    state: state.word().into(),
                };
                u.record(
                    who,
                    target,
                    EventOutcome::Pending,
                    By::permission(Permission::Initiate),
                    refs,
                    event,
                )
                .await?;
                Ok(())
            })
        })
        .await
}
