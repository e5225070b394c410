//! Reading incidents: with `audit` all, a contact those of their clients, a technician those of their sessions.

use std::collections::BTreeMap;

use domain::api::{ApiError, Disposition, IncidentClosed, IncidentPlace, IncidentRow};
use domain::event::Refs;
use domain::finding::FindingKind;
use domain::ids::{ActionId, DataIncidentId, SessionId};
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};

use super::letters;
use crate::access;
use crate::actions::store;
use crate::actions::view::names;
use crate::engine::Engine;
use crate::error::Failure;
use crate::sessions;
use crate::store::entity::{action, incident, session};
use crate::store::event_log::as_u64;
use crate::store::scope::OrgScope;

/// Most rows in a list.
const MOST: u64 = 500;

/// The incidents that the caller may see.
async fn visible<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    caller: &Caller,
) -> Result<Select<incident::Entity>, Failure> {
    let all = scope.find::<incident::Entity>();
    if caller.may(Permission::Audit) {
        return Ok(all);
    }
    let clients = access::clients_of(scope, caller).await?;
    let mut mine = Condition::any().add(incident::Column::ClientId.is_in(clients));
    if caller.may(Permission::Initiate) {
        let own = scope
            .find::<session::Entity>()
            .filter(session::Column::TechnicianId.eq(caller.person));
        let own: Vec<SessionId> = own
            .select_only()
            .column(session::Column::Id)
            .into_tuple()
            .all(scope.conn)
            .await?;
        mine = mine.add(incident::Column::SessionId.is_in(own));
    }
    Ok(all.filter(mine))
}

/// All of them: open ones first, then newest first.
pub(super) async fn all(engine: &Engine, caller: &Caller) -> Result<Vec<IncidentRow>, Failure> {
    let scope = engine.scope(caller.org);
    let open_first = Expr::col(incident::Column::ClosedAt).is_null();
    let all = visible(&scope, caller).await?.order_by(open_first, Order::Desc);
    let newest = all.order_by_desc(incident::Column::OpenedAt).limit(MOST);
    rows(&scope, caller, newest.all(scope.conn).await?).await
}

/// Those that nobody has closed, newest first.
pub(crate) async fn still_open<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    caller: &Caller,
) -> Result<Vec<IncidentRow>, Failure> {
    let open = visible(scope, caller)
        .await?
        .filter(incident::Column::ClosedAt.is_null());
    let found = open
        .order_by_desc(incident::Column::OpenedAt)
        .limit(MOST)
        .all(scope.conn)
        .await?;
    rows(scope, caller, found).await
}

/// One of them.
pub(super) async fn one(engine: &Engine, caller: &Caller, id: DataIncidentId) -> Result<IncidentRow, Failure> {
    let scope = engine.scope(caller.org);
    let found = visible(&scope, caller).await?.filter(incident::Column::Id.eq(id));
    let found = found.one(scope.conn).await?.ok_or(ApiError::NotFound)?;
    Ok(rows(&scope, caller, vec![found])
        .await?
        .pop()
        .ok_or(ApiError::NotFound)?)
}

/// The session that an incident was found in, and what a leaf on it refers to.
pub(super) async fn with_session<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    id: DataIncidentId,
) -> Result<(session::Model, Refs), Failure> {
    let own = scope.find::<incident::Entity>().filter(incident::Column::Id.eq(id));
    let own = own.one(scope.conn).await?.ok_or(ApiError::NotFound)?;
    let session = sessions::load(scope, own.session_id).await?;
    let refs = Refs::session(session.id);
    let refs = own.action_id.map_or(refs, |action| refs.action(action));
    Ok((session, refs))
}

/// With the names as their sessions have them.
async fn rows<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    caller: &Caller,
    found: Vec<incident::Model>,
) -> Result<Vec<IncidentRow>, Failure> {
    let of = scope
        .find::<session::Entity>()
        .filter(session::Column::Id.is_in(found.iter().map(|r| r.session_id)));
    let sessions: BTreeMap<SessionId, session::Model> =
        of.all(scope.conn).await?.into_iter().map(|s| (s.id, s)).collect();
    let of = scope
        .find::<action::Entity>()
        .filter(action::Column::Id.is_in(found.iter().filter_map(|r| r.action_id)));
    let commands: BTreeMap<ActionId, String> = of
        .select_only()
        .column(action::Column::Id)
        .column(action::Column::CommandLine)
        .into_tuple::<(ActionId, String)>()
        .all(scope.conn)
        .await?
        .into_iter()
        .collect();
    let mut mailed = letters::mailed(scope, found.iter().map(|r| r.id)).await?;
    let row = |r: incident::Model| {
        let session = sessions
            .get(&r.session_id)
            .ok_or_else(|| Failure::stored("an incident without a session"))?;
        Ok(IncidentRow {
            id: r.id,
            session: r.session_id,
            action: r.action_id,
            command: r
                .action_id
                .and_then(|id| commands.get(&id).cloned())
                .unwrap_or_default(),
            endpoint: store::endpoint(session),
            client: store::client(session),
            technician: session.technician_name.clone(),
            place: place(&r)?,
            kinds: kinds(&r)?,
            told: names(&r.told),
            mailed: mailed.remove(&r.id).unwrap_or_default(),
            opened_at: r.opened_at,
            opened_leaf: as_u64(r.opened_leaf),
            may_close: r.closed_at.is_none() && caller.may(Permission::Audit),
            closed: closed(&r)?,
        })
    };
    found.into_iter().map(row).collect()
}

pub(super) fn kinds(r: &incident::Model) -> Result<Vec<FindingKind>, Failure> {
    serde_json::from_str(&r.kinds).map_err(Failure::stored)
}

pub(super) fn place(r: &incident::Model) -> Result<IncidentPlace, Failure> {
    let found = IncidentPlace::ALL.into_iter().find(|p| p.word() == r.place);
    found.ok_or_else(|| Failure::stored(format!("incident place {}", r.place)))
}

fn closed(r: &incident::Model) -> Result<Option<IncidentClosed>, Failure> {
    let (Some(word), Some(at), Some(leaf)) = (&r.disposition, r.closed_at, r.closed_leaf) else {
        return Ok(None);
    };
    let disposition = Disposition::ALL.into_iter().find(|d| d.word() == word);
    Ok(Some(IncidentClosed {
        disposition: disposition.ok_or_else(|| Failure::stored(format!("disposition {word}")))?,
        note: r.note.clone(),
        by: r.closed_by.clone(),
        at,
        leaf: as_u64(leaf),
    }))
}
