//! The history as CSV: RFC 4180, safe against formulas, streamed in pieces, with no cap on rows.

use domain::api::{ApiError, Filter, HistoryRow};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::roles::Caller;
use futures_util::stream::{self, Stream};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{by, described, query};
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::action;
use crate::store::event_log::as_i64;

/// Rows read and written at a time.
const PART: u64 = 2000;

/// The columns, in order.
const HEADER: [&str; 23] = [
    "proposed_at_utc",
    "client",
    "endpoint",
    "technician",
    "ticket",
    "reason",
    "session",
    "number",
    "command",
    "status",
    "refusal",
    "approval_required",
    "rule",
    "basis",
    "approver",
    "approver_role",
    "decided_at_utc",
    "approval_precedes_action",
    "exit_code",
    "findings",
    "output_lines",
    "output_sha256",
    "leaf",
];

impl Engine {
    /// The rows of `filter` as CSV: the header first, then pieces of many rows, newest first. That it was exported, and how
    /// many rows, is in the record before the first byte; rows proposed after that are not in the export.
    ///
    /// # Errors
    /// When the filter is malformed, or the record can't be written.
    pub async fn export_csv(
        &self,
        caller: &Caller,
        filter: Filter,
    ) -> Result<impl Stream<Item = Result<Vec<u8>, ApiError>> + Send + 'static, ApiError> {
        let filter = query::checked(filter)?;
        let scope = self.scope(caller.org);
        let found = self.answer(query::matching(&scope, caller, &filter).await)?;
        let rows = self.answer(found.count(scope.conn).await.map_err(Failure::from))?;
        let leaf = exported(self, caller, &filter, rows, by(caller)).await?;
        let state = Export {
            engine: self.clone(),
            caller: caller.clone(),
            filter,
            below: leaf,
            header: true,
            done: false,
        };
        Ok(stream::unfold(state, |mut e| async move {
            let piece = e.next().await?;
            Some((piece, e))
        }))
    }
}

async fn exported(engine: &Engine, caller: &Caller, filter: &Filter, rows: u64, by: By) -> Result<u64, ApiError> {
    let (who, filter) = (Who::caller(caller), described(engine, caller, filter).await?);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let target = Target::new("history", Named::new(scope.org(), "history"));
                let event = Event::ExportMade {
                    format: "csv".into(),
                    rows,
                    filter,
                };
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await
            })
        })
        .await
}

struct Export {
    engine: Engine,
    caller: Caller,
    filter: Filter,
    /// Rows whose proposal's leaf is below this come next: a cursor that rows can't move across.
    below: u64,
    header: bool,
    done: bool,
}

impl Export {
    async fn next(&mut self) -> Option<Result<Vec<u8>, ApiError>> {
        if self.done {
            return None;
        }
        let piece = self.piece().await;
        self.done |= piece.is_err();
        Some(self.engine.answer(piece))
    }

    async fn piece(&mut self) -> Result<Vec<u8>, Failure> {
        let scope = self.engine.scope(self.caller.org);
        let found = query::matching(&scope, &self.caller, &self.filter).await?;
        let below = found.filter(action::Column::ProposedLeaf.lt(as_i64(self.below)));
        let actions = below
            .order_by_desc(action::Column::ProposedLeaf)
            .limit(PART)
            .all(scope.conn)
            .await?;
        self.done = (actions.len() as u64) < PART;
        let rows = query::rows(&scope, actions).await?;
        if let Some(last) = rows.last() {
            self.below = last.leaf;
        }
        let mut out = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        if std::mem::take(&mut self.header) {
            out.write_record(HEADER).map_err(Failure::stored)?;
        }
        for row in &rows {
            out.write_record(record(row)).map_err(Failure::stored)?;
        }
        out.into_inner().map_err(Failure::stored)
    }
}

fn record(r: &HistoryRow) -> [String; 23] {
    let yes_no = |b: bool| if b { "yes" } else { "no" }.to_owned();
    [
        r.at.to_string(),
        safe(&r.client.name),
        safe(&r.endpoint.name),
        safe(&r.technician.name),
        safe(&r.ticket),
        safe(&r.reason),
        r.session.to_string(),
        r.number.to_string(),
        safe(&r.command),
        r.status.clone(),
        r.refusal.clone(),
        yes_no(r.approval_required),
        r.rule.clone(),
        r.basis.clone(),
        safe(&r.approver),
        r.approver_role.clone(),
        r.decided_at.map(|t| t.to_string()).unwrap_or_default(),
        r.approval_precedes_action.map(yes_no).unwrap_or_default(),
        r.exit.map(|e| e.to_string()).unwrap_or_default(),
        r.findings.to_string(),
        r.lines.to_string(),
        r.output.clone(),
        r.leaf.to_string(),
    ]
}

/// A text that a spreadsheet takes for text: what could start a formula gets an apostrophe before it (OWASP, CSV injection).
fn safe(text: &str) -> String {
    let risky = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
        )
    };
    if text.trim_start_matches(' ').starts_with(risky) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R41: no cell starts a formula.
    #[test]
    fn what_could_start_a_formula_is_text() {
        for risky in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"] {
            assert_eq!(safe(risky), format!("'{risky}"));
        }
        assert_eq!(safe("file.read /etc/hosts"), "file.read /etc/hosts");
    }
}
