//! Erasing a session's texts: a leaf that says so, the copies in the tables overwritten, and the key of the texts in the record
//! destroyed once that is durable.

use domain::action::{Command, Script, Shell};
use domain::api::{ApiError, Conflict, Erasure, ErasureCause};
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::ids::{ActionId, SessionId};
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect, Statement};

use super::holds;
use super::settings::reason_of;
use crate::actions::sealed::GONE;
use crate::engine::Engine;
use crate::error::Failure;
use crate::sessions;
use crate::store::entity::{action, approval_request, incident, note, output_chunk, report_digest, session};
use crate::store::event_log::{as_i64, as_u64};
use crate::store::groups;
use crate::store::ledger::Unit;
use crate::store::scope::OrgScope;
use crate::store::texts::{ERASED, Subject, TEXT, Texts};

/// Pieces of output that are taken out of the text search at once.
const PART: u64 = 500;

/// That a session's texts were erased.
pub(crate) fn erasure(s: &session::Model) -> Option<Erasure> {
    Some(Erasure {
        at: s.erased_at?,
        by: s.erased_by.clone(),
        leaf: as_u64(s.erased_leaf?),
    })
}

/// Erases because a person asks for it. What a hold forbids is refused, and recorded.
pub(super) async fn by_request(
    engine: &Engine,
    caller: &Caller,
    id: SessionId,
    reason: String,
) -> Result<(), ApiError> {
    let needed = "Say why, such as who asked for it. The record will show it.";
    let reason = reason_of(engine, caller, &reason, needed).await?;
    let who = Who::caller(caller);
    let by = By::permission(Permission::Retain);
    let erased = engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let session = sessions::load(&u.scope().await?, id).await?;
                let holds = holds::on_session(&u.scope().await?, &session).await?;
                if let Some(hold) = holds.first() {
                    let event = Event::ErasureRefused {
                        subject: id.to_string(),
                        hold: hold.id,
                    };
                    u.record(
                        who,
                        sessions::target(&session),
                        EventOutcome::Refused,
                        by,
                        Refs::NONE,
                        event,
                    )
                    .await?;
                    return Ok(false);
                }
                erase(u, &session, who, by, ErasureCause::Request, reason).await?;
                Ok(true)
            })
        })
        .await?;
    if !erased {
        return Err(ApiError::Conflict(Conflict::Held));
    }
    engine.forget_pages().await;
    Ok(())
}

/// Erases the texts of a session that is over.
pub(super) async fn erase(
    u: &mut Unit,
    s: &session::Model,
    who: Who,
    by: By,
    cause: ErasureCause,
    reason: String,
) -> Result<(), Failure> {
    if s.erased_at.is_some() {
        return Err(ApiError::Conflict(Conflict::Erased).into());
    }
    // A session is closed when all of its actions have ended: nothing is printed after that.
    if s.closed_at.is_none() {
        return Err(ApiError::Conflict(Conflict::NotOver).into());
    }
    let texts = u.texts();
    let (erased_by, subject) = (who.name().to_owned(), Subject::session(s.id));
    let leaves = texts.count(&u.scope().await?, &subject).await?;
    overwrite(&u.scope().await?, &texts, s.id).await?;
    let event = Event::TextErased {
        subject: subject.as_str().to_owned(),
        leaves,
        cause,
        reason,
    };
    // Not of the session: it is closed, and its leaves are counted.
    let leaf = u
        .record(who, sessions::target(s), EventOutcome::Success, by, Refs::NONE, event)
        .await?;
    let at = u.now();
    let scope = u.scope().await?;
    let own = scope.update::<session::Entity>().filter(session::Column::Id.eq(s.id));
    own.filter(session::Column::ErasedAt.is_null())
        .col_expr(session::Column::Reason, Expr::value(ERASED))
        .col_expr(session::Column::Ticket, Expr::value(""))
        .col_expr(session::Column::CloseReason, Expr::value(ERASED))
        .col_expr(session::Column::ErasedAt, Expr::value(at))
        .col_expr(session::Column::ErasedBy, Expr::value(erased_by))
        .col_expr(session::Column::ErasedLeaf, Expr::value(as_i64(leaf)))
        .exec(scope.conn)
        .await?;
    u.erase(subject).await
}

