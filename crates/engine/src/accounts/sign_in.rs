//! Signing in with a local account, resuming from a cookie, signing out.

use std::time::Duration;

use domain::api::{ApiError, NewWebSession, SignIn};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::roles::{Authentication, Caller, Roles};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::deps::hash_secret;
use crate::engine::Engine;
use crate::error::Failure;
use crate::people::{self, LOCAL};
use crate::store::entity::{person, web_session};
use crate::store::entrance;
use crate::store::ledger::Unit;

/// How long a web session lasts.
const WEB_SESSION: Duration = Duration::from_secs(12 * 3600);
/// After this many failures in a row …
const FAILURES: i64 = 10;
/// … nothing is tried for this long (NIST SP 800-63B section 5.2.2 asks for throttling well below 100 tries).
const LOCK: Duration = Duration::from_secs(10 * 60);

/// Checks a password and makes a web session.
pub(super) async fn sign_in(engine: &Engine, with: SignIn) -> Result<NewWebSession, ApiError> {
    let SignIn { email, password, from } = with;
    let address = people::address(&email).unwrap_or_default();
    let found = engine.answer(
        entrance::person(&engine.0.read, LOCAL, &address)
            .await
            .map_err(Failure::from),
    )?;
    let now = engine.now();
    if let Some(p) = &found
        && p.failures >= FAILURES
        && now.since(p.last_failure) < LOCK
    {
        let left = LOCK.saturating_sub(now.since(p.last_failure));
        failed(engine, p, from, "locked out").await?;
        return Err(ApiError::LockedOut {
            minutes: left.as_secs().div_ceil(60),
        });
    }
    let hash = found.as_ref().and_then(|p| p.password_hash.clone());
    let right = engine.answer(people::check_password(password, hash).await)?;
    match found {
        Some(p) if right => succeed(engine, p, from).await,
        Some(p) => {
            failed(engine, &p, from, "wrong password").await?;
            Err(ApiError::WrongCredentials)
        }
        // No account, so no org whose record it could be in.
        None => Err(ApiError::WrongCredentials),
    }
}

async fn failed(engine: &Engine, p: &person::Model, from: String, reason: &'static str) -> Result<(), ApiError> {
    let p = p.clone();
    engine
        .commit(p.org_id, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let row = scope.update::<person::Entity>().filter(person::Column::Id.eq(p.id));
                let row = row.col_expr(person::Column::Failures, Expr::col(person::Column::Failures).add(1));
                row.col_expr(person::Column::LastFailure, Expr::value(now))
                    .exec(scope.conn)
                    .await?;
                let event = Event::SignInFailed {
                    method: Authentication::Password.word().into(),
                    reason: reason.into(),
                };
                let target = Target::new("person", Named::new(p.id, p.name));
                u.record(
                    Who::Anonymous { from },
                    target,
                    EventOutcome::Failure,
                    By::CREDENTIALS,
                    Refs::NONE,
                    event,
                )
                .await?;
                Ok(())
            })
        })
        .await
}

async fn succeed(engine: &Engine, p: person::Model, from: String) -> Result<NewWebSession, ApiError> {
    engine
        .commit(p.org_id, move |u| {
            Box::pin(async move { begin(u, &p, Authentication::Password, from).await })
        })
        .await
}

/// Makes a web session for `p`, in the unit of work of whatever proved who they are.
pub(super) async fn begin(
    u: &mut Unit,
    p: &person::Model,
    authentication: Authentication,
    from: String,
) -> Result<NewWebSession, Failure> {
    let (now, token) = (u.now(), u.deps().secret());
    let expires = now.plus(WEB_SESSION);
    let row = web_session::Model {
        hash: hash_secret(&token),
        org_id: p.org_id,
        person_id: p.id,
        authentication: authentication.word().into(),
        authenticated_at: now,
        expires_at: expires,
        ended_at: None,
    };
    let scope = u.scope().await?;
    scope.insert::<web_session::Entity, _>(row).await?;
    let own = scope.update::<person::Entity>().filter(person::Column::Id.eq(p.id));
    let own = own.col_expr(person::Column::Failures, Expr::value(0));
    own.col_expr(person::Column::LastSignIn, Expr::value(now))
        .exec(scope.conn)
        .await?;
    let who = Who::Person {
        id: p.id,
        name: p.name.clone(),
        role: p.roles.clone(),
        authentication: authentication.word().into(),
        from,
    };
    let target = Target::new("person", Named::new(p.id, &*p.name));
    let event = Event::SignedIn {
        method: authentication.word().into(),
    };
    u.record(who, target, EventOutcome::Success, By::CREDENTIALS, Refs::NONE, event)
        .await?;
    Ok(NewWebSession { token, expires })
}

/// The caller behind a cookie's value: roles and name as they are now, so that a change takes effect at once.
pub(super) async fn resume(engine: &Engine, token: &str, from: &str) -> Result<Option<Caller>, ApiError> {
    engine.answer(find_caller(engine, token, from, engine.now()).await)
}

async fn find_caller(engine: &Engine, token: &str, from: &str, now: Timestamp) -> Result<Option<Caller>, Failure> {
    let found = entrance::web_session(&engine.0.read, &hash_secret(token)).await?;
    let Some(s) = found.filter(|s| s.ended_at.is_none() && s.expires_at > now) else {
        return Ok(None);
    };
    let scope = engine.scope(s.org_id);
    let person = scope
        .find::<person::Entity>()
        .filter(person::Column::Id.eq(s.person_id))
        .one(scope.conn)
        .await?;
    let Some(p) = person else { return Ok(None) };
    let authentication = match s.authentication.as_str() {
        "one-time link" => Authentication::OneTimeLink,
        _ => Authentication::Password,
    };
    Ok(Some(Caller {
        org: s.org_id,
        person: p.id,
        name: p.name,
        roles: p.roles.parse::<Roles>().map_err(Failure::stored)?,
        authentication,
        authenticated_at: s.authenticated_at,
        from: from.to_owned(),
    }))
}

/// Ends the web session.
pub(super) async fn sign_out(engine: &Engine, caller: &Caller, token: &str) -> Result<(), ApiError> {
    let (who, hash, person) = (Who::caller(caller), hash_secret(token), caller.person);
    let target = Target::new("person", Named::new(caller.person, &*caller.name));
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let row = scope
                    .update::<web_session::Entity>()
                    .filter(web_session::Column::Hash.eq(hash));
                let row = row.filter(web_session::Column::PersonId.eq(person));
                row.col_expr(web_session::Column::EndedAt, Expr::value(now))
                    .exec(scope.conn)
                    .await?;
                let event = Event::SignedOut { everywhere: false };
                u.record(who, target, EventOutcome::Success, By::SIGNED_IN, Refs::NONE, event)
                    .await?;
                Ok(())
            })
        })
        .await
}
