//! One-time links: the first admin's and every invitation's.

use std::time::Duration;

use domain::api::{ApiError, Field, NewLink, NewWebSession, SetPassword};
use domain::ids::PersonId;
use domain::roles::Authentication;
use domain::sensitive::Raw;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use super::sign_in::begin;
use crate::deps::hash_secret;
use crate::engine::Engine;
use crate::error::Failure;
use crate::people;
use crate::store::entity::{one_time_link, person};
use crate::store::entrance;
use crate::store::ledger::Unit;

/// How long a link can be used.
const GOOD_FOR: Duration = Duration::from_secs(3 * 24 * 3600);
/// The least length of a password, in characters (NIST SP 800-63B revision 4 asks for at least 8 beside a second factor and
/// 15 alone; 12 with a lock-out is what PCI DSS v4.0.1 8.3.6 asks for).
const PASSWORD_LEAST: usize = 12;
/// The most, so that hashing can't be made to work for long.
const PASSWORD_MOST: usize = 256;

/// Makes a link for `person`, in the unit of work that adds them.
pub(super) async fn create(u: &mut Unit, person: PersonId) -> Result<NewLink, Failure> {
    let (secret, expires) = (u.deps().secret(), u.now().plus(GOOD_FOR));
    let scope = u.scope().await?;
    let row = one_time_link::Model {
        hash: hash_secret(&secret),
        org_id: scope.org(),
        person_id: person,
        expires_at: expires,
        used_at: None,
    };
    scope.insert::<one_time_link::Entity, _>(row).await?;
    Ok(NewLink {
        path: format!("/welcome/{secret}"),
        expires,
    })
}

/// Whose link it is, while it can be used.
pub(super) async fn owner(engine: &Engine, link: &str) -> Result<String, ApiError> {
    engine.answer(find(engine, link).await).map(|(_, p)| p.name)
}

async fn find(engine: &Engine, link: &str) -> Result<(one_time_link::Model, person::Model), Failure> {
    let found = entrance::one_time_link(&engine.0.read, &hash_secret(link)).await?;
    let usable = found.filter(|l| l.used_at.is_none() && l.expires_at > engine.now());
    let link = usable.ok_or(ApiError::LinkSpent)?;
    let scope = engine.scope(link.org_id);
    let person = scope
        .find::<person::Entity>()
        .filter(person::Column::Id.eq(link.person_id))
        .one(scope.conn)
        .await?;
    Ok((link, person.ok_or(ApiError::LinkSpent)?))
}

/// Sets the password and signs in. The link is used up in the same transaction, so that of two it serves one.
pub(super) async fn redeem(engine: &Engine, with: SetPassword) -> Result<NewWebSession, ApiError> {
    let SetPassword { link, password, from } = with;
    let (link, person) = engine.answer(find(engine, &link.expose()).await)?;
    let password = password.expose();
    check(&password, &person)?;
    let hash = engine.answer(people::hash_password(&engine.0.deps, Raw::new(password)).await)?;
    engine
        .commit(link.org_id, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let unused = scope
                    .update::<one_time_link::Entity>()
                    .filter(one_time_link::Column::Hash.eq(link.hash));
                let unused = unused.filter(one_time_link::Column::UsedAt.is_null());
                let used = unused
                    .col_expr(one_time_link::Column::UsedAt, Expr::value(now))
                    .exec(scope.conn)
                    .await?;
                if used.rows_affected != 1 {
                    return Err(ApiError::LinkSpent.into());
                }
                let own = scope
                    .update::<person::Entity>()
                    .filter(person::Column::Id.eq(person.id));
                own.col_expr(person::Column::PasswordHash, Expr::value(hash))
                    .exec(scope.conn)
                    .await?;
                begin(u, &person, Authentication::OneTimeLink, from).await
            })
        })
        .await
}

fn check(password: &str, person: &person::Model) -> Result<(), ApiError> {
    let length = password.chars().count();
    if length < PASSWORD_LEAST {
        let message = format!("Use at least {PASSWORD_LEAST} characters. A few words in a row are easy to remember.");
        return Err(ApiError::invalid(Field::Password, message));
    }
    if length > PASSWORD_MOST {
        return Err(ApiError::invalid(
            Field::Password,
            format!("Use at most {PASSWORD_MOST} characters."),
        ));
    }
    let lower = password.to_lowercase();
    let guessable = lower == person.subject || lower == person.name.to_lowercase();
    let first = lower.chars().next();
    if guessable || lower.chars().all(|c| Some(c) == first) {
        return Err(ApiError::invalid(
            Field::Password,
            "That is too easy to guess. Use a few words in a row.",
        ));
    }
    Ok(())
}
