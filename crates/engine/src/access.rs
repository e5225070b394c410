//! Who may see and do what, beyond a role's permission: own sessions, own clients. What the caller may not know to exist is
//! `NotFound`.

use domain::api::ApiError;
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::{ClientId, PersonId, SessionId};
use domain::roles::{Caller, Permission, Role, Roles};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use crate::engine::Engine;
use crate::error::Failure;
use crate::sessions;
use crate::store::entity::{contact, person, session};
use crate::store::scope::OrgScope;

/// Somebody who may decide for a client.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) id: PersonId,
    pub(crate) name: String,
}

/// The client's contacts who hold the role approver now, by name.
pub(crate) async fn contacts<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    client: ClientId,
) -> Result<Vec<Contact>, Failure> {
    let of = scope
        .find::<contact::Entity>()
        .filter(contact::Column::ClientId.eq(client))
        .all(scope.conn)
        .await?;
    let ids = of.iter().map(|c| c.person_id);
    let people = scope
        .find::<person::Entity>()
        .filter(person::Column::Id.is_in(ids))
        .all(scope.conn)
        .await?;
    let mut contacts: Vec<Contact> = Vec::new();
    for p in people {
        if p.roles
            .parse::<Roles>()
            .map_err(Failure::stored)?
            .0
            .contains(&Role::Approver)
        {
            contacts.push(Contact { id: p.id, name: p.name });
        }
    }
    contacts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(contacts)
}

/// The clients that the caller may decide for.
pub(crate) async fn clients_of<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    caller: &Caller,
) -> Result<Vec<ClientId>, Failure> {
    if !caller.may(Permission::Approve) {
        return Ok(vec![]);
    }
    let of = scope
        .find::<contact::Entity>()
        .filter(contact::Column::PersonId.eq(caller.person))
        .all(scope.conn)
        .await?;
    Ok(of.into_iter().map(|c| c.client_id).collect())
}

/// A session that the caller may read: its technician's, any with `audit`, one of a client whose contact they are.
pub(crate) async fn readable_session<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    caller: &Caller,
    id: SessionId,
) -> Result<session::Model, Failure> {
    let session = sessions::load(scope, id).await?;
    let own = session.technician_id == caller.person && caller.may(Permission::Initiate);
    if own || caller.may(Permission::Audit) || caller.may(Permission::Share) {
        return Ok(session);
    }
    if clients_of(scope, caller).await?.contains(&session.client_id) {
        return Ok(session);
    }
    Err(ApiError::NotFound.into())
}

/// A session that the caller may act in: they opened it and still are technicians.
pub(crate) async fn own_session<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    caller: &Caller,
    id: SessionId,
) -> Result<session::Model, Failure> {
    let session = readable_session(scope, caller, id).await?;
    if session.technician_id != caller.person || !caller.may(Permission::Initiate) {
        return Err(ApiError::Forbidden {
            needs: Permission::Initiate,
        }
        .into());
    }
    Ok(session)
}

impl Engine {
    /// Refuses, and records that it refused, where the caller holds none of `any`.
    pub(crate) async fn require(&self, caller: &Caller, any: &[Permission]) -> Result<(), ApiError> {
        if any.iter().any(|p| caller.may(*p)) {
            return Ok(());
        }
        let needs = any.first().copied().unwrap_or(Permission::Administer);
        let who = Who::caller(caller);
        let target = Target::new("permission", Named::new(needs.word(), needs.to_do()));
        self.commit(caller.org, move |u| {
            Box::pin(async move {
                let event = Event::AccessRefused {
                    permission: needs.word().into(),
                };
                u.record(who, target, EventOutcome::Refused, By::NONE, Refs::NONE, event)
                    .await
            })
        })
        .await?;
        Err(ApiError::Forbidden { needs })
    }
}
