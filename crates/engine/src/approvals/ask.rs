//! Asking a person: the statement, who is asked, and the request.

use std::time::Duration;

use domain::api::{ApiError, AskAccess, Conflict, Field};
use domain::digest::{Digest, unhex};
use domain::event::{By, Event, EventOutcome, Named, Refs, Who};
use domain::ids::RequestId;
use domain::roles::{Caller, Permission, Role};
use gate::policy::{Effect, Require, Verdict};
use gate::scope::Scope;
use gate::statement::{self, Asked, AskedFor, Statement, Subject};
use gate::workflow::Workflow;
use sea_orm::{ColumnTrait, QueryFilter};

use crate::access;
use crate::endpoints::{client, facts};
use crate::engine::Engine;
use crate::error::Failure;
use crate::redaction::for_client;
use crate::store::entity::{self, approval_request, endpoint, org, session};
use crate::store::event_log::as_i64;
use crate::store::ledger::Unit;
use crate::text;

/// What to ask.
pub(crate) struct Ask<'a> {
    pub(crate) subject: AskedFor,
    pub(crate) rule: &'a Verdict,
    pub(crate) require: &'a Require,
}

/// Makes a request, or `None` where there is nobody to ask.
pub(crate) async fn request(
    u: &mut Unit,
    caller: &Caller,
    session: &session::Model,
    client: &entity::client::Model,
    who: Who,
    ask: Ask<'_>,
) -> Result<Option<RequestId>, Failure> {
    let scope = u.scope().await?;
    let contacts = access::contacts(&scope, client.id).await?;
    let asked: Vec<String> = contacts
        .into_iter()
        .filter(|c| c.id != caller.person)
        .map(|c| c.name)
        .collect();
    if asked.is_empty() {
        return Ok(None);
    }
    let statement = statement(u, caller, session, client, &ask).await?;
    let (id, now, digest) = (statement.request, statement.not_before, statement.digest());
    let canonical = String::from_utf8(statement.canonical()).map_err(Failure::stored)?;
    let (action, what, minutes) = match &statement.subject {
        Subject::Action { action, command, .. } => (Some(*action), command.to_string(), 0),
        Subject::Access {
            scope,
            workflow,
            grant_minutes,
        } => {
            let of = workflow.as_ref().map(|w| format!(" ({w})")).unwrap_or_default();
            (None, format!("access to {scope}{of}"), *grant_minutes)
        }
    };
    let target = domain::event::Target::new("approval request", Named::new(id, "approval request"));
    let target = target.on(
        crate::actions::store::endpoint(session),
        crate::actions::store::client(session),
    );
    let mut refs = Refs::session(session.id).request(id);
    refs.action = action;
    let event = Event::ApprovalRequested {
        statement: digest,
        expires: statement.expires,
        asked: asked.clone(),
        rule: ask.rule.rule.clone(),
        statement_text: canonical.clone(),
    };
    let leaf = u
        .record(
            who,
            target,
            EventOutcome::Pending,
            By::permission(Permission::Initiate),
            refs,
            event,
        )
        .await?;
    let scope = u.scope().await?;
    let row = approval_request::Model {
        org_id: scope.org(),
        id,
        session_id: session.id,
        action_id: action,
        client_id: client.id,
        client_name: session.client_name.clone(),
        endpoint_id: session.endpoint_id,
        endpoint_name: session.endpoint_name.clone(),
        requester_id: caller.person,
        requester_name: caller.name.clone(),
        what,
        scope: statement.scope().to_string(),
        statement: canonical,
        digest: digest.to_string(),
        rule: ask.rule.rule.clone(),
        asked: serde_json::to_string(&asked).map_err(Failure::stored)?,
        uses: i64::from(statement.uses),
        minutes: i64::from(minutes),
        state: "pending".into(),
        version: 0,
        asked_at: now,
        asked_leaf: as_i64(leaf),
        expires_at: statement.expires,
        decided_by: None,
        decided_by_name: String::new(),
        decided_at: None,
        decision_leaf: None,
        allowed: String::new(),
    };
    scope.insert::<approval_request::Entity, _>(row).await?;
    Ok(Some(id))
}

