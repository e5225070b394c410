//! Checking proofs: no store, no trust, each hash computed once.

use domain::digest::Digest;

use super::{ProofError, check_indexes, split};
use crate::tree::{empty_root, node_hash};

/// The root that a leaf and its audit path lead to (RFC 9162 section 2.1.3.2).
///
/// # Errors
/// When the index is beyond the size, or the path has a wrong number of hashes.
pub fn root_from_inclusion(index: u64, size: u64, leaf: Digest, path: &[Digest]) -> Result<Digest, ProofError> {
    if index >= size {
        return Err(ProofError::Beyond { asked: index, size });
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for part in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(part, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, part);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok(hash) } else { Err(ProofError::Length) }
}

/// Checks that a leaf is in the tree.
///
/// # Errors
/// When it isn't, by this path.
pub fn verify_inclusion(index: u64, size: u64, leaf: Digest, path: &[Digest], root: &Digest) -> Result<(), ProofError> {
    same(&root_from_inclusion(index, size, leaf, path)?, root)
}

/// Checks that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162 section 2.1.4.2).
///
/// # Errors
/// When it doesn't, by this proof.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Digest,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Beyond { asked: old, size: new });
    }
    if old == new || old == 0 {
        let expected = if old == 0 { empty_root() } else { *new_root };
        return if proof.is_empty() {
            same(&expected, old_root)
        } else {
            Err(ProofError::Length)
        };
    }
    // When the old tree is one complete subtree, its root stands in the proof's first place by itself.
    let (first, rest) = if old.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ProofError::Length)?;
        (*first, rest)
    };
    let (mut node, mut last) = (old - 1, new - 1);
    let trailing = node.trailing_ones();
    node >>= trailing;
    last >>= trailing;
    let (mut from_old, mut from_new) = (first, first);
    for part in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            from_old = node_hash(part, &from_old);
            from_new = node_hash(part, &from_new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            from_new = node_hash(&from_new, part);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    same(&from_old, old_root)?;
    same(&from_new, new_root)
}

/// The root that leaves (index and hash, in order of index) and filler hashes lead to at `size`.
///
/// # Errors
/// When indexes are out of order or beyond the size, or the fillers are too few or too many.
pub fn multiproof_root(leaves: &[(u64, Digest)], size: u64, fillers: &[Digest]) -> Result<Digest, ProofError> {
    let indexes: Vec<u64> = leaves.iter().map(|l| l.0).collect();
    check_indexes(&indexes, size)?;
    let mut fillers = fillers.iter();
    let root = if size == 0 {
        empty_root()
    } else {
        range_root(0, size, leaves, &mut fillers)?
    };
    if fillers.next().is_some() {
        Err(ProofError::Length)
    } else {
        Ok(root)
    }
}

/// Checks that all the leaves are in the tree.
///
/// # Errors
/// When they aren't, by these fillers.
pub fn verify_multiproof(
    leaves: &[(u64, Digest)],
    size: u64,
    fillers: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    same(&multiproof_root(leaves, size, fillers)?, root)
}

/// Depth is at most 64, as each step halves the range.
fn range_root(
    lo: u64,
    hi: u64,
    leaves: &[(u64, Digest)],
    fillers: &mut std::slice::Iter<'_, Digest>,
) -> Result<Digest, ProofError> {
    match leaves {
        [] => fillers.next().copied().ok_or(ProofError::Length),
        [(_, hash)] if hi - lo == 1 => Ok(*hash),
        _ => {
            let mid = lo + split(hi - lo);
            let (left, right) = leaves.split_at(leaves.partition_point(|l| l.0 < mid));
            let left = range_root(lo, mid, left, fillers)?;
            let right = range_root(mid, hi, right, fillers)?;
            Ok(node_hash(&left, &right))
        }
    }
}

fn same(computed: &Digest, expected: &Digest) -> Result<(), ProofError> {
    if computed == expected {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}
