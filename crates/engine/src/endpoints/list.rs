//! Endpoints in lists and on their own page.

use std::collections::BTreeMap;

use domain::api::{ApiError, CloneFound, Confirmed, EndpointRow, EndpointState, EndpointView};
use domain::digest::{Digest, unhex};
use domain::event::Named;
use domain::ids::{ClientId, EndpointId};
use domain::roles::Caller;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use super::clients::{client, registered_hosts, tags};
use super::confirm::fingerprint_of;
use super::update;
use crate::access;
use crate::agents::clone::Found;
use crate::agents::order_keys;
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
        "removing" => EndpointState::Removing,
        "removed" => EndpointState::Removed,
        _ => EndpointState::Pending,
    }
}

/// One endpoint.
pub(crate) async fn load<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    id: EndpointId,
) -> Result<endpoint::Model, Failure> {
    let found = scope
        .find::<endpoint::Entity>()
        .filter(endpoint::Column::Id.eq(id))
        .one(scope.conn)
        .await?;
    Ok(found.ok_or(ApiError::NotFound)?)
}

/// What an endpoint's agent says it can do; none while it has not said.
pub(crate) fn capabilities(e: &endpoint::Model) -> Option<Vec<String>> {
    let words = e.capabilities.as_ref()?;
    Some(words.split_whitespace().map(str::to_owned).collect())
}

/// Whether its agent says that it can do this.
pub(crate) fn can(e: &endpoint::Model, what: &str) -> bool {
    let words = e.capabilities.as_deref().unwrap_or_default();
    words.split_whitespace().any(|word| word == what)
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
        .map(|e| {
            let client = e.client_id.and_then(|id| names.get(&id));
            row(&e, client, open.get(&e.id).copied().unwrap_or(0))
        })
        .collect();
    rows.sort_by(|a, b| (&a.client.name, &a.name).cmp(&(&b.client.name, &b.name)));
    Ok(rows)
}

fn row(e: &endpoint::Model, c: Option<&entity::client::Model>, open_sessions: u64) -> EndpointRow {
    EndpointRow {
        id: e.id,
        name: e.name.clone(),
        client: c.map_or_else(|| Named::new("", "No client yet"), |c| Named::new(c.id, &*c.name)),
        tags: c.map(tags).unwrap_or_default(),
        state: state(&e.state),
        os: e.os.clone(),
        last_seen: e.last_seen,
        open_sessions,
        needs_confirmation: e.needs_confirmation,
        cloned: e.clone.is_some(),
    }
}

/// All endpoints.
pub(super) async fn endpoints(engine: &Engine, caller: &Caller) -> Result<Vec<EndpointRow>, Failure> {
    rows_of(&engine.scope(caller.org), None).await
}

/// One endpoint's page.
pub(super) async fn endpoint(engine: &Engine, caller: &Caller, id: EndpointId) -> Result<EndpointView, Failure> {
    let scope = engine.scope(caller.org);
    let e = load(&scope, id).await?;
    let c = match e.client_id {
        Some(id) => Some(client(&scope, id).await?),
        None => None,
    };
    let contacts = match &c {
        Some(c) => access::contacts(&scope, c.id).await?,
        None => vec![],
    };
    let found = e.clone.as_deref().map(serde_json::from_str::<Found>);
    let found = found.transpose().map_err(Failure::stored)?;
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
        row: row(&e, c.as_ref(), open),
        agent_version: e.agent_version.clone(),
        available_version: update::newest(engine.0.releases.get(), &e).map(|n| n.manifest.version.to_string()),
        update: update::view(&scope, e.id).await?,
        key: Digest::of(&[&key]).to_string(),
        fingerprint: fingerprint_of(&e),
        enrolled_at: e.enrolled_at,
        confirmed: e.confirmed_at.map(|at| Confirmed {
            by: e.confirmed_by.clone(),
            at,
        }),
        capabilities: capabilities(&e),
        clock_skew_ms: e.clock_skew_ms,
        order_generation: order_keys::generation(e.order_generation)?,
        clone: found.map(|f| CloneFound {
            at: f.at,
            first: f.first,
            second: f.second,
        }),
        contacts: contacts.into_iter().map(|c| c.name).collect(),
        registered_hosts: c.as_ref().map(registered_hosts).unwrap_or_default(),
        policy: engine.0.policy.rules().iter().map(|r| r.says.clone()).collect(),
        grants,
        sessions: rows(&scope, newest).await?,
    })
}
