//! Dispatch: from an authorised action to a signed order, in the transaction that records both.
//!
//! It takes an `Action<Authorised>`, which only a policy verdict, a live grant or a person's decision can make. The order's
//! leaf is written before the order can be sent: sending reads the committed row.

use std::time::Duration;

use domain::action::{Action, ActionState, Authorised, RefusalReason};
use domain::digest::{Digest, hex};
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::timestamp::Timestamp;
use gate::policy::Verdict;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use wire::{Order, OrderRedaction, SignedOrder};

use crate::actions::sealed::Seal;
use crate::actions::store;
use crate::agents::order_keys;
use crate::error::Failure;
use crate::redaction::set_for;
use crate::store::entity::{access_grant, action, approval_request, client, endpoint, session};
use crate::store::event_log::{as_i64, as_u64};
use crate::store::ledger::Unit;

/// How long an order may wait for its endpoint.
const ORDER_GOOD_FOR: Duration = Duration::from_secs(15 * 60);
/// How long an action may run.
const TIME_LIMIT: Duration = Duration::from_secs(10 * 60);
/// How far an endpoint's clock may be behind the server's before it takes an order for one of the future.
const CLOCK_LEEWAY: Duration = Duration::from_secs(60);

/// What proves that the action is allowed.
pub(crate) struct Evidence {
    rule: String,
    trace: Vec<String>,
    scope: String,
    approver: String,
    approver_role: String,
    decided_at: Option<Timestamp>,
    /// The decision's leaf; `None` when the authorisation itself is the decision.
    decision_leaf: Option<u64>,
    statement: Option<Digest>,
}

impl Evidence {
    /// A policy rule allowed it.
    pub(crate) fn of_rule(verdict: &Verdict, scope: String) -> Self {
        Self {
            rule: verdict.rule.clone(),
            trace: verdict.trace.clone(),
            scope,
            approver: String::new(),
            approver_role: String::new(),
            decided_at: None,
            decision_leaf: None,
            statement: None,
        }
    }

    /// A live grant covers it.
    pub(crate) fn of_grant(verdict: &Verdict, grant: &access_grant::Model) -> Self {
        Self {
            rule: verdict.rule.clone(),
            trace: verdict.trace.clone(),
            scope: grant.scope.clone(),
            approver: grant.given_by_name.clone(),
            approver_role: grant.given_by_role.clone(),
            decided_at: Some(grant.given_at),
            decision_leaf: Some(as_u64(grant.given_leaf)),
            statement: None,
        }
    }

    /// A person approved it.
    pub(crate) fn of_decision(
        request: &approval_request::Model,
        scope: String,
        approver: (String, String),
        at: Timestamp,
        leaf: u64,
    ) -> Result<Self, Failure> {
        Ok(Self {
            rule: request.rule.clone(),
            trace: vec![],
            scope,
            approver: approver.0,
            approver_role: approver.1,
            decided_at: Some(at),
            decision_leaf: Some(leaf),
            statement: Some(request.digest.parse().map_err(Failure::stored)?),
        })
    }
}

/// Why nothing may be sent to this endpoint now, whatever is allowed.
pub(crate) fn blocked(on: &endpoint::Model) -> Option<RefusalReason> {
    if matches!(on.state.as_str(), "removing" | "removed") {
        Some(RefusalReason::EndpointRemoved)
    } else if on.needs_confirmation {
        Some(RefusalReason::EndpointNotConfirmed)
    } else {
        None
    }
}

