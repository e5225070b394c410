//! What agents report: refused, started, a piece of output, finished. Each is committed before it is acknowledged; the same
//! report again changes nothing.

use domain::action::{ActionState, RefusalReason};
use domain::api::IncidentPlace;
use domain::digest::Digest;
use domain::event::{By, Event, EventOutcome, Refs};
use domain::ids::ActionId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};
use wire::{OutputDigest, Report, ReportBody};

use super::AgentLink;
use super::doubt::{self, Doubt};
use super::finish::finished;
use crate::actions::store;
use crate::actions::view::piece;
use crate::endpoints::client;
use crate::engine::Engine;
use crate::error::Failure;
use crate::incidents;
use crate::redaction::{for_client, ready_for};
use crate::store::entity::{action, output_chunk, session};
use crate::store::event_log::{as_i64, as_u64};
use crate::store::groups;
use crate::store::ledger::Unit;
use crate::store::texts::Texts;

/// How much of what a stream said before is looked at again with each new piece, in pieces.
const OVERLAP: u64 = 2;
/// The longest name of a resource that is kept, in characters.
const LONGEST_NAME: usize = 4096;
/// The longest explanation that is kept, in characters.
pub(super) const LONGEST_NOTE: usize = 1000;

/// A connection with reports on more actions than this that were not taken is closed.
const MOST_DOUBTED: usize = 16;

/// Why a report was not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReportError {
    /// The record can't be written: don't acknowledge, it will be sent again.
    #[error("the record can't be written")]
    Unavailable,
    /// The report contradicts what the agent said before: close the connection.
    #[error("{}", .0.sentence())]
    Malformed(Doubt),
    /// It changes nothing, and never will: acknowledge it, so that it isn't sent for ever.
    #[error("{}", .0.sentence())]
    Useless(Doubt),
}

pub(super) type Taken = Result<(), ReportError>;

impl Engine {
    /// Commits a report. Acknowledge it only after `Ok` (or [`ReportError::Useless`]). One that can't be true is in the
    /// record when this returns, as that.
    ///
    /// # Errors
    /// See [`ReportError`].
    pub async fn report(&self, link: &AgentLink, report: &Report) -> Taken {
        let (link, report) = (link.clone(), report.clone());
        let done = self.commit(link.org, move |u| Box::pin(async move { take(u, &link, report).await }));
        done.await.map_err(|_| ReportError::Unavailable)?
    }
}

pub(super) fn malformed(why: Doubt) -> Result<Taken, Failure> {
    Ok(Err(ReportError::Malformed(why)))
}

/// Takes a report, or records why not.
async fn take(u: &mut Unit, link: &AgentLink, report: Report) -> Result<Taken, Failure> {
    let place = doubt::place(&report);
    let row = own_action(u, link, report.action).await?;
    let taken = match row.clone() {
        Some(row) => judge(u, link, row, report).await?,
        None => Err(ReportError::Useless(Doubt::NoSuchAction)),
    };
    match taken {
        Ok(()) | Err(ReportError::Unavailable) => Ok(taken),
        Err(ReportError::Malformed(why)) => {
            doubt::note(u, link, row.as_ref(), place, why).await?;
            malformed(why)
        }
        Err(ReportError::Useless(why)) => {
            let (first, of) = link.doubt(place.0);
            if first {
                doubt::note(u, link, row.as_ref(), place, why).await?;
            }
            if of > MOST_DOUBTED { malformed(why) } else { Ok(taken) }
        }
    }
}

async fn own_action(u: &mut Unit, link: &AgentLink, id: ActionId) -> Result<Option<action::Model>, Failure> {
    let scope = u.scope().await?;
    let found = scope
        .find::<action::Entity>()
        .filter(action::Column::Id.eq(id))
        .one(scope.conn)
        .await?;
    Ok(found.filter(|r| r.endpoint_id == link.endpoint))
}

