//! Opening an incident.

use std::collections::{BTreeMap, BTreeSet};

use domain::api::IncidentPlace;
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::finding::{Finding, FindingKind};
use domain::ids::{DataIncidentId, PersonId};
use domain::roles::{Permission, Roles};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use super::letters;
use crate::actions::store;
use crate::error::Failure;
use crate::store::entity::{action, client, incident, person, session};
use crate::store::event_log::as_i64;
use crate::store::ledger::Unit;
use crate::store::scope::OrgScope;
use crate::{access, endpoints};

/// Opens an incident if `findings` hold card data that is not expected there. What an action's output holds is one incident
/// until it is closed.
pub(crate) async fn found(
    u: &mut Unit,
    session: &session::Model,
    action: Option<&action::Model>,
    place: IncidentPlace,
    findings: &[Finding],
) -> Result<(), Failure> {
    let kinds = findings.iter().map(|f| f.kind).collect();
    opened(u, session, action, place, kinds).await
}

/// The same for what was found by its kinds alone.
pub(crate) async fn opened(
    u: &mut Unit,
    session: &session::Model,
    action: Option<&action::Model>,
    place: IncidentPlace,
    mut kinds: BTreeSet<FindingKind>,
) -> Result<(), Failure> {
    kinds.retain(|k| k.is_card_data());
    if kinds.is_empty() {
        return Ok(());
    }
    let scope = u.scope().await?;
    let client = endpoints::client(&scope, session.client_id).await?;
    let expected = client.cards_expected && place == IncidentPlace::Output;
    let kinds: Vec<_> = kinds
        .into_iter()
        .filter(|k| !expected || *k == FindingKind::CardAuth)
        .collect();
    if kinds.is_empty() || known(&scope, action).await? {
        return Ok(());
    }
    let people = told(&scope, &client).await?;
    let names: BTreeSet<_> = people.values().cloned().collect();
    let told = Vec::from_iter(names);
    let id = DataIncidentId(u.deps().uuid());
    let (target, refs) = match action {
        Some(row) => (
            store::target(session, row.id, row.number, store::command(row)?.name()),
            Refs::session(session.id).action(row.id),
        ),
        None => (crate::sessions::target(session), Refs::session(session.id)),
    };
    let event = Event::IncidentOpened {
        incident: id,
        place,
        kinds: kinds.clone(),
        told: told.clone(),
    };
    let who = Who::Server {
        part: "redaction".into(),
    };
    let leaf = u
        .record(who, target, EventOutcome::Pending, By::SERVER, refs, event)
        .await?;
    let opened_at = u.now();
    let scope = u.scope().await?;
    let row = incident::Model {
        org_id: scope.org(),
        id,
        session_id: session.id,
        action_id: action.map(|row| row.id),
        client_id: client.id,
        place: place.word().into(),
        kinds: serde_json::to_string(&kinds).map_err(Failure::stored)?,
        told: serde_json::to_string(&told).map_err(Failure::stored)?,
        opened_at,
        opened_leaf: as_i64(leaf),
        disposition: None,
        note: String::new(),
        closed_by: String::new(),
        closed_at: None,
        closed_leaf: None,
    };
    scope.insert::<incident::Entity, _>(row).await?;
    letters::to_write(&scope, id, people).await
}

/// Whether the action's output has an open incident already.
async fn known<C: ConnectionTrait>(scope: &OrgScope<'_, C>, action: Option<&action::Model>) -> Result<bool, Failure> {
    let Some(row) = action else { return Ok(false) };
    let open = scope
        .find::<incident::Entity>()
        .filter(incident::Column::ActionId.eq(row.id));
    let open = open.filter(incident::Column::ClosedAt.is_null());
    Ok(open.one(scope.conn).await?.is_some())
}

/// Who sees it among what needs a person now, with their names: the client's contacts, and whoever may audit. Who has not
/// signed in yet is told nothing: whether the address is theirs is not known.
pub(super) async fn told<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    client: &client::Model,
) -> Result<BTreeMap<PersonId, String>, Failure> {
    let contacts = access::contacts(scope, client.id).await?;
    let contacts: BTreeSet<_> = contacts.into_iter().map(|c| c.id).collect();
    let people = scope
        .find::<person::Entity>()
        .filter(person::Column::PasswordHash.is_not_null());
    let mut told = BTreeMap::new();
    for p in people.all(scope.conn).await? {
        let roles = p.roles.parse::<Roles>().map_err(Failure::stored)?;
        if contacts.contains(&p.id) || roles.allow(Permission::Audit) {
            told.insert(p.id, p.name);
        }
    }
    Ok(told)
}
