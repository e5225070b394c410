//! Actions as they are shown, with their output read from the record.

use std::collections::BTreeMap;

use domain::action::{Basis, Outcome, RefusalReason};
use domain::api::{ActionView, BasisView, OutputPiece};
use domain::event::Event;
use domain::ids::{ActionId, RequestId};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

use super::store;
use crate::error::Failure;
use crate::store::entity::{action, approval_request, output_chunk};
use crate::store::event_log::as_u64;
use crate::store::groups::{self, Groups};
use crate::store::scope::OrgScope;
use crate::store::texts::Texts;

/// The views of `rows`, in their order.
pub(crate) async fn views<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    texts: &Texts,
    rows: Vec<action::Model>,
    policy_version: u32,
) -> Result<Vec<ActionView>, Failure> {
    let mut output = outputs(scope, texts, rows.iter().map(|r| r.id)).await?;
    let ids: Vec<RequestId> = rows.iter().filter_map(|r| r.request_id).collect();
    let requests: BTreeMap<RequestId, approval_request::Model> = scope
        .find::<approval_request::Entity>()
        .filter(approval_request::Column::Id.is_in(ids))
        .all(scope.conn)
        .await?
        .into_iter()
        .map(|r| (r.id, r))
        .collect();
    rows.into_iter()
        .map(|row| {
            let request = row.request_id.and_then(|id| requests.get(&id));
            let output = output.remove(&row.id).unwrap_or_default();
            view(row, request, output, policy_version)
        })
        .collect()
}

fn view(
    row: action::Model,
    request: Option<&approval_request::Model>,
    output: Vec<OutputPiece>,
    policy_version: u32,
) -> Result<ActionView, Failure> {
    let state = store::state(&row)?;
    let waits = state == domain::action::ActionState::Waiting;
    let outcome = row
        .outcome
        .as_deref()
        .map(str::parse::<Outcome>)
        .transpose()
        .map_err(Failure::Stored)?;
    let refusal = row
        .refusal
        .as_deref()
        .map(str::parse::<RefusalReason>)
        .transpose()
        .map_err(Failure::Stored)?;
    Ok(ActionView {
        id: row.id,
        number: as_u64(row.number),
        command: store::command(&row)?,
        redacted: row.redacted,
        state,
        proposed_at: row.proposed_at,
        proposed_leaf: as_u64(row.proposed_leaf),
        request: row.request_id,
        decide_until: request.filter(|_| waits).map(|r| r.expires_at),
        asked: request.map(|r| names(&r.asked)).unwrap_or_default(),
        basis: basis(&row, request, policy_version)?,
        dispatched_leaf: row.dispatched_leaf.map(as_u64),
        started_at: row.started_at,
        finished_at: row.finished_at,
        ended_leaf: row.ended_leaf.map(as_u64),
        outcome,
        exit: row.exit_code,
        duration_ms: row.duration_ms.map(as_u64),
        bytes: as_u64(row.bytes),
        lines: as_u64(row.lines),
        findings: serde_json::from_str(&row.finding_counts).map_err(Failure::stored)?,
        refusal,
        detail: row.detail,
        cancelling: row.cancelling,
        output,
    })
}

/// Names as they are stored: a JSON list.
pub(crate) fn names(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

fn basis(
    row: &action::Model,
    request: Option<&approval_request::Model>,
    policy_version: u32,
) -> Result<Option<BasisView>, Failure> {
    let Some(json) = &row.basis else { return Ok(None) };
    let basis: Basis = serde_json::from_str(json).map_err(Failure::stored)?;
    let at = row.decided_at.map(|t| format!("{} UTC", t.clock())).unwrap_or_default();
    let narrowed = request
        .filter(|r| r.state == "narrowed")
        .map(|r| format!(", narrowed to {}", r.allowed))
        .unwrap_or_default();
    let (sentence, request) = match &basis {
        Basis::OneTime { request } => (format!("Allowed by {} at {at}{narrowed}", row.approver), Some(*request)),
        Basis::Grant { request, .. } => (
            format!("Covered by the access that {} gave at {at}{narrowed}", row.approver),
            Some(*request),
        ),
        Basis::Policy { rule, version } => {
            let then = if *version == policy_version {
                String::new()
            } else {
                " of then".to_owned()
            };
            (
                format!("Allowed at once by rule {rule}, policy version {version}{then}"),
                None,
            )
        }
    };
    let leaf = row.decision_leaf.map(as_u64).unwrap_or_default();
    Ok(Some(BasisView {
        word: basis.word().to_owned(),
        sentence,
        leaf,
        request,
    }))
}

/// The output of actions, by action, in order.
pub(crate) async fn outputs<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    texts: &Texts,
    actions: impl Iterator<Item = ActionId>,
) -> Result<BTreeMap<ActionId, Vec<OutputPiece>>, Failure> {
    let of = scope
        .find::<output_chunk::Entity>()
        .filter(output_chunk::Column::ActionId.is_in(actions));
    let chunks = of.order_by_asc(output_chunk::Column::Leaf).all(scope.conn).await?;
    let leaves: Vec<i64> = chunks.iter().map(|c| c.leaf).collect();
    let mut groups = groups::read(scope, texts, &leaves).await?;
    let mut all: BTreeMap<ActionId, Vec<OutputPiece>> = BTreeMap::new();
    for chunk in chunks {
        let piece = piece(chunk.leaf, &groups.remove(&chunk.leaf).unwrap_or_default());
        all.entry(chunk.action_id).or_default().push(piece);
    }
    Ok(all)
}

/// What is shown where a piece of output can't be read: the rest of the page is as good as ever, and the self-check says what is wrong.
const UNREADABLE: &str = "[not readable: this is not what was recorded]\n";

/// The piece of output in a leaf's groups.
pub(crate) fn piece(leaf: i64, groups: &Groups) -> OutputPiece {
    // Which is in version 2 as well.
    let values = groups::readable("output.chunk", 1, groups);
    let (stream, text, findings) = match Event::read("output.chunk", 1, &values) {
        Ok(Event::OutputChunkV1 {
            stream, text, findings, ..
        }) => (stream, text, findings),
        Ok(_) | Err(_) => ("stdout".to_owned(), UNREADABLE.to_owned(), vec![]),
    };
    OutputPiece {
        leaf: as_u64(leaf),
        stream,
        text,
        findings,
    }
}
