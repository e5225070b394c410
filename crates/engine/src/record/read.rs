//! Leaves as they stand in the database, for whoever verifies them: bytes as they are, nothing parsed, nothing trusted.

use domain::digest::Digest;
use sea_orm::{Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Failure;
use crate::store::entity::leaf;
use crate::store::event_log::digest;
use crate::store::groups::{self, Groups, bytes};
use crate::store::scope::OrgScope;
use crate::store::texts::Texts;

/// A leaf as stored.
pub(crate) struct StoredLeaf {
    pub(crate) index: i64,
    /// Its bytes; where they are no longer UTF-8, with replacement characters, so that the verifier sees them as altered.
    pub(crate) leaf: String,
    /// The hash stored beside it.
    pub(crate) hash: Digest,
    pub(crate) groups: Groups,
}

/// The leaves that `which` selects, by index.
pub(crate) async fn stored<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    texts: &Texts,
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
    let indexes: Vec<i64> = rows.iter().map(|(index, ..)| *index).collect();
    let mut groups = groups::read(scope, texts, &indexes).await?;
    let leaf = |(index, leaf, hash): (i64, Vec<u8>, Vec<u8>)| {
        Ok(StoredLeaf {
            index,
            leaf: String::from_utf8_lossy(&leaf).into_owned(),
            hash: digest(&hash)?,
            groups: groups.remove(&index).unwrap_or_default(),
        })
    };
    rows.into_iter().map(leaf).collect()
}
