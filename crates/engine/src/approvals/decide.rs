//! Deciding. Every way in which a decision is not valid is a recorded refusal; of two decisions one wins.

use std::time::Duration;

use domain::action::RefusalReason;
use domain::api::{ApiError, Conflict, Decision, Field, IncidentPlace, Ruling};
use domain::event::{By, Event, EventOutcome, Who};
use domain::ids::GrantId;
use domain::roles::{Caller, Permission, Role, Roles};
use domain::timestamp::Timestamp;
use gate::scope::Scope;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use super::view::{pending, refs, target};
use super::{end, list};
use crate::access;
use crate::actions::store;
use crate::dispatch::{self, Evidence};
use crate::endpoints::client;
use crate::engine::Engine;
use crate::error::Failure;
use crate::incidents;
use crate::redaction::written;
use crate::sessions;
use crate::store::entity::{access_grant, approval_request, person};
use crate::store::event_log::as_i64;
use crate::store::ledger::Unit;
use crate::store::scope::OrgScope;
use crate::text;

/// How long an approval of one action is good for: it is dispatched in the same transaction.
const ONE_TIME: Duration = Duration::from_secs(15 * 60);

/// Decides a request.
pub(super) async fn decide(engine: &Engine, caller: &Caller, decision: Decision) -> Result<(), ApiError> {
    let caller = caller.clone();
    let done = engine.commit(caller.org, move |u| {
        Box::pin(async move {
            let scope = u.scope().await?;
            let r = list::load(&scope, decision.request).await?;
            let now = u.now();
            if let Some(reason) = objection(&u.scope().await?, &caller, &r, &decision, now).await? {
                let tried = match &decision.ruling {
                    Ruling::Approve => "approve",
                    Ruling::Narrow { .. } => "narrow",
                    Ruling::Deny { .. } => "deny",
                };
                let event = Event::DecisionRefused {
                    reason,
                    tried: tried.into(),
                };
                u.record(
                    Who::caller(&caller),
                    target(&r),
                    EventOutcome::Refused,
                    By::NONE,
                    refs(&r),
                    event,
                )
                .await?;
                if reason == RefusalReason::Expired && pending(&r)? {
                    end::expired(u, &r).await?;
                }
                return Ok(Err(told(reason)));
            }
            match decision.ruling {
                Ruling::Approve => {
                    let whole = r.scope.clone();
                    allow(u, &caller, r, whole, false).await
                }
                Ruling::Narrow { scope } => {
                    let narrowed = narrowed(&r, &scope)?;
                    let whole = narrowed == r.scope;
                    allow(u, &caller, r, narrowed, !whole).await
                }
                Ruling::Deny { reason } => deny(u, &caller, r, &reason).await,
            }
            .map(Ok)
        })
    });
    done.await?
}

/// What the caller is told of a refused decision.
fn told(reason: RefusalReason) -> ApiError {
    if reason == RefusalReason::AlreadyDecided {
        return ApiError::Conflict(Conflict::AlreadyDecided);
    }
    if reason == RefusalReason::StaleStatement {
        return ApiError::Conflict(Conflict::StaleStatement);
    }
    ApiError::Refused { reason }
}

/// Why this decision is not valid, judged on what is true in this transaction.
async fn objection<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    caller: &Caller,
    r: &approval_request::Model,
    decision: &Decision,
    now: Timestamp,
) -> Result<Option<RefusalReason>, Failure> {
    if r.requester_id == caller.person {
        return Ok(Some(RefusalReason::SelfApproval));
    }
    // The role is read again here: it may have been taken away since the page was opened.
    let person = scope
        .find::<person::Entity>()
        .filter(person::Column::Id.eq(caller.person))
        .one(scope.conn)
        .await?;
    let roles = person
        .map(|p| p.roles.parse::<Roles>())
        .transpose()
        .map_err(Failure::stored)?
        .unwrap_or_default();
    let contact = access::contacts(scope, r.client_id)
        .await?
        .iter()
        .any(|c| c.id == caller.person);
    if !roles.0.contains(&Role::Approver) || !contact {
        return Ok(Some(RefusalReason::NotApprover));
    }
    if !pending(r)? {
        return Ok(Some(RefusalReason::AlreadyDecided));
    }
    if r.expires_at <= now {
        return Ok(Some(RefusalReason::Expired));
    }
    if decision.shown.to_string() != r.digest {
        return Ok(Some(RefusalReason::StaleStatement));
    }
    Ok(None)
}

