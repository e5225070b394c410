//! Enrolment tokens: making, listing, stopping and replacing them. Stored is a hash; the token itself is given out once.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::api::{ApiError, Conflict, Field, NewToken, TokenRow, TokenSpec};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::{ClientId, TokenId};
use domain::roles::{Caller, Permission};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

use super::clients::client;
use crate::deps::hash_secret;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{self, enrolment_token};
use crate::store::ledger::Unit;
use crate::store::scope::OrgScope;

const USES: std::ops::RangeInclusive<u32> = 1..=10_000;

/// Ten minutes to 90 days.
const MINUTES: std::ops::RangeInclusive<u32> = 10..=90 * 24 * 60;

/// Makes a token.
pub(super) async fn create(engine: &Engine, caller: &Caller, spec: TokenSpec) -> Result<NewToken, ApiError> {
    let spec = checked(spec)?;
    let (who, made_by) = (Who::caller(caller), caller.name.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let expires_at = u.now().plus(Duration::from_secs(u64::from(spec.minutes) * 60));
                let row = enrolment_token::Model {
                    org_id: u.scope().await?.org(),
                    id: TokenId(u.deps().uuid()),
                    hash: String::new(),
                    client_id: spec.client,
                    hostname: spec.hostname,
                    uses: i64::from(spec.uses),
                    used: 0,
                    confirmation: spec.confirmation,
                    made_by,
                    made_at: u.now(),
                    expires_at,
                    revoked_at: None,
                };
                make(u, who, row, None).await
            })
        })
        .await
}

/// The tokens that can still be used.
pub(super) async fn live(engine: &Engine, caller: &Caller) -> Result<Vec<TokenRow>, Failure> {
    let scope = engine.scope(caller.org);
    let clients = scope.find::<entity::client::Entity>().all(scope.conn).await?;
    let names: BTreeMap<ClientId, String> = clients.into_iter().map(|c| (c.id, c.name)).collect();
    let rows = usable(&scope, engine.now()).order_by_desc(enrolment_token::Column::MadeAt);
    let rows = rows.all(scope.conn).await?;
    let row = |t: enrolment_token::Model| TokenRow {
        id: t.id,
        client: t
            .client_id
            .map(|id| Named::new(id, names.get(&id).cloned().unwrap_or_default())),
        hostname: t.hostname,
        uses: number(t.uses),
        used: number(t.used),
        confirmation: t.confirmation,
        made_by: t.made_by,
        made_at: t.made_at,
        expires: t.expires_at,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Stops a token at once.
pub(super) async fn revoke(engine: &Engine, caller: &Caller, id: TokenId) -> Result<(), ApiError> {
    let who = Who::caller(caller);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move { stop(u, who, id, false).await.map(|_| ()) })
        })
        .await
}

/// Stops a token at once and makes one like it, for as many machines as were left and as long again.
pub(super) async fn rotate(engine: &Engine, caller: &Caller, id: TokenId) -> Result<NewToken, ApiError> {
    let (who, made_by) = (Who::caller(caller), caller.name.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let old = stop(u, who.clone(), id, true).await?;
                let now = u.now();
                let row = enrolment_token::Model {
                    id: TokenId(u.deps().uuid()),
                    uses: old.uses - old.used,
                    used: 0,
                    made_by,
                    made_at: now,
                    expires_at: now.plus(old.expires_at.since(old.made_at)),
                    revoked_at: None,
                    ..old
                };
                make(u, who, row, Some(id)).await
            })
        })
        .await
}

