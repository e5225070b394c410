//! Packing what has ended: the leaves of an action and their texts, compressed together (R8).
//!
//! While an action runs, each piece of its output is a leaf of its own, durable before it is shown; alone it compresses badly, and
//! most of a leaf is the same as in the one before. What was stored is not changed by packing: the pack is read back and compared
//! before it takes the place of its leaves, and leaves, salts and hashes are what they were.

use std::collections::{BTreeMap, BTreeSet};

use domain::api::ApiError;
use domain::ids::{ActionId, OrgId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
};

use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{action, leaf, leaf_pack, leaf_text};
use crate::store::entrance;
use crate::store::event_log::as_i64;
use crate::store::leaves::{self, OpenLeaf};
use crate::store::ledger::Unit;
use crate::store::packs;

/// Actions looked for at a time.
const ACTIONS: u64 = 100;
/// Bytes of sealed text from which a pack is full: about a megabyte of console text, which is read back in 5 ms.
const FULL: i64 = 192 * 1024;
/// Most leaves in one pack, however little they hold.
const MOST: usize = 256;

/// What is to be put in the place of leaves.
struct Packed {
    row: leaf_pack::Model,
    leaves: Vec<i64>,
}

impl Engine {
    /// Packs the leaves of all actions that have ended since it was done last.
    ///
    /// # Errors
    /// When they can't be read or written; the next call goes on.
    pub async fn pack(&self) -> Result<(), ApiError> {
        let orgs = entrance::orgs(&self.0.read).await.map_err(Failure::from);
        for org in self.answer(orgs)? {
            loop {
                let due = self.answer(self.to_pack(org.id).await)?;
                if due.is_empty() {
                    break;
                }
                for action in &due {
                    self.pack_action(org.id, action).await?;
                }
                let ids: Vec<ActionId> = due.into_iter().map(|a| a.id).collect();
                let done = self.commit(org.id, |u| {
                    Box::pin(async move {
                        let scope = u.scope().await?;
                        let these = scope.update::<action::Entity>().filter(action::Column::Id.is_in(ids));
                        these
                            .col_expr(action::Column::Packed, Expr::value(true))
                            .exec(scope.conn)
                            .await?;
                        Ok(())
                    })
                });
                done.await?;
            }
        }
        Ok(())
    }

    /// Actions that have ended and were not looked at yet.
    async fn to_pack(&self, org: OrgId) -> Result<Vec<action::Model>, Failure> {
        let scope = self.scope(org);
        // As the index has it.
        let ended = Expr::cust("packed = FALSE AND state IN ('finished', 'refused')");
        let due = scope.find::<action::Entity>().filter(ended).limit(ACTIONS);
        Ok(due.all(scope.conn).await?)
    }

    async fn pack_action(&self, org: OrgId, action: &action::Model) -> Result<(), ApiError> {
        for part in parts(self.answer(self.sizes(action).await)?) {
            let Some(packed) = self.answer(self.packed(org, part).await)? else {
                continue;
            };
            self.commit(org, |u| Box::pin(replace(u, packed))).await?;
        }
        Ok(())
    }

    /// The action's leaves that are in no pack, each with the bytes of its sealed text.
    async fn sizes(&self, of: &action::Model) -> Result<Vec<(i64, i64)>, Failure> {
        let scope = self.scope(of.org_id);
        let own = scope
            .find::<leaf::Entity>()
            .filter(leaf::Column::SessionId.eq(of.session_id))
            .filter(leaf::Column::ActionId.eq(of.id))
            .filter(leaf::Column::Pack.is_null())
            .order_by_asc(leaf::Column::Idx)
            .select_only()
            .column(leaf::Column::Idx);
        let indexes: Vec<i64> = own.into_tuple().all(scope.conn).await?;
        let mut sizes: Vec<(i64, i64)> = Vec::with_capacity(indexes.len());
        for part in indexes.chunks(MOST) {
            let texts = scope
                .find::<leaf_text::Entity>()
                .filter(leaf_text::Column::Idx.is_in(part.iter().copied()))
                .select_only()
                .column(leaf_text::Column::Idx)
                .expr_as(Expr::cust("length(sealed)"), "sealed_bytes");
            let texts: Vec<(i64, i64)> = texts.into_tuple().all(scope.conn).await?;
            let texts: BTreeMap<i64, i64> = texts.into_iter().collect();
            sizes.extend(part.iter().map(|i| (*i, texts.get(i).copied().unwrap_or_default())));
        }
        Ok(sizes)
    }

