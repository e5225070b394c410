//! A leaf's way to the root (RFC 9162, section 2.1.3.2), step by step, and drawn.

use audit::tree::node_hash;
use domain::digest::Digest;
use leptos::prelude::*;

/// One step up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The neighbour that is hashed with what was reached so far.
    pub(super) sibling: Digest,
    /// Whether the neighbour is on the left.
    pub(super) left: bool,
    /// What the two make.
    pub(super) node: Digest,
}

/// The steps from the leaf at `index` to the root of a log of `size` leaves; `None` when `proof` is not a path of that length.
pub(super) fn steps(index: u64, size: u64, leaf: Digest, proof: &[Digest]) -> Option<Vec<Step>> {
    let (mut at, mut last) = (index, size.checked_sub(1)?);
    if at > last {
        return None;
    }
    let mut node = leaf;
    let mut steps = Vec::with_capacity(proof.len());
    for sibling in proof.iter().copied() {
        if last == 0 {
            return None;
        }
        let left = at % 2 == 1 || at == last;
        node = if left {
            node_hash(&sibling, &node)
        } else {
            node_hash(&node, &sibling)
        };
        if left {
            // A node without a right neighbour rises until it has one on its left.
            while at.is_multiple_of(2) && at != 0 {
                at /= 2;
                last /= 2;
            }
        }
        at /= 2;
        last /= 2;
        steps.push(Step { sibling, left, node });
    }
    (last == 0).then_some(steps)
}

/// Height of one step, in the drawing's units.
const STEP: usize = 34;
/// Where the trunk stands, and the neighbours on both sides.
const TRUNK: usize = 170;
const LEFT: usize = 60;
const RIGHT: usize = 300;

/// The path as a drawing: the root at the top, the leaf at the bottom, a neighbour at every step.
pub(super) fn drawing(leaf: Digest, steps: &[Step]) -> AnyView {
    let height = (steps.len() + 1) * STEP + 8;
    let y = |level: usize| height - STEP / 2 - level * STEP;
    let rungs: Vec<_> = steps
        .iter()
        .enumerate()
        .map(|(level, s)| {
            let x = if s.left { LEFT } else { RIGHT };
            view! {
                <line class="path-edge" x1=x.to_string() y1=y(level).to_string() x2=TRUNK.to_string() y2=y(level + 1).to_string()></line>
                <line class="path-trunk" x1=TRUNK.to_string() y1=y(level).to_string() x2=TRUNK.to_string() y2=y(level + 1).to_string()></line>
                <circle class="path-sibling" cx=x.to_string() cy=y(level).to_string() r="4"></circle>
                <text class="path-text" x=(x).to_string() y=(y(level) + 15).to_string() text-anchor="middle">{s.sibling.short()}</text>
            }
        })
        .collect();
    let nodes: Vec<_> = std::iter::once(leaf)
        .chain(steps.iter().map(|s| s.node))
        .enumerate()
        .map(|(level, node)| {
            let name = if level == steps.len() { "root" } else if level == 0 { "leaf" } else { "" };
            view! {
                <circle class="path-node" cx=TRUNK.to_string() cy=y(level).to_string() r="5"></circle>
                <text class="path-text path-own" x=(TRUNK + 12).to_string() y=(y(level) + 4).to_string()>{node.short()} " " {name}</text>
            }
        })
        .collect();
    let label = format!("The path from the leaf to the root: {} steps", steps.len());
    view! {
        <svg class="path" viewBox=format!("0 0 400 {height}") width="400" height=height.to_string() role="img" aria-label=label>
            {rungs}
            {nodes}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use audit::tree::{NodeId, Nodes};

    use super::*;

    fn leaf_hash(n: u64) -> Digest {
        Digest::of(&[b"leaf", &n.to_be_bytes()])
    }

    /// R4: for every leaf of every small log the steps end at the root, and agree with the verifier.
    #[test]
    fn every_path_ends_at_the_root() {
        for size in 1..=20_u64 {
            let mut nodes = Nodes::new();
            for n in 0..size {
                nodes.insert(NodeId { level: 0, index: n }, leaf_hash(n));
            }
            let root = audit::proof::frontier(size, &nodes).unwrap().root();
            for index in 0..size {
                let proof = audit::proof::Plan::inclusion(index, size)
                    .unwrap()
                    .assemble(&nodes)
                    .unwrap();
                let steps = steps(index, size, leaf_hash(index), &proof).unwrap();
                assert_eq!(
                    steps.last().map_or(leaf_hash(index), |s| s.node),
                    root,
                    "leaf {index} of {size}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let leaf = leaf_hash(0);
        assert_eq!(steps(0, 0, leaf, &[]), None);
        assert_eq!(steps(2, 2, leaf, &[leaf]), None);
        assert_eq!(steps(0, 2, leaf, &[]), None, "too short");
        assert_eq!(steps(0, 2, leaf, &[leaf, leaf]), None, "too long");
        assert_eq!(steps(0, 1, leaf, &[]), Some(vec![]));
    }
}
