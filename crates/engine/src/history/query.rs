//! From a filter to rows.

use domain::action::{ActionState, Outcome, RefusalReason};
use domain::api::{ApiError, Field, Filter, HistoryPage, HistoryRow, MAX_PAGE};
use domain::event::Named;
use domain::ids::SessionId;
use domain::roles::{Caller, Permission};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, LikeExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use std::collections::BTreeMap;

use crate::access;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{action, session};
use crate::store::event_log::as_u64;
use crate::store::scope::OrgScope;

/// The shortest text that the trigram index finds; shorter ones are looked for in commands and names only.
const TRIGRAM: usize = 3;
/// The longest text to look for, in characters.
const LONGEST: usize = 200;

/// The filter with its texts trimmed and its values checked.
pub(super) fn checked(mut f: Filter) -> Result<Filter, ApiError> {
    for text in [
        &mut f.from,
        &mut f.until,
        &mut f.endpoint,
        &mut f.client,
        &mut f.technician,
        &mut f.status,
        &mut f.basis,
        &mut f.text,
    ] {
        *text = text.trim().to_owned();
        if text.chars().count() > LONGEST {
            return Err(ApiError::invalid(
                Field::Text,
                format!("Look for at most {LONGEST} characters."),
            ));
        }
    }
    for (field, text) in [(Field::From, &f.from), (Field::Until, &f.until)] {
        if !text.is_empty() && Timestamp::parse_minute(text).is_err() {
            let message = "Give a day or a minute in UTC, such as 2026-03-01 or 2026-03-01T02:47.";
            return Err(ApiError::invalid(field, message));
        }
    }
    Ok(f)
}

/// The actions that match, as a query.
pub(super) async fn matching(
    scope: &OrgScope<'_, DatabaseConnection>,
    caller: &Caller,
    f: &Filter,
) -> Result<Select<action::Entity>, Failure> {
    let mut sessions = scope.find::<session::Entity>();
    if !caller.may(Permission::Audit) {
        let clients = access::clients_of(scope, caller).await?;
        let own = Condition::any().add(session::Column::TechnicianId.eq(caller.person));
        sessions = sessions.filter(own.add(session::Column::ClientId.is_in(clients)));
    }
    for (column, part) in [
        (session::Column::EndpointName, &f.endpoint),
        (session::Column::ClientName, &f.client),
        (session::Column::TechnicianName, &f.technician),
    ] {
        if !part.is_empty() {
            sessions = sessions.filter(column.like(containing(part)));
        }
    }
    let sessions = sessions.select_only().column(session::Column::Id).into_query();
    let mut found = scope
        .find::<action::Entity>()
        .filter(action::Column::SessionId.in_subquery(sessions));
    if let Ok(from) = Timestamp::parse_minute(&f.from) {
        found = found.filter(action::Column::ProposedAt.gte(from));
    }
    if let Ok(until) = Timestamp::parse_minute(&f.until) {
        found = found.filter(action::Column::ProposedAt.lt(until));
    }
    if !f.status.is_empty() {
        found = found.filter(status(&f.status));
    }
    if !f.basis.is_empty() {
        found = found.filter(action::Column::BasisWord.eq(&*f.basis));
    }
    if !f.text.is_empty() {
        found = found.filter(text(scope, &f.text));
    }
    Ok(found)
}

/// A pattern for LIKE that finds `part` literally; `\` is the escape character.
fn containing(part: &str) -> LikeExpr {
    let literal = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{literal}%")).escape('\\')
}

fn status(word: &str) -> Condition {
    let any = Condition::any();
    if word.parse::<ActionState>().is_ok() {
        return any.add(action::Column::State.eq(word));
    }
    if word.parse::<Outcome>().is_ok() {
        return any.add(action::Column::Outcome.eq(word));
    }
    if word.parse::<RefusalReason>().is_ok() {
        return any.add(action::Column::Refusal.eq(word));
    }
    // An unknown word matches nothing.
    any.add(Expr::cust("1 = 0"))
}

