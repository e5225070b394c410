//! Reviewing, making and revoking shares.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use audit::bundle::{PIN_VERSION, Pin};
use domain::api::{ApiError, Conflict, Field, NewShare, ShareReview, ShareRow};
use domain::digest::Digest;
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::{SessionId, ShareId};
use domain::roles::{Caller, Permission};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, QueryFilter, QueryOrder};

use super::{bundle, passcode};
use crate::access;
use crate::deps::hash_secret;
use crate::engine::Engine;
use crate::error::Failure;
use crate::sessions;
use crate::store::entity::share;
use crate::store::event_log::{self, as_i64, as_u64};
use crate::store::scope::OrgScope;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How many days a link may work.
const DAYS: RangeInclusive<u32> = 1..=3660;

fn row(s: share::Model, replaced: bool, now: Timestamp) -> ShareRow {
    ShareRow {
        version: version(&s),
        replaced,
        withheld: bundle::withheld(&s),
        passcode: s.passcode.is_some(),
        expired: s.expires_at.is_some_and(|at| at <= now),
        id: s.id,
        session: s.session_id,
        made_by: s.made_by,
        made_at: s.made_at,
        size: as_u64(s.size),
        views: as_u64(s.views),
        revoked_at: s.revoked_at,
        expires: s.expires_at,
        link: None,
    }
}

async fn of_session(
    scope: &OrgScope<'_, DatabaseConnection>,
    id: SessionId,
    now: Timestamp,
) -> Result<Vec<ShareRow>, Failure> {
    let of = scope
        .find::<share::Entity>()
        .filter(share::Column::SessionId.eq(id))
        .order_by_desc(share::Column::MadeAt);
    let all = of.all(scope.conn).await?;
    let replaced: BTreeSet<ShareId> = all.iter().filter_map(|s| s.replaces).collect();
    let row = |s: share::Model| {
        let replaced = replaced.contains(&s.id);
        row(s, replaced, now)
    };
    Ok(all.into_iter().map(row).collect())
}

/// Which version a share is; CHECK keeps it above 0, and nothing makes as many as don't fit.
pub(super) fn version(s: &share::Model) -> u32 {
    u32::try_from(s.version).unwrap_or(u32::MAX)
}

/// The version that follows `older`, a share of the same session that was not revoked and has none yet.
async fn following<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    session: SessionId,
    older: ShareId,
) -> Result<u32, Failure> {
    let found = scope.find::<share::Entity>().filter(share::Column::Id.eq(older));
    let found = found
        .filter(share::Column::SessionId.eq(session))
        .one(scope.conn)
        .await?;
    let older = found.ok_or(ApiError::NotFound)?;
    if older.revoked_at.is_some() {
        return Err(ApiError::LinkSpent.into());
    }
    if newer(scope, older.id).await?.is_some() {
        return Err(ApiError::Conflict(Conflict::ShareReplaced).into());
    }
    Ok(version(&older).saturating_add(1))
}

/// The share that is the next version of this one.
pub(super) async fn newer<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    of: ShareId,
) -> Result<Option<share::Model>, Failure> {
    let next = scope.find::<share::Entity>().filter(share::Column::Replaces.eq(of));
    Ok(next.one(scope.conn).await?)
}

/// The transcript as a share would show it.
pub(super) async fn review(engine: &Engine, caller: &Caller, id: SessionId) -> Result<ShareReview, Failure> {
    let (session, _) = sessions::read(engine, caller, id).await?;
    let scope = engine.scope(caller.org);
    let findings = session.actions.iter().flat_map(|a| a.findings.values()).sum();
    Ok(ShareReview {
        leaves: event_log::session_size(&scope, id).await?,
        findings,
        shares: of_session(&scope, id, engine.now()).await?,
        session,
    })
}

