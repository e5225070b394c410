//! Proposing: limits, canonical names, nothing sensitive, the policy's verdict, a live grant, or a question to a person.

use std::collections::BTreeSet;

use domain::action::{Action, ActionState, Basis, Command, RefusalReason, Shell};
use domain::api::{ApiError, CommandPreview, Conflict, Field, IncidentPlace, Proposal};
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::ids::ActionId;
use domain::roles::{Caller, Permission};
use domain::sensitive::Raw;
use domain::timestamp::Timestamp;
use gate::policy::{Effect, Policy, Verdict};
use gate::scope::Scope;
use gate::statement::AskedFor;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter};

use super::sealed::{self, Seal, Shown};
use super::store;
use crate::access;
use crate::approvals::{ask, grants};
use crate::dispatch::{self, Evidence};
use crate::endpoints::{client, facts, load};
use crate::engine::Engine;
use crate::error::Failure;
use crate::incidents;
use crate::redaction::{in_session, written};
use crate::store::entity::{action, client as client_entity, endpoint, session};
use crate::store::ledger::Unit;
use crate::store::scope::OrgScope;
use crate::text;

/// The command in its canonical form, within limits, and free of card data, which is looked for first: what is wrong with a name
/// is said by quoting it.
fn checked(command: &Command) -> Result<Command, ApiError> {
    for text in command.texts() {
        text::no_card_data(&text)?;
    }
    command
        .check_limits()
        .map_err(|m| ApiError::invalid(Field::Command, m))?;
    let command = gate::name::canonical(command).map_err(|e| ApiError::invalid(Field::Command, e.to_string()))?;
    for text in command.texts() {
        text::no_card_data(&text)?;
    }
    Ok(command)
}

/// The command as it may be shown, by what the client has redacted, if it may be proposed at all.
async fn shown<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    key: [u8; 32],
    session: &session::Model,
    command: &Command,
) -> Result<Result<Shown, ApiError>, Failure> {
    let settings = in_session(scope, key, session).await?.for_commands();
    if let Command::Verb(verb) = command {
        for text in verb.texts() {
            if let Err(e) = text::nothing_sensitive(&settings, &text) {
                return Ok(Err(e));
            }
        }
    }
    Ok(sealed::shown(&settings, command))
}

/// What the verdict depends on.
struct Setting {
    session: session::Model,
    client: client_entity::Model,
    on: endpoint::Model,
    verdict: Verdict,
    grant: Option<crate::store::entity::access_grant::Model>,
}

async fn setting<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    policy: &Policy,
    caller: &Caller,
    id: domain::ids::SessionId,
    command: &Command,
    now: Timestamp,
) -> Result<Setting, Failure> {
    let session = access::own_session(scope, caller, id).await?;
    if session.closed_at.is_some() {
        return Err(ApiError::Conflict(Conflict::SessionClosed).into());
    }
    let client = client(scope, session.client_id).await?;
    let on = load(scope, session.endpoint_id).await?;
    let verdict = policy.decide(&facts(&client, &caller.roles)?, command);
    let grant = grants::covering(scope, session.id, command, now).await?;
    Ok(Setting {
        session,
        client,
        on,
        verdict,
        grant,
    })
}

/// Why the endpoint can't do this, by its agent's own word; none where it can, or has not said.
fn unable(on: &endpoint::Model, command: &Command) -> Option<String> {
    let able = on.capabilities.as_ref()?;
    let needed = command.capability();
    if able.split(' ').any(|word| word == needed) {
        return None;
    }
    let what = match command {
        Command::Verb(verb) => format!("the verb {}", verb.name()),
        Command::Script(script) => format!("{} scripts", script.shell.word()),
    };
    Some(format!(
        "The agent on {} can't do this: {what} is not among what it says it can. Choose something else, or update the agent.",
        on.name
    ))
}

