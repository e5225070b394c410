//! The org's log inside a transaction: gives each event its index, seals it, and keeps what is to be inserted when the batch
//! of transactions is committed. Append, range and head are all that there is: nothing here changes or removes a leaf.

use audit::checkpoint::{Checkpoint, Vkey};
use audit::leaf::{Header, SealedGroup, VERSION};
use audit::proof::{Plan, Run};
use audit::tree::{Frontier, NodeId, Nodes};
use domain::digest::Digest;
use domain::event::Entry;
use domain::ids::{OrgId, SessionId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{checkpoint, leaf, log_node};
use super::groups;
use super::scope::OrgScope;
use super::texts::TEXT;
use crate::deps::Deps;
use crate::error::Failure;

/// A leaf that is to be inserted.
pub(crate) struct Sealed {
    pub(crate) row: leaf::Model,
    /// What is to be encrypted.
    pub(crate) text: Option<SealedGroup>,
    pub(crate) nodes: Vec<(NodeId, Digest)>,
}

/// The growing end of one org's log.
#[derive(Clone)]
pub(crate) struct Head {
    frontier: Frontier,
}

/// Why a log can't be gone on with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeadError {
    /// It is not what was signed.
    #[error("{0}")]
    Contradicts(String),
    /// It can't be read now.
    #[error(transparent)]
    Unreadable(#[from] Failure),
}

impl HeadError {
    fn contradicts(why: impl std::fmt::Display) -> Self {
        Self::Contradicts(why.to_string())
    }
}

impl Head {
    /// The log's end as stored, which is what its latest checkpoint says, signed by this server's key: O(log n) reads.
    ///
    /// # Errors
    /// When it was changed, cut off or replaced, as far as its end tells; or can't be read.
    pub(crate) async fn load<C: ConnectionTrait>(scope: &OrgScope<'_, C>, key: &Vkey) -> Result<Self, HeadError> {
        let size = size(scope).await.map_err(Failure::from)?;
        let nodes = fetch(scope, &Plan::frontier(size)).await?;
        let frontier = audit::proof::frontier(size, &nodes).map_err(HeadError::contradicts)?;
        let Some(stored) = latest(scope).await? else {
            return match size {
                0 => Ok(Self { frontier }),
                _ => Err(HeadError::contradicts("there are leaves but no checkpoint")),
            };
        };
        let signed = Checkpoint::verify(&stored.note, key).map_err(HeadError::contradicts)?;
        if signed.size != size {
            let why = format!("it has {size} leaves, the checkpoint says {}", signed.size);
            return Err(HeadError::Contradicts(why));
        }
        if signed.root != frontier.root() {
            let why = format!("its root is {}, the checkpoint says {}", frontier.root(), signed.root);
            return Err(HeadError::Contradicts(why));
        }
        Ok(Self { frontier })
    }

    /// How many leaves there are.
    pub(crate) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over them.
    pub(crate) fn root(&self) -> Digest {
        self.frontier.root()
    }

    /// Gives `entry` the next index and seals it.
    pub(crate) fn append(&mut self, org: OrgId, entry: &Entry, deps: &Deps) -> Result<Sealed, Failure> {
        let index = self.frontier.size();
        let (kind, kind_version) = entry.event.kind();
        let header = Header {
            v: VERSION,
            org: org.to_string(),
            index,
            id: entry.id.to_string(),
            time: entry.at,
            kind: kind.to_owned(),
            kind_version,
            outcome: entry.outcome.word().to_owned(),
            refs: entry.refs.map(),
        };
        // One request of the system's generator for all salts, where there are not more groups than any event has.
        let random: [u8; 6 * 16] = deps.bytes();
        let mut salts = random.as_chunks().0.iter().copied();
        let salt = || salts.next().unwrap_or_else(|| deps.bytes());
        let sealed = audit::leaf::seal(header, &entry.groups(), salt).map_err(Failure::stored)?;
        let nodes = self.frontier.push(sealed.hash);
        let (mut text, open): (Vec<_>, Vec<_>) = sealed.groups.into_iter().partition(|g| g.name == TEXT);
        let row = leaf::Model {
            org_id: org,
            idx: as_i64(index),
            kind: kind.to_owned(),
            kind_version: i64::from(kind_version),
            at: entry.at,
            session_id: entry.refs.session,
            action_id: entry.refs.action,
            leaf: String::from_utf8(sealed.leaf).map_err(Failure::stored)?,
            hash: sealed.hash.as_bytes().to_vec(),
            groups: groups::pack(&open),
            pack: None,
        };
        Ok(Sealed {
            row,
            text: text.pop(),
            nodes,
        })
    }
}

/// The org's latest checkpoint.
pub(crate) async fn latest<C: ConnectionTrait>(scope: &OrgScope<'_, C>) -> Result<Option<checkpoint::Model>, Failure> {
    let newest = scope
        .find::<checkpoint::Entity>()
        .order_by_desc(checkpoint::Column::Size)
        .limit(1);
    Ok(newest.one(scope.conn).await?)
}

/// How many leaves the org's log has.
pub(crate) async fn size<C: ConnectionTrait>(scope: &OrgScope<'_, C>) -> Result<u64, DbErr> {
    let last: Option<i64> = scope
        .find::<leaf::Entity>()
        .select_only()
        .column_as(leaf::Column::Idx.max(), "last")
        .into_tuple()
        .one(scope.conn)
        .await?
        .flatten();
    Ok(last.map_or(0, |i| as_u64(i) + 1))
}

/// How many leaves belong to `session`.
pub(crate) async fn session_size<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    session: SessionId,
) -> Result<u64, DbErr> {
    scope
        .find::<leaf::Entity>()
        .filter(leaf::Column::SessionId.eq(session))
        .count(scope.conn)
        .await
}

