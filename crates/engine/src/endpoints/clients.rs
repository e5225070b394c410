//! Clients: listing, adding, naming contacts, and what the policy needs to know of one.

use std::collections::BTreeMap;

use domain::api::{ApiError, ClientRow, Field, NewClient};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::{ClientId, PersonId};
use domain::roles::{Caller, Permission, Role, Roles};
use gate::name::HostPort;
use gate::policy::Facts;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{self, contact, endpoint, person};
use crate::store::scope::OrgScope;
use crate::text;

/// One client.
pub(crate) async fn client<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    id: ClientId,
) -> Result<entity::client::Model, Failure> {
    let found = scope
        .find::<entity::client::Entity>()
        .filter(entity::client::Column::Id.eq(id))
        .one(scope.conn)
        .await?;
    Ok(found.ok_or(ApiError::NotFound)?)
}

/// A client's tags.
pub(crate) fn tags(c: &entity::client::Model) -> Vec<String> {
    text::words(&c.tags)
}

/// A client's registered hosts.
pub(crate) fn registered_hosts(c: &entity::client::Model) -> Vec<String> {
    text::words(&c.registered_hosts)
}

/// What the policy looks at, for this client and this caller.
pub(crate) fn facts(c: &entity::client::Model, roles: &Roles) -> Result<Facts, Failure> {
    let hosts = registered_hosts(c)
        .iter()
        .map(|h| h.parse::<HostPort>().map_err(Failure::stored))
        .collect::<Result<_, _>>()?;
    Ok(Facts {
        client_tags: tags(c).into_iter().collect(),
        registered_hosts: hosts,
        roles: roles.clone(),
    })
}

/// The clients, by name.
pub(super) async fn clients(engine: &Engine, caller: &Caller) -> Result<Vec<ClientRow>, Failure> {
    let scope = engine.scope(caller.org);
    let people: BTreeMap<PersonId, String> = scope
        .find::<person::Entity>()
        .all(scope.conn)
        .await?
        .into_iter()
        .map(|p| (p.id, p.name))
        .collect();
    let mut contacts: BTreeMap<ClientId, Vec<Named>> = BTreeMap::new();
    for c in scope.find::<contact::Entity>().all(scope.conn).await? {
        let name = people.get(&c.person_id).cloned().unwrap_or_default();
        contacts
            .entry(c.client_id)
            .or_default()
            .push(Named::new(c.person_id, name));
    }
    let mut endpoints: BTreeMap<ClientId, u64> = BTreeMap::new();
    for e in scope
        .find::<endpoint::Entity>()
        .filter(endpoint::Column::State.ne("removed"))
        .all(scope.conn)
        .await?
    {
        if let Some(client) = e.client_id {
            *endpoints.entry(client).or_default() += 1;
        }
    }
    let by_name = scope
        .find::<entity::client::Entity>()
        .order_by_asc(entity::client::Column::Name);
    let row = |c: entity::client::Model| ClientRow {
        id: c.id,
        tags: tags(&c),
        registered_hosts: registered_hosts(&c),
        contacts: contacts.remove(&c.id).unwrap_or_default(),
        endpoints: endpoints.get(&c.id).copied().unwrap_or(0),
        name: c.name,
    };
    Ok(by_name.all(scope.conn).await?.into_iter().map(row).collect())
}

/// Adds a client.
pub(super) async fn create(engine: &Engine, caller: &Caller, new: NewClient) -> Result<ClientId, ApiError> {
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(ApiError::invalid(
            Field::Name,
            "Give the client a name of 1 to 100 characters.",
        ));
    }
    text::nothing_sensitive(&redact::Settings::default(), &name)?;
    let plain = |t: &String| {
        t.len() <= 40
            && t.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let tags: Vec<String> = new.tags.iter().flat_map(|t| text::words(&t.to_lowercase())).collect();
    if let Some(bad) = tags.iter().find(|t| !plain(t)) {
        return Err(ApiError::invalid(
            Field::Tags,
            format!("“{bad}” can't be a tag: use letters, digits and hyphens."),
        ));
    }
    let mut hosts = Vec::new();
    for h in new.registered_hosts.iter().flat_map(|h| text::words(h)) {
        let host: HostPort = h
            .parse()
            .map_err(|e| ApiError::invalid(Field::Hosts, format!("{h}: {e}")))?;
        hosts.push(host.to_string());
    }
    let who = Who::caller(caller);
    let id = ClientId(engine.0.deps.uuid());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let created_at = u.now();
                let scope = u.scope().await?;
                let same = scope
                    .find::<entity::client::Entity>()
                    .filter(entity::client::Column::Name.eq(name.clone()));
                if same.one(scope.conn).await?.is_some() {
                    return Err(ApiError::invalid(Field::Name, "There is a client of that name already.").into());
                }
                let (tags, hosts) = (tags.join(","), hosts.join(","));
                let row = entity::client::Model {
                    org_id: scope.org(),
                    id,
                    name: name.clone(),
                    tags: tags.clone(),
                    registered_hosts: hosts.clone(),
                    created_at,
                    redaction: String::new(),
                    cards_expected: false,
                    retention_days: None,
                };
                scope.insert::<entity::client::Entity, _>(row).await?;
                let target = Target::new("client", Named::new(id, name.clone()));
                let event = Event::ClientCreated {
                    tags,
                    registered_hosts: hosts,
                    name,
                };
                let by = By::permission(Permission::Administer);
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                Ok(id)
            })
        })
        .await
}

/// Names who approves for a client.
pub(super) async fn set_contacts(
    engine: &Engine,
    caller: &Caller,
    id: ClientId,
    contacts: Vec<PersonId>,
) -> Result<(), ApiError> {
    let who = Who::caller(caller);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let client = client(&scope, id).await?;
                let chosen = scope
                    .find::<person::Entity>()
                    .filter(person::Column::Id.is_in(contacts.iter().copied()));
                let chosen = chosen.order_by_asc(person::Column::Name).all(scope.conn).await?;
                for p in &chosen {
                    if !p
                        .roles
                        .parse::<Roles>()
                        .map_err(Failure::stored)?
                        .0
                        .contains(&Role::Approver)
                    {
                        let message = format!("{} does not hold the role approver.", p.name);
                        return Err(ApiError::invalid(Field::Contact, message).into());
                    }
                }
                scope
                    .delete::<contact::Entity>()
                    .filter(contact::Column::ClientId.eq(id))
                    .exec(scope.conn)
                    .await?;
                for p in &chosen {
                    let row = contact::Model {
                        org_id: scope.org(),
                        client_id: id,
                        person_id: p.id,
                    };
                    scope.insert::<contact::Entity, _>(row).await?;
                }
                let target = Target::new("client", Named::new(id, client.name));
                let event = Event::ContactsChanged {
                    contacts: chosen.into_iter().map(|p| p.name).collect(),
                };
                let by = By::permission(Permission::Administer);
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                Ok(())
            })
        })
        .await
}
