//! Proofs over the tree: that a leaf is in it, that it only grew, and that many leaves are in it at once.
//!
//! Making one takes two steps, so that a caller may read asynchronously: a [`Plan`] says which stored nodes it needs, the
//! caller fetches those runs, and the plan assembles the hashes. Checking needs no store. Definitions: RFC 9162
//! sections 2.1.3 and 2.1.4; the multiproof is the same recursion over a set of leaves, each hash taken once.

use std::collections::BTreeMap;

use domain::digest::Digest;

use crate::tree::{Frontier, NodeId, NodeSource, TILE_HEIGHT, empty_root, fold_right, node_hash};

mod check;

pub use check::{multiproof_root, root_from_inclusion, verify_consistency, verify_inclusion, verify_multiproof};

/// Why a proof can't be made or doesn't hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProofError {
    /// An index or a size beyond the tree's size.
    #[error("{asked} is beyond the tree's size of {size}")]
    Beyond {
        /// The index or the older size asked for.
        asked: u64,
        /// The tree's size in leaves.
        size: u64,
    },
    /// Leaf indexes that are not strictly increasing.
    #[error("leaf {0} is out of order")]
    Order(u64),
    /// A stored node that the store doesn't have.
    #[error("the node at level {} and index {} is missing from the store", .0.level, .0.index)]
    MissingNode(NodeId),
    /// More or fewer hashes than these leaves at this size take.
    #[error("the proof holds a wrong number of hashes for these leaves")]
    Length,
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// A run of neighbouring stored nodes of one level, inside one tile (so at most 256).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// 0, 8, 16, 24 …; level 0 are the leaf hashes.
    pub level: u8,
    /// Index of the first node.
    pub first: u64,
    /// Number of nodes, 1 to 256.
    pub count: u64,
}

/// Which subtrees' hashes make a proof, in the proof's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Each a leaf range `[start, end)` that is a subtree of the tree.
    parts: Vec<(u64, u64)>,
}

impl Plan {
    /// The audit path of one leaf, from the leaf up (RFC 9162 section 2.1.3.1).
    ///
    /// # Errors
    /// When `index` is not below `size`.
    pub fn inclusion(index: u64, size: u64) -> Result<Self, ProofError> {
        if index >= size {
            return Err(ProofError::Beyond { asked: index, size });
        }
        let (mut lo, mut hi, mut parts) = (0, size, Vec::new());
        while hi - lo > 1 {
            let mid = lo + split(hi - lo);
            if index < mid {
                parts.push((mid, hi));
                hi = mid;
            } else {
                parts.push((lo, mid));
                lo = mid;
            }
        }
        parts.reverse();
        Ok(Self { parts })
    }

    /// The proof that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162 section 2.1.4.1); no hashes
    /// when `old` is 0 or equals `new`.
    ///
    /// # Errors
    /// When `old` is larger than `new`.
    pub fn consistency(old: u64, new: u64) -> Result<Self, ProofError> {
        if old > new {
            return Err(ProofError::Beyond { asked: old, size: new });
        }
        let mut parts = Vec::new();
        if old == 0 {
            return Ok(Self { parts });
        }
        let (mut lo, mut hi, mut known) = (0, new, true);
        while old != hi {
            let mid = lo + split(hi - lo);
            if old <= mid {
                parts.push((mid, hi));
                hi = mid;
            } else {
                parts.push((lo, mid));
                lo = mid;
                known = false;
            }
        }
        if !known {
            parts.push((lo, hi));
        }
        parts.reverse();
        Ok(Self { parts })
    }

    /// The smallest list of subtree hashes that, with the leaves at `indexes`, leads to the root; left to right.
    ///
    /// # Errors
    /// When the indexes are not strictly increasing or not below `size`.
    pub fn multiproof(indexes: &[u64], size: u64) -> Result<Self, ProofError> {
        check_indexes(indexes, size)?;
        let mut parts = Vec::new();
        if size > 0 {
            gaps(0, size, indexes, &mut parts);
        }
        Ok(Self { parts })
    }

    /// The tree's edge at `size`, to resume appending; see [`Frontier::from_nodes`].
    pub fn frontier(size: u64) -> Self {
        Self {
            parts: complete_nodes(0, size)
                .map(|n| (n.index << n.level, (n.index + 1) << n.level))
                .collect(),
        }
    }

