//! Grants: which one covers a command, using one, showing one, revoking one.

use domain::action::Command;
use domain::api::{ApiError, Conflict, GrantView};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::{GrantId, SessionId};
use domain::roles::{Caller, Permission};
use domain::timestamp::Timestamp;
use gate::scope::Scope;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

use crate::access;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{access_grant, session};
use crate::store::ledger::Unit;
use crate::store::scope::OrgScope;

/// A live grant of the session that covers the command.
pub(crate) async fn covering<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    session: SessionId,
    command: &Command,
    now: Timestamp,
) -> Result<Option<access_grant::Model>, Failure> {
    let of = scope
        .find::<access_grant::Entity>()
        .filter(access_grant::Column::SessionId.eq(session));
    for grant in of.order_by_asc(access_grant::Column::GivenAt).all(scope.conn).await? {
        let covers: Scope = grant.scope.parse().map_err(Failure::stored)?;
        if state(&grant, now) == "active" && covers.covers(command).is_ok() {
            return Ok(Some(grant));
        }
    }
    Ok(None)
}

fn state(g: &access_grant::Model, now: Timestamp) -> &'static str {
    match g.ended.as_deref() {
        Some("revoked") => "revoked",
        Some(_) => "ended",
        None if g.until <= now => "expired",
        None if g.used >= g.uses => "exhausted",
        None => "active",
    }
}

/// Counts one use, as long as nobody else used or ended it since it was read.
pub(crate) async fn use_once(u: &mut Unit, grant: &access_grant::Model) -> Result<(), Failure> {
    let scope = u.scope().await?;
    let same = scope
        .update::<access_grant::Entity>()
        .filter(access_grant::Column::Id.eq(grant.id));
    let same = same
        .filter(access_grant::Column::Used.eq(grant.used))
        .filter(access_grant::Column::Ended.is_null());
    let used = same
        .col_expr(access_grant::Column::Used, Expr::value(grant.used + 1))
        .exec(scope.conn)
        .await?;
    if used.rows_affected == 1 {
        Ok(())
    } else {
        Err(ApiError::Conflict(Conflict::AlreadyDecided).into())
    }
}

/// A grant as it is shown.
pub(crate) fn view(g: &access_grant::Model, now: Timestamp) -> GrantView {
    GrantView {
        id: g.id,
        request: g.request_id,
        scope: g.scope.clone(),
        given_by: g.given_by_name.clone(),
        given_at: g.given_at,
        until: g.until,
        state: state(g, now).to_owned(),
        used: u32::try_from(g.used).unwrap_or(u32::MAX),
        uses: u32::try_from(g.uses).unwrap_or(u32::MAX),
    }
}

/// The grants of a session, newest first.
pub(crate) async fn of_session<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    session: SessionId,
    now: Timestamp,
) -> Result<Vec<GrantView>, Failure> {
    let of = scope
        .find::<access_grant::Entity>()
        .filter(access_grant::Column::SessionId.eq(session));
    let newest = of.order_by_desc(access_grant::Column::GivenAt).all(scope.conn).await?;
    Ok(newest.iter().map(|g| view(g, now)).collect())
}

/// Ends what is live of a session's grants, when it is closed.
pub(crate) async fn end_all(u: &mut Unit, session: SessionId) -> Result<(), Failure> {
    let scope = u.scope().await?;
    let live = scope
        .update::<access_grant::Entity>()
        .filter(access_grant::Column::SessionId.eq(session));
    let live = live.filter(access_grant::Column::Ended.is_null());
    live.col_expr(access_grant::Column::Ended, Expr::value("session_closed"))
        .exec(scope.conn)
        .await?;
    Ok(())
}

/// Revokes a live grant: any contact of the client, and the technician themselves, may.
pub(super) async fn revoke(engine: &Engine, caller: &Caller, id: GrantId) -> Result<(), ApiError> {
    let (who, caller) = (Who::caller(caller), caller.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let found = scope
                    .find::<access_grant::Entity>()
                    .filter(access_grant::Column::Id.eq(id))
                    .one(scope.conn)
                    .await?;
                let grant = found.ok_or(ApiError::NotFound)?;
                let of = scope
                    .find::<session::Entity>()
                    .filter(session::Column::Id.eq(grant.session_id))
                    .one(scope.conn)
                    .await?;
                let session = of.ok_or(ApiError::NotFound)?;
                let contact = access::clients_of(&scope, &caller).await?.contains(&session.client_id);
                let permission = match () {
                    () if contact => Permission::Approve,
                    () if session.technician_id == caller.person => Permission::Initiate,
                    () => return Err(ApiError::NotFound.into()),
                };
                if state(&grant, now) != "active" {
                    return Err(ApiError::Conflict(Conflict::AlreadyDecided).into());
                }
                let live = scope
                    .update::<access_grant::Entity>()
                    .filter(access_grant::Column::Id.eq(id));
                let live = live.filter(access_grant::Column::Ended.is_null());
                live.col_expr(access_grant::Column::Ended, Expr::value("revoked"))
                    .exec(scope.conn)
                    .await?;
                let target = Target::new("grant", Named::new(id, &*grant.scope));
                let target = target.on(
                    crate::actions::store::endpoint(&session),
                    crate::actions::store::client(&session),
                );
                let refs = Refs::session(session.id).request(grant.request_id);
                let event = Event::GrantRevoked {
                    grant: id,
                    scope: grant.scope,
                };
                u.record(
                    who,
                    target,
                    EventOutcome::Success,
                    By::permission(permission),
                    refs,
                    event,
                )
                .await?;
                Ok(())
            })
        })
        .await
}
