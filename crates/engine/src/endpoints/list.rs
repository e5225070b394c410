//! Endpoints in lists and on their own page.

use std::collections::BTreeMap;

use domain::api::{ApiError, EndpointRow, EndpointState, EndpointView};
use domain::digest::{Digest, unhex};
use domain::event::Named;
use domain::ids::{ClientId, EndpointId};
use domain::roles::Caller;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use super::clients::{client, registered_hosts, tags};
use crate::access;
use crate::approvals::grants;
use crate::engine::Engine;
use crate::error::Failure;
use crate::sessions::rows;
use crate::store::entity::{self, access_grant, endpoint, session};
use crate::store::scope::OrgScope;

/// An endpoint's state, from its stored word.
pub(crate) fn state(word: &str) -> EndpointState {
    match word {
        "ready" => EndpointState::Ready,
        "offline" => EndpointState::Offline,
        "removed" => EndpointState::Removed,
        _ => EndpointState::Pending,
    }
}

/// The endpoints of these clients (all where `None`), by client and name; removed ones left out.
pub(super) async fn rows_of<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    clients: Option<&[ClientId]>,
) -> Result<Vec<EndpointRow>, Failure> {
    let names: BTreeMap<ClientId, entity::client::Model> = scope
        .find::<entity::client::Entity>()
        .all(scope.conn)
        .await?
        .into_iter()
        .map(|c| (c.id, c))
        .collect();
    let mut open: BTreeMap<EndpointId, u64> = BTreeMap::new();
    for s in scope
        .find::<session::Entity>()
        .filter(session::Column::ClosedAt.is_null())
        .all(scope.conn)
        .await?
    {
        *open.entry(s.endpoint_id).or_default() += 1;
    }
    let mut found = scope
        .find::<endpoint::Entity>()
        .filter(endpoint::Column::State.ne("removed"));
    if let Some(clients) = clients {
        found = found.filter(endpoint::Column::ClientId.is_in(clients.iter().copied()));
    }
    let mut rows: Vec<EndpointRow> = found
        .all(scope.conn)
        .await?
        .into_iter()
        .filter_map(|e| Some(row(&e, names.get(&e.client_id)?, open.get(&e.id).copied().unwrap_or(0))))
        .collect();
    rows.sort_by(|a, b| (&a.client.name, &a.name).cmp(&(&b.client.name, &b.name)));
    Ok(rows)
}

fn row(e: &endpoint::Model, c: &entity::client::Model, open_sessions: u64) -> EndpointRow {
    EndpointRow {
        id: e.id,
        name: e.name.clone(),
        client: Named::new(c.id, &*c.name),
        tags: tags(c),
        state: state(&e.state),
        os: e.os.clone(),
        last_seen: e.last_seen,
        open_sessions,
    }
}

/// All endpoints.
pub(super) async fn endpoints(engine: &Engine, caller: &Caller) -> Result<Vec<EndpointRow>, Failure> {
    rows_of(&engine.scope(caller.org), None).await
}

/// One endpoint's page.
pub(super) async fn endpoint(engine: &Engine, caller: &Caller, id: EndpointId) -> Result<EndpointView, Failure> {
    let scope = engine.scope(caller.org);
    let found = scope
        .find::<endpoint::Entity>()
        .filter(endpoint::Column::Id.eq(id))
        .one(scope.conn)
        .await?;
    let e = found.ok_or(ApiError::NotFound)?;
    let c = client(&scope, e.client_id).await?;
    let on = scope
        .find::<session::Entity>()
        .filter(session::Column::EndpointId.eq(id));
    let newest = on
        .order_by_desc(session::Column::OpenedAt)
        .limit(20)
        .all(scope.conn)
        .await?;
    let sessions: Vec<_> = newest.iter().map(|s| s.id).collect();
    let live = scope
        .find::<access_grant::Entity>()
        .filter(access_grant::Column::SessionId.is_in(sessions));
    let live = live
        .order_by_desc(access_grant::Column::GivenAt)
        .all(scope.conn)
        .await?;
    let now = engine.now();
    let grants = live
        .iter()
        .map(|g| grants::view(g, now))
        .filter(|g| g.state == "active")
        .collect();
    let open = newest.iter().filter(|s| s.closed_at.is_none()).count() as u64;
    let key = unhex(&e.public_key).unwrap_or_default();
    Ok(EndpointView {
        row: row(&e, &c, open),
        agent_version: e.agent_version.clone(),
        key: Digest::of(&[&key]).to_string(),
        enrolled_at: e.enrolled_at,
        contacts: access::contacts(&scope, c.id)
            .await?
            .into_iter()
            .map(|c| c.name)
            .collect(),
        registered_hosts: registered_hosts(&c),
        policy: engine.0.policy.rules().iter().map(|r| r.says.clone()).collect(),
        grants,
        sessions: rows(&scope, newest).await?,
    })
}