fn checked(spec: TokenSpec) -> Result<TokenSpec, ApiError> {
    if !USES.contains(&spec.uses) {
        return Err(ApiError::invalid(Field::Uses, "A token is for 1 to 10,000 machines."));
    }
    if !MINUTES.contains(&spec.minutes) {
        let message = "A token can be used for 10 minutes at least and 90 days at most.";
        return Err(ApiError::invalid(Field::Expires, message));
    }
    let hostname = spec.hostname.map(|h| h.trim().to_owned()).filter(|h| !h.is_empty());
    if let Some(name) = &hostname {
        if name.len() > 100 || !name.bytes().all(|b| b.is_ascii_graphic()) {
            let message = "A host name has at most 100 letters, digits and hyphens, and no spaces.";
            return Err(ApiError::invalid(Field::Host, message));
        }
        if spec.uses != 1 {
            return Err(ApiError::invalid(
                Field::Uses,
                "A token for one named machine is for one use.",
            ));
        }
    }
    Ok(TokenSpec {
        hostname,
        // Who confirms a machine says whose it is.
        confirmation: spec.confirmation || spec.client.is_none(),
        ..spec
    })
}

/// Inserts the row with a new secret's hash, records it, and gives the secret.
async fn make(
    u: &mut Unit,
    who: Who,
    row: enrolment_token::Model,
    replaces: Option<TokenId>,
) -> Result<NewToken, Failure> {
    let token = u.deps().secret();
    let made = NewToken {
        id: row.id,
        expires: row.expires_at,
        token,
    };
    let event = Event::TokenCreated {
        token: row.id,
        expires: row.expires_at,
        uses: number(row.uses),
        hostname: row.hostname.clone(),
        confirmation: row.confirmation,
        replaces,
    };
    let scope = u.scope().await?;
    let target = target(&scope, &row).await?;
    let row = enrolment_token::Model {
        hash: hash_secret(&made.token),
        ..row
    };
    scope.insert::<enrolment_token::Entity, _>(row).await?;
    let by = By::permission(Permission::Administer);
    u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
        .await?;
    Ok(made)
}

/// Stops a token that can still be used; gives it as it was.
async fn stop(u: &mut Unit, who: Who, id: TokenId, replaced: bool) -> Result<enrolment_token::Model, Failure> {
    let now = u.now();
    let scope = u.scope().await?;
    let known = scope
        .find::<enrolment_token::Entity>()
        .filter(enrolment_token::Column::Id.eq(id));
    if known.one(scope.conn).await?.is_none() {
        return Err(ApiError::NotFound.into());
    }
    let live = usable(&scope, now).filter(enrolment_token::Column::Id.eq(id));
    let Some(row) = live.one(scope.conn).await? else {
        return Err(ApiError::Conflict(Conflict::TokenEnded).into());
    };
    let stopped = scope
        .update::<enrolment_token::Entity>()
        .filter(enrolment_token::Column::Id.eq(id));
    stopped
        .col_expr(enrolment_token::Column::RevokedAt, Expr::value(now))
        .exec(scope.conn)
        .await?;
    let target = target(&scope, &row).await?;
    let event = Event::TokenRevoked {
        token: id,
        left: number(row.uses - row.used),
        replaced,
    };
    let by = By::permission(Permission::Administer);
    u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
        .await?;
    Ok(row)
}

fn usable<C: ConnectionTrait>(scope: &OrgScope<'_, C>, now: Timestamp) -> sea_orm::Select<enrolment_token::Entity> {
    scope
        .find::<enrolment_token::Entity>()
        .filter(enrolment_token::Column::RevokedAt.is_null())
        .filter(enrolment_token::Column::ExpiresAt.gt(now))
        .filter(Expr::col(enrolment_token::Column::Used).lt(Expr::col(enrolment_token::Column::Uses)))
}

/// The client whose machines it is for, or the token itself.
async fn target<C: ConnectionTrait>(scope: &OrgScope<'_, C>, row: &enrolment_token::Model) -> Result<Target, Failure> {
    Ok(match row.client_id {
        Some(id) => Target::new("client", Named::new(id, client(scope, id).await?.name)),
        None => Target::new("enrolment token", Named::new(row.id, "for any client")),
    })
}

/// A stored count; the database holds no other.
fn number(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or_default()
}