/// The tree hashes that `plan` needs.
pub(crate) async fn fetch<C: ConnectionTrait>(scope: &OrgScope<'_, C>, plan: &Plan) -> Result<Nodes, Failure> {
    let mut nodes = Nodes::new();
    for run in plan.needed() {
        nodes.insert_run(run.level, run.first, hashes(scope, run).await?);
    }
    Ok(nodes)
}

/// The stored hashes of `run`, as many of them as there are.
pub(crate) async fn hashes<C: ConnectionTrait>(scope: &OrgScope<'_, C>, run: Run) -> Result<Vec<Digest>, Failure> {
    let (first, end) = (as_i64(run.first), as_i64(run.first + run.count));
    let hashes: Vec<Vec<u8>> = if run.level == 0 {
        let rows = scope
            .find::<leaf::Entity>()
            .filter(leaf::Column::Idx.gte(first))
            .filter(leaf::Column::Idx.lt(end));
        let hashes = rows
            .order_by_asc(leaf::Column::Idx)
            .select_only()
            .column(leaf::Column::Hash);
        hashes.into_tuple().all(scope.conn).await?
    } else {
        let level = scope
            .find::<log_node::Entity>()
            .filter(log_node::Column::Level.eq(i64::from(run.level)));
        let rows = level
            .filter(log_node::Column::Idx.gte(first))
            .filter(log_node::Column::Idx.lt(end));
        let hashes = rows
            .order_by_asc(log_node::Column::Idx)
            .select_only()
            .column(log_node::Column::Hash);
        hashes.into_tuple().all(scope.conn).await?
    };
    hashes.iter().map(|h| digest(h)).collect()
}

/// Stored bytes as a digest.
pub(crate) fn digest(bytes: &[u8]) -> Result<Digest, Failure> {
    bytes
        .try_into()
        .map(Digest)
        .map_err(|_| Failure::stored("a hash is not 32 bytes long"))
}

/// An index as the database keeps it. Logs never reach 2^63 leaves.
pub(crate) fn as_i64(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// An index as stored; CHECK keeps it from being negative.
pub(crate) fn as_u64(index: i64) -> u64 {
    u64::try_from(index).unwrap_or(0)
}
