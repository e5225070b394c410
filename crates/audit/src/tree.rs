//! The Merkle tree of RFC 6962 / RFC 9162 as it grows, and where its nodes are kept.
//!
//! A store keeps every leaf hash (level 0) and the roots of complete subtrees at levels 8, 16, 24 … only: the
//! boundaries of C2SP `tlog-tiles`. Every other node is at most 128 stored neighbours folded together. Proofs over those
//! nodes are in [`crate::proof`].

use std::collections::BTreeMap;

use domain::digest::Digest;
use serde::{Deserialize, Serialize};

/// Levels between stored rows of nodes: a tile is 2^8 hashes wide.
pub const TILE_HEIGHT: u8 = 8;

/// A complete subtree: the `index`-th (from 0) of those with 2^`level` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId {
    /// Height above the leaf hashes, which are level 0.
    pub level: u8,
    /// Position from the left among the nodes of that level.
    pub index: u64,
}

/// Interior node: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of(&[&[0x01], left.as_bytes(), right.as_bytes()])
}

/// The root of the tree with no leaves: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// The right edge of a growing tree: the roots of the complete subtrees that its size is the sum of, largest first.
///
/// Enough to append and to give the root; at most 64 hashes however long the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Loose")]
pub struct Frontier {
    size: u64,
    nodes: Vec<Digest>,
}

/// The number of hashes doesn't fit the size: there is one for each set bit.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a tree of {size} leaves has {} hashes at its edge, not {got}", size.count_ones())]
pub struct NotAFrontier {
    /// The tree's size in leaves.
    pub size: u64,
    /// The number of hashes given.
    pub got: usize,
}

#[derive(Deserialize)]
struct Loose {
    size: u64,
    nodes: Vec<Digest>,
}

impl TryFrom<Loose> for Frontier {
    type Error = NotAFrontier;

    fn try_from(l: Loose) -> Result<Self, NotAFrontier> {
        Self::from_nodes(l.size, l.nodes)
    }
}

impl Frontier {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The edge of a tree of `size` leaves, from what [`crate::proof::Plan::frontier`] assembles.
    ///
    /// # Errors
    /// When the number of nodes doesn't fit the size.
    pub fn from_nodes(size: u64, nodes: Vec<Digest>) -> Result<Self, NotAFrontier> {
        if u32::try_from(nodes.len()) == Ok(size.count_ones()) {
            Ok(Self { size, nodes })
        } else {
            Err(NotAFrontier { size, got: nodes.len() })
        }
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the edge, largest subtree first.
    pub fn nodes(&self) -> &[Digest] {
        &self.nodes
    }

    /// Appends a leaf hash (its index is the size before) and returns the nodes at levels 8, 16, 24 … that it completed,
    /// lowest first: what the caller stores beside the leaf hash. Empty but for every 256th leaf.
    pub fn push(&mut self, leaf_hash: Digest) -> Vec<(NodeId, Digest)> {
        let mut complete = Vec::new();
        let mut hash = leaf_hash;
        let mut level = 0;
        while self.size >> level & 1 == 1 {
            let Some(left) = self.nodes.pop() else { break };
            hash = node_hash(&left, &hash);
            level += 1;
            if level % TILE_HEIGHT == 0 {
                complete.push((
                    NodeId {
                        level,
                        index: self.size >> level,
                    },
                    hash,
                ));
            }
        }
        self.nodes.push(hash);
        self.size += 1;
        complete
    }

    /// The root at this size.
    pub fn root(&self) -> Digest {
        fold_right(&self.nodes).unwrap_or_else(empty_root)
    }
}

/// The root over neighbouring complete subtrees of falling size; `None` of none.
pub(crate) fn fold_right(nodes: &[Digest]) -> Option<Digest> {
    let (last, rest) = nodes.split_last()?;
    Some(rest.iter().rev().fold(*last, |right, left| node_hash(left, &right)))
}

/// Where proofs read stored nodes from: levels 0, 8, 16, 24 ….
pub trait NodeSource {
    /// The hash of a stored node, `None` where there is none.
    fn node(&self, id: NodeId) -> Option<Digest>;
}

/// Nodes in memory: what an asynchronous caller fetches into before it assembles a proof.
#[derive(Clone, Debug, Default)]
pub struct Nodes(BTreeMap<NodeId, Digest>);

impl Nodes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one node.
    pub fn insert(&mut self, id: NodeId, hash: Digest) {
        self.0.insert(id, hash);
    }

    /// Adds neighbouring nodes of one level, the first at index `first`.
    pub fn insert_run(&mut self, level: u8, first: u64, hashes: impl IntoIterator<Item = Digest>) {
        for (index, hash) in (first..).zip(hashes) {
            self.insert(NodeId { level, index }, hash);
        }
    }
}

impl NodeSource for Nodes {
    fn node(&self, id: NodeId) -> Option<Digest> {
        self.0.get(&id).copied()
    }
}
