//! Leaves as they stand in the database, for whoever verifies them: bytes as they are, nothing parsed, nothing trusted.

use std::collections::BTreeMap;

use audit::bundle::GroupData;
use domain::digest::Digest;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Failure;
use crate::store::entity::{leaf, leaf_group};
use crate::store::event_log::digest;
use crate::store::scope::OrgScope;

/// A leaf as stored.
pub(crate) struct StoredLeaf {
    pub(crate) index: i64,
    /// Its bytes; where they are no longer UTF-8, with replacement characters, so that the verifier sees them as altered.
    pub(crate) leaf: String,
    /// The hash stored beside it.
    pub(crate) hash: Digest,
    pub(crate) groups: BTreeMap<String, GroupData>,
}

/// The leaves that `which` selects, by index.
pub(crate) async fn stored<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    which: Condition,
) -> Result<Vec<StoredLeaf>, Failure> {
    let rows = scope
        .find::<leaf::Entity>()
        .filter(which)
        .order_by_asc(leaf::Column::Idx)
        .select_only();
    let rows = rows
        .column(leaf::Column::Idx)
        .expr_as(bytes(leaf::Column::Leaf), "bytes")
        .column(leaf::Column::Hash);
    let rows: Vec<(i64, Vec<u8>, Vec<u8>)> = rows.into_tuple().all(scope.conn).await?;
    let mut leaves = Vec::with_capacity(rows.len());
    for part in rows.chunks(500) {
        let mut groups = groups(scope, part.iter().map(|(index, ..)| *index)).await?;
        for (index, leaf, hash) in part {
            let leaf = String::from_utf8_lossy(leaf).into_owned();
            let groups = groups.remove(index).unwrap_or_default();
            leaves.push(StoredLeaf {
                index: *index,
                leaf,
                hash: digest(hash)?,
                groups,
            });
        }
    }
    Ok(leaves)
}

/// Index, name, salt, JSON.
type GroupRow = (i64, Vec<u8>, Vec<u8>, Vec<u8>);
type Groups = BTreeMap<i64, BTreeMap<String, GroupData>>;

async fn groups<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    indexes: impl Iterator<Item = i64>,
) -> Result<Groups, Failure> {
    let rows = scope
        .find::<leaf_group::Entity>()
        .filter(leaf_group::Column::Idx.is_in(indexes))
        .select_only();
    let rows = rows
        .column(leaf_group::Column::Idx)
        .expr_as(bytes(leaf_group::Column::Name), "name_bytes");
    let rows = rows
        .column(leaf_group::Column::Salt)
        .expr_as(bytes(leaf_group::Column::Json), "json_bytes");
    let rows: Vec<GroupRow> = rows.into_tuple().all(scope.conn).await?;
    let mut all = Groups::new();
    for (index, name, salt, json) in rows {
        // A salt of another length can't be right; zeros make the commitment differ, which is what the verifier reports.
        let salt = salt.as_slice().try_into().unwrap_or([0; 16]);
        let json = String::from_utf8_lossy(&json).into_owned();
        let name = String::from_utf8_lossy(&name).into_owned();
        all.entry(index)
            .or_default()
            .insert(name, GroupData::Open { salt, json });
    }
    Ok(all)
}

/// A text column's bytes.
pub(super) fn bytes(column: impl ColumnTrait) -> Expr {
    column.into_expr().cast_as(Alias::new("blob"))
}