/// Literal text in commands, refusals' details, the session's reason and ticket, or outputs.
fn text(scope: &OrgScope<'_, DatabaseConnection>, text: &str) -> Condition {
    let of_session = Condition::any()
        .add(session::Column::Reason.like(containing(text)))
        .add(session::Column::Ticket.like(containing(text)))
        .add(session::Column::EndpointName.like(containing(text)));
    let sessions = scope
        .find::<session::Entity>()
        .filter(of_session)
        .select_only()
        .column(session::Column::Id)
        .into_query();
    let mut any = Condition::any()
        .add(action::Column::CommandLine.like(containing(text)))
        .add(action::Column::Detail.like(containing(text)))
        .add(action::Column::SessionId.in_subquery(sessions));
    if text.chars().count() >= TRIGRAM {
        // A phrase of FTS5: quotation marks inside are doubled; nothing else is special.
        let phrase = format!("\"{}\"", text.replace('"', "\"\""));
        let in_output = "\"action\".\"id\" IN (SELECT c.action_id FROM output_chunk c JOIN output_search s ON s.rowid = c.seq \
                         WHERE c.org_id = ? AND output_search MATCH ?)";
        any = any.add(Expr::cust_with_values(
            in_output,
            [sea_orm::Value::from(scope.org()), phrase.into()],
        ));
    }
    any
}

/// One page, newest first.
pub(super) async fn page(engine: &Engine, caller: &Caller, f: &Filter) -> Result<HistoryPage, Failure> {
    let scope = engine.scope(caller.org);
    let found = matching(&scope, caller, f).await?;
    let total = found.clone().count(scope.conn).await?;
    let newest = found
        .order_by_desc(action::Column::ProposedLeaf)
        .offset(f.page * MAX_PAGE)
        .limit(MAX_PAGE);
    let actions = newest.all(scope.conn).await?;
    Ok(HistoryPage {
        rows: rows(&scope, actions).await?,
        total,
        page: f.page,
    })
}

/// Actions as rows.
pub(super) async fn rows<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    actions: Vec<action::Model>,
) -> Result<Vec<HistoryRow>, Failure> {
    let mut ids: Vec<SessionId> = actions.iter().map(|a| a.session_id).collect();
    ids.sort();
    ids.dedup();
    let mut sessions: BTreeMap<SessionId, session::Model> = BTreeMap::new();
    for part in ids.chunks(500) {
        let of = scope
            .find::<session::Entity>()
            .filter(session::Column::Id.is_in(part.iter().copied()));
        sessions.extend(of.all(scope.conn).await?.into_iter().map(|s| (s.id, s)));
    }
    actions
        .into_iter()
        .map(|a| {
            let s = sessions
                .get(&a.session_id)
                .ok_or_else(|| Failure::stored("an action without a session"))?;
            Ok(row(a, s))
        })
        .collect()
}

fn row(a: action::Model, s: &session::Model) -> HistoryRow {
    let by_person =
        matches!(a.basis_word.as_str(), "one_time" | "grant") || (a.basis.is_none() && a.request_id.is_some());
    let precedes = match (by_person, a.decision_leaf, a.dispatched_leaf) {
        (true, Some(decision), Some(dispatched)) => Some(decision < dispatched),
        _ => None,
    };
    HistoryRow {
        action: a.id,
        session: s.id,
        number: as_u64(a.number),
        at: a.proposed_at,
        endpoint: Named::new(s.endpoint_id, &*s.endpoint_name),
        client: Named::new(s.client_id, &*s.client_name),
        technician: Named::new(s.technician_id, &*s.technician_name),
        reason: s.reason.clone(),
        ticket: s.ticket.clone(),
        command: a.command_line,
        status: a.outcome.unwrap_or(a.state),
        refusal: a.refusal.unwrap_or_default(),
        basis: a.basis_word,
        approval_required: by_person,
        rule: a.rule,
        approver: a.approver,
        approver_role: a.approver_role,
        decided_at: a.decided_at,
        approval_precedes_action: precedes,
        exit: a.exit_code,
        findings: as_u64(a.findings),
        lines: as_u64(a.lines),
        output: a.output,
        leaf: as_u64(a.proposed_leaf),
    }
}
