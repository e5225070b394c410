//! Leaves as they stand in the database, in their rows or in packs: bytes as they are, nothing parsed, nothing trusted.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Alias, Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::entity::{leaf, leaf_pack};
use super::packs::{Entries, unpack};
use super::scope::OrgScope;
use crate::error::Failure;

/// What is stored of a leaf without its text.
pub(crate) struct OpenLeaf {
    pub(crate) index: i64,
    /// Its bytes.
    pub(crate) leaf: Vec<u8>,
    /// The hash that stands beside it.
    pub(crate) hash: Vec<u8>,
    /// Its groups that are not encrypted (see `groups`).
    pub(crate) groups: Vec<u8>,
    /// The pack that its text is in.
    pub(crate) text_in: Option<i64>,
}

/// A leaf as packs have it: bytes, groups, and one byte where it has a text.
pub(crate) type Packed = Entries<3>;

/// Index, bytes, hash, groups, and where the bytes and groups are packed.
type Row = (i64, Vec<u8>, Vec<u8>, Vec<u8>, Option<i64>);

/// The leaves that `which` selects, by index. One that is missing from its pack is empty, which no hash fits.
pub(crate) async fn read<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    which: Condition,
) -> Result<Vec<OpenLeaf>, Failure> {
    let rows = scope
        .find::<leaf::Entity>()
        .filter(which)
        .order_by_asc(leaf::Column::Idx)
        .select_only()
        .column(leaf::Column::Idx)
        .expr_as(bytes(leaf::Column::Leaf), "leaf_bytes")
        .column(leaf::Column::Hash)
        .expr_as(bytes(leaf::Column::Groups), "groups_bytes")
        .column(leaf::Column::Pack);
    let rows: Vec<Row> = rows.into_tuple().all(scope.conn).await?;
    let mut packs: BTreeMap<i64, Packed> = BTreeMap::new();
    for first in rows.iter().filter_map(|(.., pack)| *pack).collect::<BTreeSet<_>>() {
        packs.insert(first, pack(scope, first).await?);
    }
    let open = |(index, leaf, hash, groups, pack): Row| {
        let [leaf, groups, text] = match pack {
            None => [leaf, groups, vec![]],
            Some(first) => packs.get_mut(&first).and_then(|p| p.remove(&index)).unwrap_or_default(),
        };
        OpenLeaf {
            index,
            leaf,
            hash,
            groups,
            text_in: pack.filter(|_| !text.is_empty()),
        }
    };
    Ok(rows.into_iter().map(open).collect())
}

/// The leaves in the pack that begins with leaf `first`.
async fn pack<C: ConnectionTrait>(scope: &OrgScope<'_, C>, first: i64) -> Result<Packed, Failure> {
    let row = scope
        .find::<leaf_pack::Entity>()
        .filter(leaf_pack::Column::First.eq(first))
        .select_only()
        .column(leaf_pack::Column::Leaves);
    let packed: Option<Vec<u8>> = row.into_tuple().one(scope.conn).await?;
    Ok(packed.and_then(|packed| unpack(&packed)).unwrap_or_default())
}

/// A text column's bytes.
fn bytes(column: impl ColumnTrait) -> Expr {
    column.into_expr().cast_as(Alias::new("blob"))
}