/// Records that the action is allowed, signs its order, records the dispatch, and stores the order to be sent.
pub(crate) async fn dispatch(
    u: &mut Unit,
    row: &action::Model,
    session: &session::Model,
    client: &client::Model,
    authorised: Action<Authorised>,
    evidence: Evidence,
    who: Who,
) -> Result<(), Failure> {
    let basis = authorised.basis().clone();
    let target = || store::target(session, row.id, row.number, authorised.command().name());
    let mut refs = Refs::session(session.id).action(row.id);
    refs.request = match &basis {
        domain::action::Basis::OneTime { request } | domain::action::Basis::Grant { request, .. } => Some(*request),
        domain::action::Basis::Policy { .. } => None,
    };
    let event = Event::ActionAuthorised {
        basis: basis.clone(),
        rule: evidence.rule.clone(),
        trace: evidence.trace.clone(),
    };
    let by = By::Basis(basis.clone());
    let leaf = u
        .record(who, target(), EventOutcome::Success, by.clone(), refs, event)
        .await?;
    let decision_leaf = evidence.decision_leaf.unwrap_or(leaf);

    let on = crate::endpoints::load(&u.scope().await?, row.endpoint_id).await?;
    if blocked(&on).is_some() {
        // Whoever dispatches has looked at that and refused the action.
        return Err(Failure::stored("an order for an endpoint that takes none"));
    }
    let generation = order_keys::generation(on.order_generation)?;
    let protocol = u32::try_from(on.protocol).map_err(Failure::stored)?;
    let now = u.now();
    let expires = now.plus(ORDER_GOOD_FOR);
    let mut settings = set_for(&u.scope().await?, client).await?;
    // Orders are stored: who can be told beside them has no list in them.
    if crate::endpoints::can(&on, wire::REDACTION) {
        settings.merchant_ids.clear();
    }
    let order = Order {
        v: wire::order_version(protocol),
        org: row.org_id,
        endpoint: row.endpoint_id,
        session: row.session_id,
        action: row.id,
        command: authorised.command().clone(),
        command_digest: authorised.command().digest(),
        scope: evidence.scope,
        basis: basis.clone(),
        decision_leaf,
        statement: evidence.statement,
        redaction: OrderRedaction {
            ip_addresses: settings.ip_addresses,
            merchant_ids: settings.merchant_ids,
        },
        time_limit_seconds: u32::try_from(TIME_LIMIT.as_secs()).unwrap_or(u32::MAX),
        not_before: now.minus(CLOCK_LEEWAY),
        expires,
        nonce: hex(&u.deps().bytes::<16>()),
        evidence: None,
    };
    let signed = SignedOrder::sign(&order, &u.keys().order(row.org_id, generation)).map_err(Failure::stored)?;
    let event = Event::ActionDispatched {
        order: signed.digest(),
        expires,
    };
    let dispatcher = Who::Server {
        part: "dispatcher".into(),
    };
    let dispatched_leaf = u
        .record(dispatcher, target(), EventOutcome::Success, by, refs, event)
        .await?;

    let basis_json = domain::canonical::to_string(&basis)?;
    let mut order_json = serde_json::to_string(&signed).map_err(Failure::stored)?;
    if row.sealed.is_some() {
        order_json = Seal::of(u.keys(), row.org_id, row.id).order(u.deps(), &order_json)?;
    }
    u.touch(row.endpoint_id);
    let scope = u.scope().await?;
    let same = store::unchanged(&scope, row)
        .col_expr(action::Column::State, Expr::value(ActionState::Dispatched.word()))
        .col_expr(action::Column::Rule, Expr::value(evidence.rule))
        .col_expr(action::Column::RequestId, Expr::value(refs.request))
        .col_expr(action::Column::Basis, Expr::value(basis_json))
        .col_expr(action::Column::BasisWord, Expr::value(basis.word()))
        .col_expr(action::Column::Approver, Expr::value(evidence.approver))
        .col_expr(action::Column::ApproverRole, Expr::value(evidence.approver_role))
        .col_expr(action::Column::DecidedAt, Expr::value(evidence.decided_at))
        .col_expr(action::Column::DecisionLeaf, Expr::value(as_i64(decision_leaf)))
        .col_expr(action::Column::SignedOrder, Expr::value(order_json))
        .col_expr(action::Column::OrderExpires, Expr::value(expires))
        .col_expr(action::Column::DispatchedLeaf, Expr::value(as_i64(dispatched_leaf)))
        .filter(action::Column::Id.eq(authorised.dispatch().id()));
    store::changed_one(same.exec(scope.conn).await?.rows_affected)
}
