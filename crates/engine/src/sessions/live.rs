//! What arrives while one watches: read from the record, from a cursor, so that a lost wake-up costs time only.

use domain::api::LiveItem;
use domain::ids::SessionId;
use domain::roles::Caller;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access;
use crate::actions::view::piece;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::leaf;
use crate::store::event_log::{self, as_i64, as_u64};
use crate::store::groups;

/// Most items in one answer.
const MOST: u64 = 500;

/// The session's leaves from `from` on, and the cursor to go on from.
pub(super) async fn since(
    engine: &Engine,
    caller: &Caller,
    id: SessionId,
    from: u64,
) -> Result<(Vec<(u64, LiveItem)>, u64), Failure> {
    let scope = engine.scope(caller.org);
    access::readable_session(&scope, caller, id).await?;
    let size = event_log::size(&scope).await?;
    let of = scope.find::<leaf::Entity>().filter(leaf::Column::SessionId.eq(id));
    let of = of
        .filter(leaf::Column::Idx.gte(as_i64(from)))
        .filter(leaf::Column::Idx.lt(as_i64(size)));
    let leaves = of.order_by_asc(leaf::Column::Idx).limit(MOST).all(scope.conn).await?;
    let output: Vec<i64> = leaves
        .iter()
        .filter(|l| l.kind == "output.chunk")
        .map(|l| l.idx)
        .collect();
    let mut groups = groups::read(&scope, &engine.0.texts, &output).await?;
    let full = leaves.len() as u64 == MOST;
    let cursor = leaves
        .last()
        .filter(|_| full)
        .map_or(size.max(from), |l| as_u64(l.idx) + 1);
    let items = leaves.into_iter().map(|l| {
        let item = match (l.action_id, groups.remove(&l.idx)) {
            (Some(action), Some(groups)) => LiveItem::Output {
                action,
                piece: piece(l.idx, &groups),
            },
            _ => LiveItem::Changed,
        };
        Ok((as_u64(l.idx), item))
    });
    Ok((items.collect::<Result<_, Failure>>()?, cursor))
}