async fn statement(
    u: &mut Unit,
    caller: &Caller,
    session: &session::Model,
    client: &entity::client::Model,
    ask: &Ask<'_>,
) -> Result<Statement, Failure> {
    let (now, nonce, request) = (u.now(), u.deps().bytes::<16>().to_vec(), RequestId(u.deps().uuid()));
    let scope = u.scope().await?;
    let org = scope
        .find::<org::Entity>()
        .one(scope.conn)
        .await?
        .ok_or_else(|| Failure::stored("no org"))?;
    let on = scope
        .find::<endpoint::Entity>()
        .filter(endpoint::Column::Id.eq(session.endpoint_id))
        .one(scope.conn)
        .await?;
    let on = on.ok_or_else(|| Failure::stored("a session without an endpoint"))?;
    let key = unhex(&on.public_key).ok_or_else(|| Failure::stored("an endpoint without a key"))?;
    let uses = match &ask.subject {
        AskedFor::Action { .. } => ask.require.uses,
        AskedFor::Access { .. } => ask.require.grant_uses,
    };
    let asked = Asked {
        request,
        org: statement::Org {
            id: org.id,
            name: org.name,
        },
        client: statement::Client {
            id: client.id,
            name: client.name.clone(),
        },
        endpoint: statement::Endpoint {
            id: on.id,
            name: on.name,
            key: Digest::of(&[&key]),
        },
        requester: statement::Requester {
            id: caller.person,
            name: caller.name.clone(),
            role: Role::Technician,
        },
        session: statement::Session {
            id: session.id,
            reason: session.reason.clone(),
            ticket: (!session.ticket.is_empty()).then(|| session.ticket.clone()),
        },
        subject: ask.subject.clone(),
        policy_version: ask.rule.version,
        rule: ask.rule.rule.clone(),
        uses,
        not_before: now,
        expires: now.plus(Duration::from_secs(u64::from(ask.require.decide_within_minutes) * 60)),
        nonce,
    };
    Statement::new(asked).map_err(|e| ApiError::invalid(Field::Command, e.to_string()).into())
}

/// Asks for access to a scope in a session.
pub(super) async fn ask_access(engine: &Engine, caller: &Caller, ask: AskAccess) -> Result<RequestId, ApiError> {
    let wanted: Scope = ask
        .scope
        .parse()
        .map_err(|e: gate::scope::ScopeError| ApiError::invalid(Field::Scope, e.to_string()))?;
    if let Some(w) = &ask.workflow
        && Workflow::find(w).is_none()
    {
        return Err(ApiError::invalid(Field::Scope, format!("There is no workflow {w}.")));
    }
    if wanted.verb() == "script" {
        return Err(ApiError::invalid(
            Field::Scope,
            "A script is approved one by one, by its exact text: propose it.",
        ));
    }
    text::no_card_data(&wanted.to_string())?;
    let (who, policy, caller) = (Who::caller(caller), engine.0.policy.clone(), caller.clone());
    let done = engine.commit(caller.org, move |u| {
        Box::pin(async move {
            let scope = u.scope().await?;
            let session = access::own_session(&scope, &caller, ask.session).await?;
            if session.closed_at.is_some() {
                return Err(ApiError::Conflict(Conflict::SessionClosed).into());
            }
            let client = client(&scope, session.client_id).await?;
            let settings = for_client(&scope, &client).await?.for_commands();
            text::nothing_sensitive(&settings, &wanted.to_string())?;
            let verdict = policy.decide_scope(&facts(&client, &caller.roles)?, &wanted);
            let reason = match &verdict.effect {
                Effect::Allow => {
                    let message = format!("No access is needed: {}", verdict.says);
                    return Err(ApiError::invalid(Field::Scope, message).into());
                }
                Effect::Deny => domain::action::RefusalReason::PolicyDenied,
                Effect::Require(require) => {
                    let workflow = ask.workflow.clone();
                    let subject = AskedFor::Access {
                        scope: wanted,
                        workflow,
                        grant_minutes: require.grant_minutes,
                    };
                    let a = Ask {
                        subject,
                        rule: &verdict,
                        require,
                    };
                    match request(u, &caller, &session, &client, who.clone(), a).await? {
                        Some(id) => return Ok(Ok(id)),
                        None => domain::action::RefusalReason::NoApprover,
                    }
                }
            };
            let event = Event::ProposalRefused {
                reason: reason.word().into(),
            };
            let target = crate::sessions::target(&session);
            u.record(
                who,
                target,
                EventOutcome::Refused,
                By::SERVER,
                Refs::session(session.id),
                event,
            )
            .await?;
            Ok(Err(ApiError::Refused { reason }))
        })
    });
    done.await?
}
