//! Leaves as they stand in the database, for whoever verifies them: bytes as they are, nothing parsed, nothing trusted.

use domain::digest::Digest;
use sea_orm::{Condition, ConnectionTrait};

use crate::error::Failure;
use crate::store::event_log::digest;
use crate::store::groups::{self, Groups};
use crate::store::leaves::{self, OpenLeaf};
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
    let rows = leaves::read(scope, which).await?;
    let mut groups = groups::of(scope, texts, &rows).await?;
    let leaf = |row: OpenLeaf| {
        Ok(StoredLeaf {
            index: row.index,
            leaf: String::from_utf8_lossy(&row.leaf).into_owned(),
            hash: digest(&row.hash)?,
            groups: groups.remove(&row.index).unwrap_or_default(),
        })
    };
    rows.into_iter().map(leaf).collect()
}
