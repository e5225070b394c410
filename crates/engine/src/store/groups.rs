//! The groups of leaves as they stand in the database: bytes as they are, nothing parsed, nothing trusted.

use std::collections::BTreeMap;

use audit::bundle::GroupData;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect};
use serde_json::Value;

use super::entity::{leaf_group, leaf_text};
use super::scope::OrgScope;
use super::texts::{TEXT, Texts};
use crate::error::Failure;

/// A leaf's groups, by name.
pub(crate) type Groups = BTreeMap<String, GroupData>;

/// Index, name, salt, JSON.
type GroupRow = (i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// Leaves whose groups are read at once.
const PART: usize = 500;

/// The groups of the leaves with these indexes, by index.
pub(crate) async fn read<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    texts: &Texts,
    indexes: &[i64],
) -> Result<BTreeMap<i64, Groups>, Failure> {
    let mut all = BTreeMap::new();
    for part in indexes.chunks(PART) {
        open(scope, part, &mut all).await?;
        let sealed = scope
            .find::<leaf_text::Entity>()
            .filter(leaf_text::Column::Idx.is_in(part.iter().copied()))
            .all(scope.conn)
            .await?;
        for (index, text) in texts.unseal(scope.org(), sealed).await? {
            all.entry(index).or_default().insert(TEXT.to_owned(), text);
        }
    }
    Ok(all)
}

/// The groups that are not encrypted.
async fn open<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    indexes: &[i64],
    all: &mut BTreeMap<i64, Groups>,
) -> Result<(), Failure> {
    let rows = scope
        .find::<leaf_group::Entity>()
        .filter(leaf_group::Column::Idx.is_in(indexes.iter().copied()))
        .select_only();
    let rows = rows
        .column(leaf_group::Column::Idx)
        .expr_as(bytes(leaf_group::Column::Name), "name_bytes");
    let rows = rows
        .column(leaf_group::Column::Salt)
        .expr_as(bytes(leaf_group::Column::Json), "json_bytes");
    let rows: Vec<GroupRow> = rows.into_tuple().all(scope.conn).await?;
    for (index, name, salt, json) in rows {
        // A salt of another length can't be right; zeros make the commitment differ, which is what the verifier reports.
        let salt = salt.as_slice().try_into().unwrap_or([0; 16]);
        let json = String::from_utf8_lossy(&json).into_owned();
        let name = String::from_utf8_lossy(&name).into_owned();
        all.entry(index)
            .or_default()
            .insert(name, GroupData::Open { salt, json });
    }
    Ok(())
}

/// A text column's bytes.
pub(crate) fn bytes(column: impl ColumnTrait) -> Expr {
    column.into_expr().cast_as(Alias::new("blob"))
}

/// The fields of the groups that can be read.
pub(crate) fn values(groups: &Groups) -> BTreeMap<String, Value> {
    groups
        .iter()
        .filter_map(|(name, data)| match data {
            GroupData::Open { json, .. } => Some((name.clone(), serde_json::from_str(json).ok()?)),
            GroupData::Withheld | GroupData::Erased => None,
        })
        .collect()
}