/// The narrowed scope in its canonical form: a provable subset of what was asked.
fn narrowed(r: &approval_request::Model, wanted: &str) -> Result<String, Failure> {
    if r.action_id.is_some() {
        let message = "One exact action can't be narrowed: approve it or deny it.";
        return Err(ApiError::invalid(Field::Scope, message).into());
    }
    let asked: Scope = r.scope.parse().map_err(Failure::stored)?;
    let wanted: Scope = match wanted.trim().parse() {
        Ok(scope) => scope,
        // A bare pattern narrows within the verb that was asked for.
        Err(error) => asked
            .with_targets(&[wanted.trim()])
            .map_err(|_| ApiError::invalid(Field::Scope, format!("{error}")))?,
    };
    if !wanted.is_subset_of(&asked) {
        let message = format!("That is not within what was asked: {asked}. Nothing was decided.");
        return Err(ApiError::invalid(Field::Scope, message).into());
    }
    Ok(wanted.to_string())
}

async fn allow(
    u: &mut Unit,
    caller: &Caller,
    r: approval_request::Model,
    allowed: String,
    narrowed: bool,
) -> Result<(), Failure> {
    let now = u.now();
    let statement = r.digest.parse().map_err(Failure::stored)?;
    let grant = r.action_id.is_none().then(|| GrantId(u.deps().uuid()));
    let minutes = u64::try_from(r.minutes).unwrap_or(0);
    let until = now.plus(if grant.is_some() {
        Duration::from_secs(minutes * 60)
    } else {
        ONE_TIME
    });
    let uses = u32::try_from(r.uses).map_err(Failure::stored)?;
    let event = if narrowed {
        Event::ApprovalNarrowed {
            statement,
            asked: r.scope.clone(),
            scope: allowed.clone(),
            grant,
            uses,
            until,
        }
    } else {
        Event::ApprovalApproved {
            statement,
            scope: allowed.clone(),
            grant,
            uses,
            until,
        }
    };
    let by = By::permission(Permission::Approve);
    let leaf = u
        .record(
            Who::caller(caller),
            target(&r),
            EventOutcome::Success,
            by,
            refs(&r),
            event,
        )
        .await?;
    let state = if narrowed { "narrowed" } else { "approved" };
    end::settle(u, &r, state, Some(caller), leaf, &allowed).await?;
    match r.action_id {
        Some(id) => {
            let scope = u.scope().await?;
            let row = store::load(&scope, id).await?;
            let session = store::session_of(&scope, &row).await?;
            let client = client(&scope, r.client_id).await?;
            // It may have become another endpoint's machine since it was asked for.
            if let Some(reason) = dispatch::blocked(&crate::endpoints::load(&scope, row.endpoint_id).await?) {
                let refused = store::waiting(u.keys(), &row)?.refuse(reason);
                let server = Who::Server {
                    part: "dispatcher".into(),
                };
                return store::refuse(u, &row, refused, server, By::SERVER, false, "").await;
            }
            let authorised = store::waiting(u.keys(), &row)?.approved();
            let approver = (caller.name.clone(), caller.roles.to_string());
            let evidence = Evidence::of_decision(&r, allowed, approver, now, leaf)?;
            dispatch::dispatch(u, &row, &session, &client, authorised, evidence, Who::caller(caller)).await
        }
        None => {
            let id = grant.ok_or_else(|| Failure::stored("a grant without an id"))?;
            let scope = u.scope().await?;
            let row = access_grant::Model {
                org_id: scope.org(),
                id,
                request_id: r.id,
                session_id: r.session_id,
                scope: allowed,
                given_by: caller.person,
                given_by_name: caller.name.clone(),
                given_by_role: caller.roles.to_string(),
                given_at: now,
                given_leaf: as_i64(leaf),
                until,
                uses: r.uses,
                used: 0,
                ended: None,
            };
            Ok(scope.insert::<access_grant::Entity, _>(row).await?)
        }
    }
}

async fn deny(u: &mut Unit, caller: &Caller, r: approval_request::Model, reason: &str) -> Result<(), Failure> {
    let reason = text::free(Field::Reason, reason, 1000, None)?;
    let session = sessions::load(&u.scope().await?, r.session_id).await?;
    let (reason, findings) = written(u, &session, &reason).await?.into_parts();
    let event = Event::ApprovalDenied {
        statement: r.digest.parse().map_err(Failure::stored)?,
        reason: reason.clone(),
    };
    let by = By::permission(Permission::Approve);
    let who = Who::caller(caller);
    let leaf = u
        .record(
            who.clone(),
            target(&r),
            EventOutcome::Refused,
            by.clone(),
            refs(&r),
            event,
        )
        .await?;
    end::settle(u, &r, "denied", Some(caller), leaf, "").await?;
    end::refuse_action(u, &r, RefusalReason::Denied, who, by, &reason).await?;
    incidents::found(u, &session, None, IncidentPlace::Reason, &findings).await
}