    /// The stored nodes to fetch, one run for each tile touched, lowest level first.
    pub fn needed(&self) -> Vec<Run> {
        let mut tiles: BTreeMap<(u8, u64), (u64, u64)> = BTreeMap::new();
        for node in self.parts.iter().flat_map(|&(lo, hi)| complete_nodes(lo, hi)) {
            let (level, first, count) = stored(node);
            let span = tiles
                .entry((level, first >> TILE_HEIGHT))
                .or_insert((first, first + count));
            *span = (span.0.min(first), span.1.max(first + count));
        }
        tiles
            .into_iter()
            .map(|((level, _), (first, end))| Run {
                level,
                first,
                count: end - first,
            })
            .collect()
    }

    /// The proof's hashes, in order.
    ///
    /// # Errors
    /// When a needed node is missing from `store`.
    pub fn assemble(&self, store: &impl NodeSource) -> Result<Vec<Digest>, ProofError> {
        self.parts.iter().map(|&(lo, hi)| subtree(lo, hi, store)).collect()
    }
}

/// The tree's edge at `size`, read from a store.
///
/// # Errors
/// When a needed node is missing from `store`.
pub fn frontier(size: u64, store: &impl NodeSource) -> Result<Frontier, ProofError> {
    let nodes = Plan::frontier(size).assemble(store)?;
    Frontier::from_nodes(size, nodes).map_err(|_| ProofError::Length)
}

/// The largest power of two below `n`, where `n` is at least 2: how RFC 6962 splits a tree.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

fn check_indexes(indexes: &[u64], size: u64) -> Result<(), ProofError> {
    if let Some(pair) = indexes.windows(2).find(|w| w[0] >= w[1]) {
        return Err(ProofError::Order(pair[1]));
    }
    match indexes.last() {
        Some(&last) if last >= size => Err(ProofError::Beyond { asked: last, size }),
        _ => Ok(()),
    }
}

/// Appends the maximal subtrees of `[lo, hi)` that hold none of `indexes`, left to right. Depth is at most 64.
fn gaps(lo: u64, hi: u64, indexes: &[u64], parts: &mut Vec<(u64, u64)>) {
    if indexes.is_empty() {
        parts.push((lo, hi));
    } else if hi - lo > 1 {
        let mid = lo + split(hi - lo);
        let (left, right) = indexes.split_at(indexes.partition_point(|&i| i < mid));
        gaps(lo, mid, left, parts);
        gaps(mid, hi, right, parts);
    }
}

/// The complete subtrees that make up the subtree `[lo, hi)`, largest first.
fn complete_nodes(lo: u64, hi: u64) -> impl Iterator<Item = NodeId> {
    let mut at = lo;
    std::iter::from_fn(move || {
        let left = hi.checked_sub(at).filter(|&n| n > 0)?;
        let level = 63 - left.leading_zeros();
        let node = NodeId {
            level: level as u8,
            index: at >> level,
        };
        at += 1 << level;
        Some(node)
    })
}

/// The stored nodes under a node: level, index of the first, number.
fn stored(node: NodeId) -> (u8, u64, u64) {
    let up = node.level % TILE_HEIGHT;
    (node.level - up, node.index << up, 1 << up)
}

/// The hash of the subtree `[lo, hi)`.
fn subtree(lo: u64, hi: u64, store: &impl NodeSource) -> Result<Digest, ProofError> {
    let hashes: Vec<Digest> = complete_nodes(lo, hi)
        .map(|n| complete(n, store))
        .collect::<Result<_, _>>()?;
    Ok(fold_right(&hashes).unwrap_or_else(empty_root))
}

/// The hash of a complete subtree, from at most 128 stored neighbours.
fn complete(node: NodeId, store: &impl NodeSource) -> Result<Digest, ProofError> {
    let (level, first, count) = stored(node);
    let read = |index| {
        let id = NodeId { level, index };
        store.node(id).ok_or(ProofError::MissingNode(id))
    };
    let mut row: Vec<Digest> = (first..first + count).map(read).collect::<Result<_, _>>()?;
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    row.pop().ok_or(ProofError::Length)
}
