//! The last report of an action: how it ended, with the endpoint's receipts.

use domain::action::{ActionState, Outcome};
use domain::digest::Digest;
use domain::event::{Event, EventOutcome};
use domain::finding::FindingCounts;
use sea_orm::sea_query::Expr;
use wire::{Finish, Order, OutputDigest, Ran, SignedOrder};

use super::AgentLink;
use super::doubt::Doubt;
use super::report::{LONGEST_NOTE, Taken, by, malformed, refs, said};
use crate::actions::{sealed, store};
use crate::error::Failure;
use crate::store::entity::{action, session};
use crate::store::event_log::{as_i64, as_u64};
use crate::store::ledger::Unit;

/// Whether a receipt is about the command and the statement that the order names. The order is the server's own.
fn names_the_order(ran: &Ran, order: &SignedOrder) -> bool {
    serde_json::from_str::<Order>(&order.order)
        .is_ok_and(|o| (o.command_digest, o.statement) == (ran.command, ran.statement))
}

/// The leaf of an end, with all that a stranger needs to check its receipts.
fn end_of(f: &Finish, findings: FindingCounts, note: &str, order: Digest, key: &str) -> Event {
    let Finish {
        outcome,
        exit,
        started: agent_started,
        finished: agent_finished,
        duration_ms,
        stdout_bytes,
        stderr_bytes,
        lines,
        chunks,
        findings: endpoint_findings,
        output,
        note: signed_note,
        receipt,
        ran,
    } = f.clone();
    let signed_version = ran.as_ref().map(|ran| ran.agent_version.clone());
    let agent_version = signed_version
        .as_ref()
        .map(|version| crate::text::from_agent(&redact::Settings::default(), version, LONGEST_NOTE));
    Event::ActionFinished {
        outcome,
        exit,
        agent_started,
        agent_finished,
        duration_ms,
        stdout_bytes,
        stderr_bytes,
        lines,
        chunks,
        findings,
        endpoint_findings,
        output,
        note: note.to_owned(),
        order,
        receipt,
        command: ran.as_ref().map(|ran| ran.command),
        statement: ran.as_ref().and_then(|ran| ran.statement),
        as_signed: note == signed_note && agent_version == signed_version,
        agent_version,
        ran_receipt: ran.map(|ran| ran.receipt),
        key: key.to_owned(),
    }
}

/// Takes an action's end: its receipts must be the endpoint's, and fit the order and the output that came before.
pub(super) async fn finished(
    u: &mut Unit,
    link: &AgentLink,
    row: action::Model,
    session: &session::Model,
    f: Finish,
) -> Result<Taken, Failure> {
    let order = sealed::order(u.keys(), &row)?;
    let key = wire::parse_public_key(&link.public_key).ok_or_else(|| Failure::stored("an endpoint without a key"))?;
    if !f.verify_receipt(row.id, &order.digest(), &key) {
        return malformed(Doubt::Receipt);
    }
    let so_far = row
        .output
        .parse::<Digest>()
        .unwrap_or_else(|_| OutputDigest::new().digest());
    if so_far != f.output {
        return malformed(Doubt::Digest);
    }
    // All reports but the first, the start, and this one were output.
    let sent = (as_u64(row.bytes), as_u64(row.lines), as_u64(row.next_report) - 1);
    if (f.stdout_bytes.saturating_add(f.stderr_bytes), f.lines, f.chunks) != sent {
        return malformed(Doubt::Totals);
    }
    if f.outcome == Outcome::Succeeded && f.exit.is_some_and(|code| code != 0) {
        return malformed(Doubt::Exit);
    }
    let finished = store::running(&row)?.finish(f.outcome);
    let outcome = match finished.outcome() {
        Outcome::Succeeded => EventOutcome::Success,
        Outcome::Failed | Outcome::Cancelled | Outcome::TimedOut | Outcome::Unknown => EventOutcome::Failure,
    };
    if f.ran.as_ref().is_some_and(|ran| !names_the_order(ran, &order)) {
        return malformed(Doubt::Receipt);
    }
    let note = said(u, session, &f.note, LONGEST_NOTE).await?;
    let counts: FindingCounts = serde_json::from_str(&row.finding_counts).map_err(Failure::stored)?;
    let event = end_of(&f, counts, &note, order.digest(), &link.public_key);
    let target = store::target(session, row.id, row.number, store::command(&row)?.name());
    let leaf = u
        .record(link.who(), target, outcome, by(&row)?, refs(&row), event)
        .await?;
    let now = u.now();
    let scope = u.scope().await?;
    let same = store::unchanged(&scope, &row)
        .col_expr(action::Column::State, Expr::value(ActionState::Finished.word()))
        .col_expr(action::Column::NextReport, Expr::value(row.next_report + 1))
        .col_expr(action::Column::Outcome, Expr::value(f.outcome.word()))
        .col_expr(action::Column::ExitCode, Expr::value(f.exit))
        .col_expr(action::Column::DurationMs, Expr::value(as_i64(f.duration_ms)))
        .col_expr(action::Column::Detail, Expr::value(note))
        .col_expr(action::Column::Output, Expr::value(f.output.to_string()))
        .col_expr(action::Column::FinishedAt, Expr::value(now))
        .col_expr(action::Column::EndedLeaf, Expr::value(as_i64(leaf)));
    let same = store::without_seal(same, &row);
    store::changed_one(same.exec(scope.conn).await?.rows_affected).map(Ok)
}
