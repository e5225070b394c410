//! Requests in lists.

use domain::api::{ApiError, ApprovalRow, RequestState};
use domain::event::Named;
use domain::ids::{ClientId, RequestId};
use domain::roles::{Caller, Permission};
use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access;
use crate::actions::view::names;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::approval_request;
use crate::store::scope::OrgScope;

/// Most rows in a list.
const MOST: u64 = 200;

/// One request.
pub(crate) async fn load<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    id: RequestId,
) -> Result<approval_request::Model, Failure> {
    let found = scope
        .find::<approval_request::Entity>()
        .filter(approval_request::Column::Id.eq(id))
        .one(scope.conn)
        .await?;
    Ok(found.ok_or(ApiError::NotFound)?)
}

/// A request's state, from its stored word.
pub(super) fn state(row: &approval_request::Model) -> Result<RequestState, Failure> {
    let found = RequestState::ALL.into_iter().find(|s| s.word() == row.state);
    found.ok_or_else(|| Failure::stored(format!("request state {}", row.state)))
}

/// Requests that the caller may decide or made (all of them with `audit`), pending first, then newest.
pub(crate) async fn rows(engine: &Engine, caller: &Caller) -> Result<Vec<ApprovalRow>, Failure> {
    let scope = engine.scope(caller.org);
    let clients = access::clients_of(&scope, caller).await?;
    let mut visible = scope.find::<approval_request::Entity>();
    if !caller.may(Permission::Audit) {
        let mine = Condition::any()
            .add(approval_request::Column::RequesterId.eq(caller.person))
            .add(approval_request::Column::ClientId.is_in(clients.clone()));
        visible = visible.filter(mine);
    }
    let newest = visible
        .order_by_desc(approval_request::Column::AskedAt)
        .limit(MOST)
        .all(scope.conn)
        .await?;
    let now = engine.now();
    let mut rows = newest
        .iter()
        .map(|r| row(r, caller, &clients, now))
        .collect::<Result<Vec<_>, _>>()?;
    rows.sort_by_key(|r| r.state != RequestState::Pending);
    Ok(rows)
}

/// A request as lists show it.
pub(crate) fn row(
    r: &approval_request::Model,
    caller: &Caller,
    clients: &[ClientId],
    now: Timestamp,
) -> Result<ApprovalRow, Failure> {
    let state = state(r)?;
    let may_decide = state == RequestState::Pending
        && r.expires_at > now
        && r.requester_id != caller.person
        && clients.contains(&r.client_id);
    Ok(ApprovalRow {
        id: r.id,
        session: r.session_id,
        requester: Named::new(r.requester_id, &*r.requester_name),
        endpoint: Named::new(r.endpoint_id, &*r.endpoint_name),
        client: Named::new(r.client_id, &*r.client_name),
        what: r.what.clone(),
        state,
        asked_at: r.asked_at,
        expires: r.expires_at,
        asked: names(&r.asked),
        decided_by: r.decided_by_name.clone(),
        decided_at: r.decided_at,
        allowed: r.allowed.clone(),
        may_decide,
    })
}
