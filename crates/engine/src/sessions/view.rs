//! Sessions in lists and on their own page.

use std::collections::BTreeMap;

use domain::api::{ApiError, NoteView, SessionRow, SessionView};
use domain::event::{By, Event, EventOutcome, Named, Refs, Who};
use domain::ids::SessionId;
use domain::roles::{Caller, Permission};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, QueryFilter, QueryOrder, QuerySelect};

use crate::access;
use crate::actions::store;
use crate::actions::view::views;
use crate::approvals::{grants, list as requests};
use crate::engine::Engine;
use crate::error::Failure;
use crate::retention;
use crate::store::entity::{action, approval_request, endpoint, note, session};
use crate::store::event_log::{self, as_u64};
use crate::store::scope::OrgScope;

/// Most rows in a list.
const MOST: u64 = 200;

/// Sessions as lists show them.
pub(crate) async fn rows<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    sessions: Vec<session::Model>,
) -> Result<Vec<SessionRow>, Failure> {
    let ids: Vec<SessionId> = sessions.iter().map(|s| s.id).collect();
    let states: Vec<(SessionId, String)> = scope
        .find::<action::Entity>()
        .filter(action::Column::SessionId.is_in(ids))
        .select_only()
        .column(action::Column::SessionId)
        .column(action::Column::State)
        .into_tuple()
        .all(scope.conn)
        .await?;
    let mut counts: BTreeMap<SessionId, (u64, u64)> = BTreeMap::new();
    for (id, state) in states {
        let (all, waiting) = counts.entry(id).or_default();
        *all += 1;
        *waiting += u64::from(state == "waiting");
    }
    let row = |s: session::Model| {
        let (actions, waiting) = counts.get(&s.id).copied().unwrap_or_default();
        SessionRow {
            id: s.id,
            endpoint: store::endpoint(&s),
            client: store::client(&s),
            technician: Named::new(s.technician_id, &*s.technician_name),
            reason: s.reason,
            ticket: s.ticket,
            opened_at: s.opened_at,
            closed_at: s.closed_at,
            actions,
            waiting,
        }
    };
    Ok(sessions.into_iter().map(row).collect())
}

/// The caller's own sessions, those of their clients, or all with `audit`.
pub(super) async fn list(engine: &Engine, caller: &Caller) -> Result<Vec<SessionRow>, Failure> {
    let scope = engine.scope(caller.org);
    let mut found = scope.find::<session::Entity>();
    if !caller.may(Permission::Audit) {
        let clients = access::clients_of(&scope, caller).await?;
        let own = Condition::any().add(session::Column::TechnicianId.eq(caller.person));
        found = found.filter(own.add(session::Column::ClientId.is_in(clients)));
    }
    let newest = found
        .order_by_desc(session::Column::OpenedAt)
        .limit(MOST)
        .all(scope.conn)
        .await?;
    rows(&scope, newest).await
}

/// A session's page. That somebody else than its technician opened it is in the record.
pub(super) async fn open_page(engine: &Engine, caller: &Caller, id: SessionId) -> Result<SessionView, ApiError> {
    let (view, row) = engine.answer(read(engine, caller, id).await)?;
    if row.technician_id != caller.person {
        let (who, at_leaf) = (Who::caller(caller), view.head);
        let by = if caller.may(Permission::Audit) {
            By::permission(Permission::Audit)
        } else {
            By::SIGNED_IN
        };
        engine
            .commit(caller.org, move |u| {
                Box::pin(async move {
                    let event = Event::SessionViewed { at_leaf };
                    u.record(who, super::target(&row), EventOutcome::Success, by, Refs::NONE, event)
                        .await?;
                    Ok(())
                })
            })
            .await?;
    }
    Ok(view)
}

/// A session as its page shows it.
pub(crate) async fn read(
    engine: &Engine,
    caller: &Caller,
    id: SessionId,
) -> Result<(SessionView, session::Model), Failure> {
    let (scope, now) = (engine.scope(caller.org), engine.now());
    // The head is read first: what is committed meanwhile is then found again by the live view, not missed.
    let head = event_log::size(&scope).await?;
    let s = access::readable_session(&scope, caller, id).await?;
    let actions = scope.find::<action::Entity>().filter(action::Column::SessionId.eq(id));
    let actions = actions.order_by_asc(action::Column::Number).all(scope.conn).await?;
    let on = scope
        .find::<endpoint::Entity>()
        .filter(endpoint::Column::Id.eq(s.endpoint_id))
        .one(scope.conn)
        .await?;
    let on = on.ok_or_else(|| Failure::stored("a session without an endpoint"))?;
    let own = s.technician_id == caller.person && caller.may(Permission::Initiate);
    let contacts = access::contacts(&scope, s.client_id).await?;
    let view = SessionView {
        row: rows(&scope, vec![s.clone()])
            .await?
            .pop()
            .ok_or_else(|| Failure::stored("no session"))?,
        endpoint_state: crate::endpoints::state(&on.state),
        capabilities: crate::endpoints::capabilities(&on),
        close_reason: s.close_reason.clone(),
        actions: views(&scope, &engine.0.texts, actions, engine.0.policy.version()).await?,
        requests: access_requests(&scope, caller, id, now).await?,
        grants: grants::of_session(&scope, id, now).await?,
        notes: notes(&scope, id).await?,
        contacts: contacts.into_iter().map(|c| c.name).collect(),
        head,
        may_act: own && s.closed_at.is_none(),
        may_share: caller.may(Permission::Share),
        erased: retention::erasure(&s),
        holds: retention::holds_on(&scope, &s).await?,
        may_retain: caller.may(Permission::Retain),
        now,
    };
    Ok((view, s))
}

async fn access_requests(
    scope: &OrgScope<'_, DatabaseConnection>,
    caller: &Caller,
    id: SessionId,
    now: domain::timestamp::Timestamp,
) -> Result<Vec<domain::api::ApprovalRow>, Failure> {
    let clients = access::clients_of(scope, caller).await?;
    let of = scope
        .find::<approval_request::Entity>()
        .filter(approval_request::Column::SessionId.eq(id));
    let of = of
        .filter(approval_request::Column::ActionId.is_null())
        .order_by_desc(approval_request::Column::AskedAt);
    of.all(scope.conn)
        .await?
        .iter()
        .map(|r| requests::row(r, caller, &clients, now))
        .collect()
}

async fn notes(scope: &OrgScope<'_, DatabaseConnection>, id: SessionId) -> Result<Vec<NoteView>, Failure> {
    let of = scope
        .find::<note::Entity>()
        .filter(note::Column::SessionId.eq(id))
        .order_by_asc(note::Column::Leaf);
    let view = |n: note::Model| NoteView {
        id: n.id,
        author: n.author,
        at: n.at,
        text: n.text,
        leaf: as_u64(n.leaf),
    };
    Ok(of.all(scope.conn).await?.into_iter().map(view).collect())
}
