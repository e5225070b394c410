//! What the approver is shown, rendered from the statement alone, and that they were shown it.

use domain::api::{ApiError, ApprovalView, Conflict, Done, RequestState};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::RequestId;
use domain::roles::{Caller, Permission};
use gate::escape;
use gate::statement::{Statement, Subject};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{grants, list};
use crate::access;
use crate::actions::view::views;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{access_grant, action, approval_request};
use crate::store::texts::ERASED;

/// One request.
pub(super) async fn view(engine: &Engine, caller: &Caller, id: RequestId) -> Result<ApprovalView, ApiError> {
    let (view, row) = engine.answer(read(engine, caller, id).await)?;
    if view.row.may_decide {
        viewed(engine, caller, &row, view.digest).await?;
    }
    Ok(view)
}

async fn read(
    engine: &Engine,
    caller: &Caller,
    id: RequestId,
) -> Result<(ApprovalView, approval_request::Model), Failure> {
    let (scope, now) = (engine.scope(caller.org), engine.now());
    let r = list::load(&scope, id).await?;
    let clients = access::clients_of(&scope, caller).await?;
    let visible = r.requester_id == caller.person || clients.contains(&r.client_id) || caller.may(Permission::Audit);
    if !visible {
        return Err(ApiError::NotFound.into());
    }
    if r.statement == ERASED {
        return Err(ApiError::Conflict(Conflict::Erased).into());
    }
    let statement = Statement::parse(r.statement.as_bytes()).map_err(Failure::stored)?;
    let (command, minutes, shown) = match &statement.subject {
        Subject::Action { command, .. } => {
            let shown = match command {
                domain::action::Command::Script(s) => escape::show(&s.text),
                domain::action::Command::Verb(_) => escape::show_line(&command.to_string()),
            };
            (Some(command.clone()), 0, shown)
        }
        Subject::Access {
            scope, grant_minutes, ..
        } => (None, *grant_minutes, escape::show_line(&scope.to_string())),
    };
    let hidden = match &statement.subject {
        Subject::Action {
            digest, redacted: true, ..
        } => Some(*digest),
        Subject::Action { .. } | Subject::Access { .. } => None,
    };
    let under = scope.find::<action::Entity>().filter(action::Column::RequestId.eq(id));
    let under = under
        .filter(action::Column::State.ne("waiting"))
        .order_by_asc(action::Column::Number)
        .all(scope.conn)
        .await?;
    let grant = scope
        .find::<access_grant::Entity>()
        .filter(access_grant::Column::RequestId.eq(id))
        .one(scope.conn)
        .await?;
    let view = ApprovalView {
        row: list::row(&r, caller, &clients, now)?,
        digest: statement.digest(),
        reason: statement.session.reason.clone(),
        ticket: statement.session.ticket.clone().unwrap_or_default(),
        requester_role: statement.requester.role.word().to_owned(),
        scope: statement.scope().to_string(),
        can_narrow: command.is_none(),
        command,
        shown: shown.into_iter().map(|s| (s.text, s.escaped)).collect(),
        hidden,
        reach: statement.reach.clone(),
        risks: statement.risks.clone(),
        uses: statement.uses,
        minutes,
        done: Done {
            actions: views(&scope, &engine.0.texts, under, engine.0.policy.version()).await?,
        },
        grant: grant.map(|g| grants::view(&g, now)),
        statement: r.statement.clone(),
        now,
    };
    Ok((view, r))
}

/// Records that somebody who may decide was shown the statement.
async fn viewed(
    engine: &Engine,
    caller: &Caller,
    r: &approval_request::Model,
    statement: domain::digest::Digest,
) -> Result<(), ApiError> {
    let who = Who::caller(caller);
    let target = target(r);
    let refs = refs(r);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let event = Event::ApprovalViewed { statement };
                u.record(
                    who,
                    target,
                    EventOutcome::Success,
                    By::permission(Permission::Approve),
                    refs,
                    event,
                )
                .await?;
                Ok(())
            })
        })
        .await
}

/// A request as the target of an event.
pub(super) fn target(r: &approval_request::Model) -> Target {
    Target::new("approval request", Named::new(r.id, "approval request")).on(
        Named::new(r.endpoint_id, &*r.endpoint_name),
        Named::new(r.client_id, &*r.client_name),
    )
}

/// What a request belongs to.
pub(super) fn refs(r: &approval_request::Model) -> Refs {
    let refs = Refs::session(r.session_id).request(r.id);
    Refs {
        action: r.action_id,
        ..refs
    }
}

/// Whether it still waits.
pub(super) fn pending(r: &approval_request::Model) -> Result<bool, Failure> {
    Ok(list::state(r)? == RequestState::Pending)
}