/// Makes a share: the log's size and root at this moment are pinned in the link, with the key's hash.
pub(super) async fn create(engine: &Engine, caller: &Caller, new: NewShare) -> Result<ShareRow, ApiError> {
    let NewShare {
        session: id,
        reviewed,
        days,
        withheld,
        passcode,
        replaces,
    } = new;
    if !reviewed {
        let message = "Read the transcript first and confirm that it may be shown to others.";
        return Err(ApiError::invalid(Field::Other, message));
    }
    if days.is_some_and(|days| !DAYS.contains(&days)) {
        return Err(ApiError::invalid(
            Field::Expires,
            "A link works for 1 to 3,660 days, or until it is revoked.",
        ));
    }
    let passcode = passcode::hashed(engine, passcode).await?;
    let key_hash = engine.0.keys.log_vkey(caller.org).fingerprint();
    let (who, caller) = (Who::caller(caller), caller.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let session = access::readable_session(&u.scope().await?, &caller, id).await?;
                if session.closed_at.is_none() {
                    let message =
                        "The session is still open. Share it once it is closed, so that the transcript is whole.";
                    return Err(ApiError::invalid(Field::Other, message).into());
                }
                let version = match replaces {
                    Some(older) => following(&u.scope().await?, id, older).await?,
                    None => 1,
                };
                let leaves = u.session_leaves(id).await?;
                // Pinned is what a signed checkpoint covers: what this very batch appended has none before it commits.
                let signed = u.signed_head().await?;
                let (share_id, token, made_at) = (ShareId(u.deps().uuid()), u.deps().secret(), u.now());
                let target = Target::new(
                    "share",
                    Named::new(
                        share_id,
                        format!("share of the {}", sessions::target(&session).object.name),
                    ),
                );
                let target = target.on(
                    crate::actions::store::endpoint(&session),
                    crate::actions::store::client(&session),
                );
                let expires_at = days.map(|days| made_at.plus(DAY * days));
                let event = Event::ShareCreated {
                    size: signed.0,
                    root: signed.1,
                    leaves,
                    reviewed,
                    expires: expires_at,
                    withheld,
                    passcode: passcode.is_some(),
                    version,
                    replaces,
                };
                let refs = Refs::NONE.share(share_id);
                u.record(
                    who,
                    target,
                    EventOutcome::Success,
                    By::permission(Permission::Share),
                    refs,
                    event,
                )
                .await?;
                let scope = u.scope().await?;
                let stored = share::Model {
                    org_id: scope.org(),
                    id: share_id,
                    token_hash: hash_secret(&token),
                    session_id: id,
                    made_by: caller.name,
                    made_at,
                    size: as_i64(signed.0),
                    root: signed.1.as_bytes().to_vec(),
                    views: 0,
                    revoked_at: None,
                    expires_at,
                    withheld: withheld.word().to_owned(),
                    passcode,
                    failures: 0,
                    last_failure: Timestamp(0),
                    version: i64::from(version),
                    replaces,
                };
                scope.insert::<share::Entity, _>(stored.clone()).await?;
                let pin = pin(signed, key_hash);
                Ok(ShareRow {
                    link: Some(format!("/s/{token}#{pin}")),
                    ..row(stored, false, made_at)
                })
            })
        })
        .await
}

fn pin((size, root): (u64, Digest), key_hash: Digest) -> Pin {
    Pin {
        version: PIN_VERSION,
        size,
        root,
        key_hash,
    }
}

/// Revokes a share.
pub(super) async fn revoke(engine: &Engine, caller: &Caller, id: ShareId) -> Result<(), ApiError> {
    let who = Who::caller(caller);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let found = scope
                    .find::<share::Entity>()
                    .filter(share::Column::Id.eq(id))
                    .one(scope.conn)
                    .await?;
                let stored = found.ok_or(ApiError::NotFound)?;
                let live = scope.update::<share::Entity>().filter(share::Column::Id.eq(id));
                let live = live.filter(share::Column::RevokedAt.is_null());
                let revoked = live
                    .col_expr(share::Column::RevokedAt, Expr::value(now))
                    .exec(scope.conn)
                    .await?;
                if revoked.rows_affected != 1 {
                    return Err(ApiError::Conflict(Conflict::AlreadyDecided).into());
                }
                let target = Target::new("share", Named::new(id, "share"));
                let event = Event::ShareRevoked {
                    views: as_u64(stored.views),
                };
                let by = By::permission(Permission::Share);
                u.record(who, target, EventOutcome::Success, by, Refs::NONE.share(id), event)
                    .await?;
                Ok(())
            })
        })
        .await
}