/// Overwrites the copies of a session's texts in the tables.
async fn overwrite(scope: &OrgScope<'_, DatabaseTransaction>, texts: &Texts, id: SessionId) -> Result<(), Failure> {
    let actions = actions(scope, id).await?;
    forget_output(scope, texts, &actions).await?;
    let notes = scope.update::<note::Entity>().filter(note::Column::SessionId.eq(id));
    notes
        .col_expr(note::Column::Text, Expr::value(ERASED))
        .exec(scope.conn)
        .await?;
    let command = Command::Script(Script {
        shell: Shell::Sh,
        text: ERASED.into(),
    });
    let order = Expr::case(
        Expr::col(action::Column::SignedOrder).is_null(),
        Expr::value(None::<String>),
    );
    let own = scope
        .update::<action::Entity>()
        .filter(action::Column::SessionId.eq(id));
    own.col_expr(
        action::Column::Command,
        Expr::value(domain::canonical::to_string(&command)?),
    )
    .col_expr(action::Column::CommandLine, Expr::value(ERASED))
    .col_expr(action::Column::SignedOrder, order.finally(GONE).into())
    .exec(scope.conn)
    .await?;
    let requests = scope
        .update::<approval_request::Entity>()
        .filter(approval_request::Column::SessionId.eq(id));
    requests
        .col_expr(approval_request::Column::What, Expr::value(ERASED))
        .col_expr(approval_request::Column::Statement, Expr::value(ERASED))
        .exec(scope.conn)
        .await?;
    let incidents = scope
        .update::<incident::Entity>()
        .filter(incident::Column::SessionId.eq(id));
    incidents
        .filter(incident::Column::ClosedAt.is_not_null())
        .col_expr(incident::Column::Note, Expr::value(ERASED))
        .exec(scope.conn)
        .await?;
    Ok(())
}

async fn actions<C: ConnectionTrait>(scope: &OrgScope<'_, C>, id: SessionId) -> Result<Vec<ActionId>, Failure> {
    let of = scope.find::<action::Entity>().filter(action::Column::SessionId.eq(id));
    let ids = of.select_only().column(action::Column::Id);
    Ok(ids.into_tuple().all(scope.conn).await?)
}

/// Takes the output out of the text search, which wants to be told the text for that, and drops the digests by which reports
/// that come twice are known.
async fn forget_output(
    scope: &OrgScope<'_, DatabaseTransaction>,
    texts: &Texts,
    actions: &[ActionId],
) -> Result<(), Failure> {
    for action in actions {
        let mut after = -1;
        loop {
            let of = scope
                .find::<output_chunk::Entity>()
                .filter(output_chunk::Column::ActionId.eq(*action))
                .filter(output_chunk::Column::Seq.gt(after));
            let part = of.order_by_asc(output_chunk::Column::Seq).limit(PART);
            let part = part.all(scope.conn).await?;
            let Some(last) = part.last() else { break };
            after = last.seq;
            let leaves: Vec<i64> = part.iter().map(|c| c.leaf).collect();
            let groups = groups::read(scope, texts, &leaves).await?;
            for chunk in &part {
                let values = groups.get(&chunk.leaf).map(groups::values).unwrap_or_default();
                if let Some(text) = values.get(TEXT).and_then(|t| t.get(TEXT)?.as_str()) {
                    unlist(scope.conn, chunk.seq, text).await?;
                }
            }
        }
        let digests = scope
            .delete::<report_digest::Entity>()
            .filter(report_digest::Column::ActionId.eq(*action));
        digests.exec(scope.conn).await?;
    }
    Ok(())
}

/// <https://www.sqlite.org/fts5.html#the_delete_command>
async fn unlist(conn: &DatabaseTransaction, seq: i64, text: &str) -> Result<(), Failure> {
    let sql = "INSERT INTO output_search (output_search, rowid, text) VALUES ('delete', ?, ?)";
    let values: [sea_orm::Value; 2] = [seq.into(), text.into()];
    conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values))
        .await?;
    Ok(())
}