    /// These leaves as one pack; none where something of them was changed or its key is gone: what can't be read stays where it is.
    async fn packed(&self, org: OrgId, indexes: Vec<i64>) -> Result<Option<Packed>, Failure> {
        let scope = self.scope(org);
        let Some(first) = indexes.first().copied() else {
            return Ok(None);
        };
        let these = Condition::all().add(leaf::Column::Idx.is_in(indexes.iter().copied()));
        let open = leaves::read(&scope, these).await?;
        let texts = scope
            .find::<leaf_text::Entity>()
            .filter(leaf_text::Column::Idx.is_in(indexes.iter().copied()));
        let texts = texts.all(scope.conn).await?;
        let with_text: BTreeSet<i64> = texts.iter().map(|t| t.idx).collect();
        let sealed = self.0.texts.packed(org, first, texts).await?;
        if sealed.is_none() && !with_text.is_empty() {
            return Ok(None);
        }
        let entry = |l: OpenLeaf| {
            let text = if with_text.contains(&l.index) { vec![1] } else { vec![] };
            (l.index, [l.leaf, l.groups, text])
        };
        let entries: leaves::Packed = open.into_iter().map(entry).collect();
        // Not in the way of others: it takes a tenth of a second.
        let packing = tokio::task::spawn_blocking(move || packs::pack(&entries));
        let Some(leaves) = packing.await.map_err(Failure::stored)? else {
            return Ok(None);
        };
        let (key_id, texts) = sealed.unzip();
        let row = leaf_pack::Model {
            org_id: org,
            first,
            leaves,
            key_id,
            texts,
            text_count: as_i64(with_text.len() as u64),
        };
        Ok(Some(Packed { row, leaves: indexes }))
    }
}

/// SQLite gives back the room of a row only where the row goes away: what is left of a leaf goes to where the packed ones are, densely.
const MOVE: &str = "UPDATE leaf SET leaf = '', groups = '', pack = ?, rowid = rowid - 4611686018427387904
                    WHERE org_id = ? AND idx IN (SELECT value FROM json_each(?))";

/// Puts a pack in the place of its leaves.
async fn replace(u: &mut Unit, Packed { row, leaves }: Packed) -> Result<(), Failure> {
    let scope = u.scope().await?;
    let first = row.first;
    scope.insert::<leaf_pack::Entity, _>(row).await?;
    let indexes = serde_json::to_string(&leaves).map_err(Failure::stored)?;
    let values = [first.into(), scope.org().into(), indexes.into()];
    let moving = Statement::from_sql_and_values(scope.conn.get_database_backend(), MOVE, values);
    if scope.conn.execute_raw(moving).await?.rows_affected() != leaves.len() as u64 {
        return Err(Failure::stored("leaves to be packed are gone"));
    }
    let texts = scope
        .delete::<leaf_text::Entity>()
        .filter(leaf_text::Column::Idx.is_in(leaves));
    texts.exec(scope.conn).await?;
    Ok(())
}

/// Leaves with the bytes of their texts, as packs: each full, but the last; one leaf alone gains nothing.
fn parts(sizes: Vec<(i64, i64)>) -> Vec<Vec<i64>> {
    let mut parts = vec![Vec::new()];
    let mut bytes = 0;
    for (index, size) in sizes {
        if bytes >= FULL || parts.last().is_some_and(|part| part.len() >= MOST) {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(part) = parts.last_mut() {
            part.push(index);
        }
    }
    parts.retain(|part| part.len() > 1);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R8: a pack is full by its bytes or by its leaves, every leaf is in one, and one alone stays as it is.
    #[test]
    fn parts_are_bounded_and_miss_nothing() {
        assert_eq!(parts(vec![]), Vec::<Vec<i64>>::new());
        assert_eq!(parts(vec![(7, 10)]), Vec::<Vec<i64>>::new());
        assert_eq!(parts(vec![(7, 10), (9, 0)]), [[7, 9]]);
        let many: Vec<(i64, i64)> = (0..600).map(|i| (i, 1)).collect();
        let lengths: Vec<usize> = parts(many).iter().map(Vec::len).collect();
        assert_eq!(lengths, [MOST, MOST, 600 - 2 * MOST]);
        let large: Vec<(i64, i64)> = (0..7).map(|i| (i, FULL / 2)).collect();
        assert_eq!(parts(large), [vec![0, 1], vec![2, 3], vec![4, 5]]);
    }
}
