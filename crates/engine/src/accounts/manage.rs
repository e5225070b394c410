//! The people of an org: listing, inviting, changing roles.

use std::collections::BTreeMap;

use domain::api::{ApiError, Conflict, Field, Invitation, NewLink, PersonRow};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::PersonId;
use domain::roles::{Caller, Permission, Role, Roles};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::links;
use crate::engine::Engine;
use crate::error::Failure;
use crate::people::{self, LOCAL};
use crate::store::entity::{client, contact, person};
use crate::store::entrance;
use crate::store::ledger::Unit;
use crate::text;

/// The people of the org, by name.
pub(super) async fn people(engine: &Engine, caller: &Caller) -> Result<Vec<PersonRow>, ApiError> {
    engine.require(caller, &[Permission::Administer]).await?;
    engine.answer(rows(engine, caller).await)
}

async fn rows(engine: &Engine, caller: &Caller) -> Result<Vec<PersonRow>, Failure> {
    let scope = engine.scope(caller.org);
    let clients: BTreeMap<_, _> = scope
        .find::<client::Entity>()
        .all(scope.conn)
        .await?
        .into_iter()
        .map(|c| (c.id, c.name))
        .collect();
    let mut contact_for: BTreeMap<PersonId, Vec<String>> = BTreeMap::new();
    for c in scope.find::<contact::Entity>().all(scope.conn).await? {
        contact_for
            .entry(c.person_id)
            .or_default()
            .extend(clients.get(&c.client_id).cloned());
    }
    let people = scope
        .find::<person::Entity>()
        .order_by_asc(person::Column::Name)
        .all(scope.conn)
        .await?;
    people
        .into_iter()
        .map(|p| {
            Ok(PersonRow {
                id: p.id,
                name: p.name,
                email: p.subject,
                roles: p.roles.parse().map_err(Failure::stored)?,
                active: p.password_hash.is_some(),
                contact_for: contact_for.remove(&p.id).unwrap_or_default(),
                last_sign_in: p.last_sign_in,
            })
        })
        .collect()
}

/// Adds a person, in a unit of work, and makes their one-time link.
pub(super) async fn add(u: &mut Unit, who: Who, by: By, invitation: Invitation) -> Result<NewLink, Failure> {
    let name = invitation.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(ApiError::invalid(Field::Name, "Give a name of 1 to 100 characters.").into());
    }
    let Some(subject) = people::address(&invitation.email) else {
        return Err(ApiError::invalid(Field::Email, "Give an e-mail address, such as ana@example.com.").into());
    };
    if invitation.roles.0.is_empty() {
        return Err(ApiError::invalid(Field::Roles, "Choose at least one role.").into());
    }
    if entrance::person(u.connection(), LOCAL, &subject).await?.is_some() {
        return Err(ApiError::invalid(Field::Email, "Somebody with that address has an account already.").into());
    }
    let (id, now) = (PersonId(u.deps().uuid()), u.now());
    let scope = u.scope().await?;
    let row = person::Model {
        org_id: scope.org(),
        id,
        issuer: LOCAL.into(),
        subject: subject.clone(),
        name: name.clone(),
        roles: invitation.roles.to_string(),
        password_hash: None,
        failures: 0,
        last_failure: domain::timestamp::Timestamp(0),
        last_sign_in: None,
        created_at: now,
    };
    scope.insert::<person::Entity, _>(row).await?;
    let target = Target::new("person", Named::new(id, name.clone()));
    let event = Event::PersonInvited {
        roles: invitation.roles.to_string(),
        name,
        email: mask(&subject),
    };
    u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
        .await?;
    links::create(u, id).await
}

/// The record keeps who was invited without keeping the address: first letter and domain.
fn mask(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => format!("{}…@{domain}", local.chars().next().unwrap_or('?')),
        None => String::new(),
    }
}

/// Adds a person.
pub(super) async fn invite(engine: &Engine, caller: &Caller, invitation: Invitation) -> Result<NewLink, ApiError> {
    engine.require(caller, &[Permission::Administer]).await?;
    text::nothing_sensitive(&redact::Settings::default(), &invitation.name)?;
    let who = Who::caller(caller);
    let by = By::permission(Permission::Administer);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move { add(u, who, by, invitation).await })
        })
        .await
}

/// Sets a person's roles. Nobody takes the role admin from themselves, so that an org always has one.
pub(super) async fn set_roles(engine: &Engine, caller: &Caller, id: PersonId, roles: Roles) -> Result<(), ApiError> {
    engine.require(caller, &[Permission::Administer]).await?;
    if id == caller.person && !roles.0.contains(&Role::Admin) {
        return Err(ApiError::invalid(
            Field::Roles,
            "You can't take the role admin from yourself. Another admin can.",
        ));
    }
    let who = Who::caller(caller);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let found = scope
                    .find::<person::Entity>()
                    .filter(person::Column::Id.eq(id))
                    .one(scope.conn)
                    .await?;
                let before = found.ok_or(ApiError::NotFound)?;
                let same = scope.update::<person::Entity>().filter(person::Column::Id.eq(id));
                let same = same.filter(person::Column::Roles.eq(before.roles.clone()));
                let changed = same
                    .col_expr(person::Column::Roles, Expr::value(roles.to_string()))
                    .exec(scope.conn)
                    .await?;
                if changed.rows_affected != 1 {
                    return Err(ApiError::Conflict(Conflict::Taken).into());
                }
                let target = Target::new("person", Named::new(id, before.name));
                let event = Event::PersonChanged {
                    before: before.roles,
                    after: roles.to_string(),
                };
                let by = By::permission(Permission::Administer);
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                Ok(())
            })
        })
        .await
}