/// Says what proposing it would mean.
pub(super) async fn preview(engine: &Engine, caller: &Caller, proposal: Proposal) -> Result<CommandPreview, Failure> {
    let command = checked(&proposal.command)?;
    let scope = engine.scope(caller.org);
    let s = setting(
        &scope,
        &engine.0.policy,
        caller,
        proposal.session,
        &command,
        engine.now(),
    )
    .await?;
    let names = |contacts: Vec<access::Contact>| contacts.into_iter().map(|c| c.name).collect::<Vec<_>>().join(", ");
    let stopped = unable(&s.on, &command).or_else(|| dispatch::blocked(&s.on).map(|r| r.sentence().to_owned()));
    let (state, verdict) = match (&s.verdict.effect, &s.grant) {
        _ if stopped.is_some() => (ActionState::Refused, stopped.unwrap_or_default()),
        (Effect::Deny, _) => (
            ActionState::Refused,
            format!("Denied by rule {}: {}", s.verdict.rule, s.verdict.says),
        ),
        (Effect::Allow, _) => (
            ActionState::Authorised,
            format!("Runs at once, by rule {}: {}", s.verdict.rule, s.verdict.says),
        ),
        (Effect::Require(_), Some(g)) => (
            ActionState::Authorised,
            format!("Runs at once: covered by the access that {} gave.", g.given_by_name),
        ),
        (Effect::Require(_), None) => {
            let contacts = access::contacts(&scope, s.client.id).await?;
            let others: Vec<_> = contacts.into_iter().filter(|c| c.id != caller.person).collect();
            if others.is_empty() {
                (ActionState::Refused, RefusalReason::NoApprover.sentence().to_owned())
            } else {
                (
                    ActionState::Waiting,
                    format!("Needs {}: {}", names(others), s.verdict.says),
                )
            }
        }
    };
    let key = engine.0.keys.placeholders(caller.org, s.session.id);
    let hidden = shown(&scope, key, &s.session, &command).await??.looked.counts;
    let narrowest = Scope::exactly(&command)
        .map(|s| s.to_string())
        .map_err(Failure::stored)?;
    Ok(CommandPreview {
        scope: narrowest,
        verdict,
        reach: command.reach(),
        state,
        instead: instead(&command),
        hidden,
    })
}

/// The verb that a PowerShell script means exactly, if it does.
fn instead(command: &Command) -> Option<Command> {
    let Command::Script(script) = command else { return None };
    match script.shell {
        Shell::Pwsh | Shell::Powershell => gate::powershell::meaning(&script.text).map(Command::Verb),
        Shell::Sh | Shell::Cmd => None,
    }
}

/// Proposes an action. What can't even be proposed is recorded too, by its reason alone.
pub(super) async fn propose(engine: &Engine, caller: &Caller, proposal: Proposal) -> Result<ActionId, ApiError> {
    let (who, policy, caller) = (Who::caller(caller), engine.0.policy.clone(), caller.clone());
    let id = ActionId(engine.0.deps.uuid());
    let done = engine.commit(caller.org, move |u| {
        Box::pin(async move {
            let command = match checked(&proposal.command) {
                Ok(command) => command,
                Err(error) => {
                    let session = access::own_session(&u.scope().await?, &caller, proposal.session).await?;
                    return refuse_proposal(u, who, &session, error).await.map(Err);
                }
            };
            let now = u.now();
            let s = setting(&u.scope().await?, &policy, &caller, proposal.session, &command, now).await?;
            if let Some(why) = unable(&s.on, &command) {
                let error = ApiError::invalid(Field::Command, why);
                return refuse_proposal(u, who, &s.session, error).await.map(Err);
            }
            let key = u.keys().placeholders(caller.org, s.session.id);
            let shown = match shown(&u.scope().await?, key, &s.session, &command).await? {
                Ok(shown) => shown,
                Err(error) => return refuse_proposal(u, who, &s.session, error).await.map(Err),
            };
            let proposed = Action::propose(id, s.session.id, s.session.endpoint_id, command);
            let row = insert(u, &s, &proposed, &shown, who.clone(), now).await?;
            decide(u, &caller, who, s, row, proposed, shown.command)
                .await
                .map(|()| Ok(id))
        })
    });
    done.await?
}

/// Records that something was not even proposed; gives the error back.
async fn refuse_proposal(
    u: &mut Unit,
    who: Who,
    session: &session::Model,
    error: ApiError,
) -> Result<ApiError, Failure> {
    let reason = written(u, session, &Raw::new(error.to_string())).await?.into_parts().0;
    let event = Event::ProposalRefused { reason };
    let (target, refs) = (crate::sessions::target(session), Refs::session(session.id));
    u.record(who, target, EventOutcome::Refused, By::NONE, refs, event)
        .await?;
    if let ApiError::Sensitive { kind } = error {
        incidents::opened(u, session, None, IncidentPlace::Command, BTreeSet::from([kind])).await?;
    }
    Ok(error)
}