async fn judge(u: &mut Unit, link: &AgentLink, row: action::Model, report: Report) -> Result<Taken, Failure> {
    let digest = doubt::digest(&report.body)?;
    let state = store::state(&row)?;
    let ended = matches!(state, ActionState::Finished | ActionState::Refused);
    let again = report.n < as_u64(row.next_report);
    if ended || again {
        match doubt::kept(u, row.id, report.n).await? {
            Some(kept) if kept == digest => return Ok(Ok(())),
            Some(_) => return Ok(Err(ReportError::Useless(Doubt::OtherContent))),
            // From before digests were kept.
            None if again => return Ok(Ok(())),
            None => {}
        }
    }
    if ended {
        // It ended here first (the endpoint was removed, the order expired unsent): nothing more is taken.
        return Ok(Err(ReportError::Useless(Doubt::Ended)));
    }
    if report.n > as_u64(row.next_report) {
        return malformed(Doubt::Gap);
    }
    let session = store::session_of(&u.scope().await?, &row).await?;
    let (about, n) = (row.id, report.n);
    let taken = match (state, report.body) {
        (ActionState::Dispatched, ReportBody::Refused { reason, detail }) => {
            refused(u, link, row, &session, reason, &detail).await
        }
        (ActionState::Dispatched, ReportBody::Started { at, resource }) => {
            let _running = store::dispatched(&row)?.start();
            let target = store::target(&session, row.id, row.number, store::command(&row)?.name());
            let resource = said(u, &session, &resource, LONGEST_NAME).await?;
            let event = Event::ActionStarted {
                agent_time: at,
                resource,
            };
            u.record(link.who(), target, EventOutcome::Success, by(&row)?, refs(&row), event)
                .await?;
            let now = u.now();
            let scope = u.scope().await?;
            let same = store::unchanged(&scope, &row)
                .col_expr(action::Column::State, Expr::value(ActionState::Running.word()))
                .col_expr(action::Column::StartedAt, Expr::value(now))
                .col_expr(action::Column::NextReport, Expr::value(row.next_report + 1));
            store::changed_one(same.exec(scope.conn).await?.rows_affected).map(Ok)
        }
        (
            ActionState::Running,
            ReportBody::Output {
                stream,
                text,
                raw_bytes,
                lines,
                findings,
            },
        ) => {
            let piece = Piece {
                n: report.n,
                stream,
                text,
                raw_bytes,
                lines,
                findings,
            };
            output(u, link, &row, &session, piece).await
        }
        (ActionState::Running, ReportBody::Finished(finish)) => finished(u, link, row, &session, finish).await,
        (
            ActionState::Dispatched
            | ActionState::Running
            | ActionState::Waiting
            | ActionState::Authorised
            | ActionState::Finished
            | ActionState::Refused,
            _,
        ) => malformed(Doubt::OutOfPlace),
    }?;
    if taken.is_ok() {
        doubt::remember(u, about, n, digest).await?;
    }
    Ok(taken)
}

pub(super) fn by(row: &action::Model) -> Result<By, Failure> {
    let basis = row
        .basis
        .as_deref()
        .ok_or_else(|| Failure::stored("a dispatched action without a basis"))?;
    Ok(By::Basis(serde_json::from_str(basis).map_err(Failure::stored)?))
}

pub(super) fn refs(row: &action::Model) -> Refs {
    let refs = Refs::session(row.session_id).action(row.id);
    Refs {
        request: row.request_id,
        ..refs
    }
}

async fn refused(
    u: &mut Unit,
    link: &AgentLink,
    row: action::Model,
    session: &session::Model,
    reason: RefusalReason,
    detail: &str,
) -> Result<Taken, Failure> {
    let detail = said(u, session, detail, LONGEST_NOTE).await?;
    let refused = store::dispatched(&row)?.refuse(reason);
    store::refuse(u, &row, refused, link.who(), By::DEVICE_KEY, true, &detail).await?;
    Ok(Ok(()))
}

/// What an agent says of its own, redacted as its client has it.
pub(super) async fn said(u: &mut Unit, session: &session::Model, text: &str, most: usize) -> Result<String, Failure> {
    let scope = u.scope().await?;
    let client = client(&scope, session.client_id).await?;
    Ok(crate::text::from_agent(&for_client(&scope, &client).await?, text, most))
}

struct Piece {
    n: u64,
    stream: wire::Stream,
    text: String,
    raw_bytes: u64,
    lines: u64,
    findings: Vec<domain::finding::Finding>,
}

