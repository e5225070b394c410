//! What a batch puts into the record's tables: its leaves, their texts, the tree's nodes, and a signed checkpoint for each org.

use std::collections::{BTreeSet, HashMap};

use audit::checkpoint::{Checkpoint, origin_for};
use domain::ids::OrgId;
use domain::timestamp::Timestamp;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel};

use crate::error::Failure;
use crate::keys::Keys;
use crate::store::entity::{checkpoint, leaf, leaf_text, log_node};
use crate::store::event_log::{Head, Sealed, as_i64};
use crate::store::texts::Texts;

/// Rows in one INSERT: eleven columns a leaf, under SQLite's 32,766 parameters.
const ROWS: usize = 1000;

/// Inserts the batch's leaves, their texts encrypted.
pub(super) async fn insert(txn: &DatabaseTransaction, leaves: Vec<Sealed>, texts: &Texts) -> Result<(), Failure> {
    let (mut rows, mut sealed, mut nodes) = (Vec::new(), Vec::new(), Vec::new());
    for leaf in leaves {
        let org_id = leaf.row.org_id;
        if let Some(text) = leaf.text {
            sealed.push(texts.seal(&leaf.row, &text).await?);
        }
        nodes.extend(leaf.nodes.into_iter().map(|(id, hash)| log_node::Model {
            org_id,
            level: i64::from(id.level),
            idx: as_i64(id.index),
            hash: hash.as_bytes().to_vec(),
        }));
        rows.push(leaf.row);
    }
    insert_all::<leaf::Entity>(txn, rows).await?;
    insert_all::<leaf_text::Entity>(txn, sealed).await?;
    insert_all::<log_node::Entity>(txn, nodes).await?;
    Ok(())
}

/// Signs a checkpoint for each org whose log has grown.
pub(super) async fn sign(
    txn: &DatabaseTransaction,
    heads: &HashMap<OrgId, Head>,
    grown: &BTreeSet<OrgId>,
    keys: &Keys,
    now: Timestamp,
) -> Result<(), Failure> {
    let mut signed = Vec::new();
    for org in grown {
        let head = heads.get(org).ok_or_else(|| Failure::stored("a leaf without a log"))?;
        let state = Checkpoint {
            origin: origin_for(&org.to_string()),
            size: head.size(),
            root: head.root(),
        };
        let note = state.sign(&keys.log(*org)).map_err(Failure::stored)?;
        signed.push(checkpoint::Model {
            org_id: *org,
            size: as_i64(head.size()),
            root: head.root().as_bytes().to_vec(),
            note,
            at: now,
        });
    }
    insert_all::<checkpoint::Entity>(txn, signed).await?;
    Ok(())
}

/// Inserts rows, many at a time. Only the ledger inserts without a scope: its rows carry the org they were sealed for.
async fn insert_all<E>(txn: &DatabaseTransaction, rows: Vec<E::Model>) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let part = rows
            .by_ref()
            .take(ROWS)
            .map(|m| ActiveModelTrait::reset_all(m.into_active_model()));
        E::insert_many(part).exec_without_returning(txn).await?;
    }
    Ok(())
}