/// Writes the proposal: event and row.
async fn insert(
    u: &mut Unit,
    s: &Setting,
    proposed: &Action<domain::action::Proposed>,
    shown: &Shown,
    who: Who,
    now: Timestamp,
) -> Result<action::Model, Failure> {
    let scope = u.scope().await?;
    let of_session = scope
        .find::<action::Entity>()
        .filter(action::Column::SessionId.eq(s.session.id));
    let number = of_session.count(scope.conn).await? + 1;
    match s.on.state.as_str() {
        "removed" => return Err(ApiError::Conflict(Conflict::EndpointRemoved).into()),
        "removing" => return Err(ApiError::Conflict(Conflict::EndpointRemoving).into()),
        _ => {}
    }
    let command = proposed.command();
    let event = Event::ActionProposed {
        number,
        verb: command.name().to_owned(),
        digest: command.digest(),
        workflow: None,
        looked: shown.looked.clone(),
        command: shown.command.clone(),
    };
    let sealed = if shown.command == *command {
        None
    } else {
        Some(Seal::of(u.keys(), s.session.org_id, proposed.id()).command(u.deps(), command)?)
    };
    let number = i64::try_from(number).map_err(Failure::stored)?;
    let target = store::target(&s.session, proposed.id(), number, command.name());
    let refs = Refs::session(s.session.id).action(proposed.id());
    let by = By::permission(Permission::Initiate);
    let leaf = u.record(who, target, EventOutcome::Pending, by, refs, event).await?;
    let scope = u.scope().await?;
    let row = action::Model {
        org_id: scope.org(),
        id: proposed.id(),
        session_id: s.session.id,
        endpoint_id: s.session.endpoint_id,
        number,
        command: domain::canonical::to_string(&shown.command)?,
        command_line: shown.command.to_string(),
        state: ActionState::Waiting.word().into(),
        version: 0,
        rule: s.verdict.rule.clone(),
        request_id: None,
        basis: None,
        basis_word: String::new(),
        approver: String::new(),
        approver_role: String::new(),
        decided_at: None,
        decision_leaf: None,
        proposed_at: now,
        proposed_leaf: crate::store::event_log::as_i64(leaf),
        signed_order: None,
        order_expires: None,
        dispatched_leaf: None,
        next_report: 0,
        started_at: None,
        finished_at: None,
        ended_leaf: None,
        outcome: None,
        exit_code: None,
        duration_ms: None,
        bytes: 0,
        lines: 0,
        finding_counts: "{}".into(),
        findings: 0,
        output: String::new(),
        refusal: None,
        detail: String::new(),
        cancelling: false,
        sent: false,
        redacted: sealed.is_some(),
        sealed,
        packed: false,
    };
    scope.insert::<action::Entity, _>(row.clone()).await?;
    Ok(row)
}

/// Follows the verdict.
async fn decide(
    u: &mut Unit,
    caller: &Caller,
    who: Who,
    s: Setting,
    row: action::Model,
    proposed: Action<domain::action::Proposed>,
    shown: Command,
) -> Result<(), Failure> {
    let policy = Who::Server { part: "policy".into() };
    if let Some(reason) = dispatch::blocked(&s.on) {
        let refused = proposed.refuse(reason);
        return store::refuse(u, &row, refused, policy, By::SERVER, false, "").await;
    }
    match (s.verdict.effect.clone(), s.grant.clone()) {
        (Effect::Deny, _) => {
            let refused = proposed.refuse(RefusalReason::PolicyDenied);
            let detail = s.verdict.says.clone();
            store::refuse(u, &row, refused, policy, By::SERVER, false, &detail).await
        }
        (Effect::Allow, _) => {
            let basis = Basis::Policy {
                rule: s.verdict.rule.clone(),
                version: s.verdict.version,
            };
            let scope = Scope::exactly(proposed.command()).map_err(Failure::stored)?.to_string();
            let evidence = Evidence::of_rule(&s.verdict, scope);
            dispatch::dispatch(u, &row, &s.session, &s.client, proposed.allow(basis), evidence, policy).await
        }
        (Effect::Require(_), Some(grant)) => {
            grants::use_once(u, &grant).await?;
            let basis = Basis::Grant {
                grant: grant.id,
                request: grant.request_id,
            };
            let evidence = Evidence::of_grant(&s.verdict, &grant);
            dispatch::dispatch(u, &row, &s.session, &s.client, proposed.allow(basis), evidence, policy).await
        }
        (Effect::Require(require), None) => {
            let subject = AskedFor::Action {
                action: row.id,
                command: proposed.command().clone(),
                shown,
            };
            let asked = ask::Ask {
                subject,
                rule: &s.verdict,
                require: &require,
            };
            match ask::request(u, caller, &s.session, &s.client, who, asked).await? {
                Some(request) => {
                    let _waiting = proposed.ask(request);
                    let scope = u.scope().await?;
                    let same = store::unchanged(&scope, &row).col_expr(action::Column::RequestId, Expr::value(request));
                    store::changed_one(same.exec(scope.conn).await?.rows_affected)
                }
                None => {
                    let refused = proposed.refuse(RefusalReason::NoApprover);
                    store::refuse(u, &row, refused, policy, By::SERVER, false, "").await
                }
            }
        }
    }
}