/// A piece of output: redacted a second time, then in the record, then searchable.
async fn output(
    u: &mut Unit,
    link: &AgentLink,
    row: &action::Model,
    session: &session::Model,
    p: Piece,
) -> Result<Taken, Failure> {
    let texts = u.texts();
    let scope = u.scope().await?;
    let client = client(&scope, session.client_id).await?;
    let before = before(&scope, &texts, row, p.stream.word()).await?;
    let ready = ready_for(&scope, &client, &link.redaction).await?;
    let redacted = redact::Again::resume(&ready, &before).chunk(&p.text, p.findings);
    let (text, findings) = redacted.into_parts();
    let digest = match row.output.parse::<Digest>() {
        Ok(so_far) => OutputDigest::resume(so_far),
        Err(_) => OutputDigest::new(),
    };
    // The chain runs over what the agent sent, which is what its receipt signs.
    let mut digest = digest;
    digest.push(p.stream, &p.text);

    let target = store::target(session, row.id, row.number, store::command(row)?.name());
    let counted = domain::finding::count(&findings);
    let found = findings.len() as i64;
    let event = Event::OutputChunk {
        n: p.n,
        stream: p.stream.word().to_owned(),
        raw_bytes: p.raw_bytes,
        lines: p.lines,
        findings: findings.clone(),
        as_sent: text == p.text,
        text: text.clone(),
    };
    let leaf = u
        .record(link.who(), target, EventOutcome::Success, by(row)?, refs(row), event)
        .await?;
    let mut counts: domain::finding::FindingCounts =
        serde_json::from_str(&row.finding_counts).map_err(Failure::stored)?;
    for (kind, n) in counted {
        *counts.entry(kind).or_default() += n;
    }
    let scope = u.scope().await?;
    let (id, n, leaf) = (row.id, as_i64(p.n), as_i64(leaf));
    let values = [scope.org().into(), id.into(), n.into(), leaf.into()];
    let insert = "INSERT INTO output_chunk (org_id, action_id, n, leaf) VALUES (?, ?, ?, ?)";
    let inserted = scope.conn.execute_raw(statement(scope.conn, insert, values)).await?;
    let seq = i64::try_from(inserted.last_insert_id()).map_err(Failure::stored)?;
    let search = "INSERT INTO output_search (rowid, text) VALUES (?, ?)";
    scope
        .conn
        .execute_raw(statement(scope.conn, search, [seq.into(), text.into()]))
        .await?;
    let same = store::unchanged(&scope, row)
        .col_expr(action::Column::NextReport, Expr::value(row.next_report + 1))
        .col_expr(action::Column::Bytes, Expr::value(row.bytes + as_i64(p.raw_bytes)))
        .col_expr(action::Column::Lines, Expr::value(row.lines + as_i64(p.lines)))
        .col_expr(action::Column::Findings, Expr::value(row.findings + found))
        .col_expr(
            action::Column::FindingCounts,
            Expr::value(serde_json::to_string(&counts).map_err(Failure::stored)?),
        )
        .col_expr(action::Column::Output, Expr::value(digest.digest().to_string()));
    store::changed_one(same.exec(scope.conn).await?.rows_affected)?;
    incidents::found(u, session, Some(row), IncidentPlace::Output, &findings).await?;
    Ok(Ok(()))
}

fn statement<const N: usize>(c: &impl ConnectionTrait, sql: &str, values: [sea_orm::Value; N]) -> sea_orm::Statement {
    sea_orm::Statement::from_sql_and_values(c.get_database_backend(), sql, values)
}

/// The end of what the stream has said so far, as stored.
async fn before<C: ConnectionTrait>(
    scope: &crate::store::scope::OrgScope<'_, C>,
    texts: &Texts,
    row: &action::Model,
    stream: &str,
) -> Result<String, Failure> {
    use sea_orm::QuerySelect as _;
    let of = scope
        .find::<output_chunk::Entity>()
        .filter(output_chunk::Column::ActionId.eq(row.id));
    let last = of
        .order_by_desc(output_chunk::Column::N)
        .limit(OVERLAP)
        .all(scope.conn)
        .await?;
    let leaves: Vec<i64> = last.iter().rev().map(|c| c.leaf).collect();
    let mut groups = groups::read(scope, texts, &leaves).await?;
    let mut text = String::new();
    for leaf in leaves {
        // A piece of this very batch is not in the table yet; the agent sends one at a time, so that is rare and harmless.
        let Some(groups) = groups.remove(&leaf) else { continue };
        let piece = piece(leaf, &groups);
        if piece.stream == stream {
            text.push_str(&piece.text);
        }
    }
    Ok(text)
}
