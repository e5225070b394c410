//! Proofs: they hold, nothing else does, and strangers' code agrees.

use audit::leaf;
use audit::proof::{
    Plan, ProofError, multiproof_root, root_from_inclusion, verify_consistency, verify_inclusion, verify_multiproof,
};
use audit::tree::{Frontier, NodeId, NodeSource, Nodes};
use domain::digest::Digest;
use proptest::prelude::*;

const N: u64 = 700;

/// Stored nodes of a tree with `N` leaves, and its root at every size.
struct Tree {
    nodes: Nodes,
    roots: Vec<Digest>,
}

fn leaf_hash(i: u64) -> Digest {
    leaf::hash(&i.to_be_bytes())
}

fn tree() -> &'static Tree {
    static TREE: std::sync::OnceLock<Tree> = std::sync::OnceLock::new();
    TREE.get_or_init(|| {
        let (mut frontier, mut nodes, mut roots) = (Frontier::new(), Nodes::new(), vec![Frontier::new().root()]);
        for i in 0..N {
            nodes.insert(NodeId { level: 0, index: i }, leaf_hash(i));
            frontier
                .push(leaf_hash(i))
                .into_iter()
                .for_each(|(id, hash)| nodes.insert(id, hash));
            roots.push(frontier.root());
        }
        Tree { nodes, roots }
    })
}

fn tlog(hash: &Digest) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash.0)
}

/// R4: every leaf at every small size, by our checker and by `tlog_tiles`.
#[test]
fn inclusion_proofs_hold_and_an_independent_checker_agrees() {
    let t = tree();
    for size in (1..36).chain([256, 257, 513]) {
        for index in 0..size {
            let path = Plan::inclusion(index, size).unwrap().assemble(&t.nodes).unwrap();
            let root = &t.roots[size as usize];
            verify_inclusion(index, size, leaf_hash(index), &path, root).unwrap();
            let theirs: Vec<_> = path.iter().map(tlog).collect();
            tlog_tiles::check_record(&theirs, size, tlog(root), index, tlog(&leaf_hash(index))).unwrap();
        }
    }
}

/// R4: between all pairs of small sizes, by our checker and by `tlog_tiles`.
#[test]
fn consistency_proofs_hold_and_an_independent_checker_agrees() {
    let t = tree();
    for new in (1..36).chain([256, 257, N]) {
        for old in 0..=new {
            let proof = Plan::consistency(old, new).unwrap().assemble(&t.nodes).unwrap();
            let (old_root, new_root) = (&t.roots[old as usize], &t.roots[new as usize]);
            verify_consistency(old, new, old_root, new_root, &proof).unwrap();
            if old > 0 && old < new {
                let theirs: Vec<_> = proof.iter().map(tlog).collect();
                tlog_tiles::check_tree(&theirs, new, tlog(new_root), old, tlog(old_root)).unwrap();
            }
        }
    }
}

#[test]
fn proofs_beyond_the_tree_are_refused() {
    assert_eq!(Plan::inclusion(5, 5), Err(ProofError::Beyond { asked: 5, size: 5 }));
    assert_eq!(Plan::consistency(6, 5), Err(ProofError::Beyond { asked: 6, size: 5 }));
    assert_eq!(
        Plan::multiproof(&[1, 5], 5),
        Err(ProofError::Beyond { asked: 5, size: 5 })
    );
    assert_eq!(Plan::multiproof(&[2, 2], 5), Err(ProofError::Order(2)));
    assert_eq!(
        root_from_inclusion(0, 0, leaf_hash(0), &[]),
        Err(ProofError::Beyond { asked: 0, size: 0 })
    );
    let t = tree();
    assert_eq!(
        verify_consistency(0, 5, &t.roots[1], &t.roots[5], &[]),
        Err(ProofError::Root)
    );
    assert_eq!(
        verify_consistency(5, 5, &t.roots[4], &t.roots[5], &[]),
        Err(ProofError::Root)
    );
    let missing = NodeId { level: 0, index: 1 };
    assert_eq!(
        Plan::inclusion(0, 2).unwrap().assemble(&Nodes::new()),
        Err(ProofError::MissingNode(missing))
    );
}

/// What a plan says it needs is enough, and each run is inside one tile.
#[test]
fn the_needed_runs_are_enough_and_small() {
    let t = tree();
    for plan in [
        Plan::inclusion(300, N).unwrap(),
        Plan::consistency(300, N).unwrap(),
        Plan::frontier(N),
    ] {
        let mut fetched = Nodes::new();
        let runs = plan.needed();
        for r in &runs {
            assert!(
                r.level % 8 == 0 && r.count <= 256 && r.first >> 8 == (r.first + r.count - 1) >> 8,
                "{r:?}"
            );
            let hashes =
                (r.first..r.first + r.count).map(|index| t.nodes.node(NodeId { level: r.level, index }).unwrap());
            fetched.insert_run(r.level, r.first, hashes);
        }
        assert!(runs.len() <= 4, "{runs:?}");
        assert_eq!(plan.assemble(&fetched), plan.assemble(&t.nodes));
    }
}

/// Sizes far beyond memory still plan in a few runs and terminate.
#[test]
fn plans_for_huge_trees_are_small() {
    let size = (1 << 53) - 1;
    assert!(Plan::inclusion(size / 3, size).unwrap().needed().len() <= 120);
    assert!(Plan::consistency(size / 3, size).unwrap().needed().len() <= 120);
    assert_eq!(
        multiproof_root(&[(size - 1, leaf_hash(0))], size, &[]),
        Err(ProofError::Length)
    );
}

fn flip(hash: &mut Digest, bit: usize) {
    hash.0[bit / 8] ^= 1 << (bit % 8);
}

fn subset() -> impl Strategy<Value = (u64, Vec<u64>)> {
    (1..=N).prop_flat_map(|size| {
        let most = usize::try_from(size).unwrap().min(60);
        (
            Just(size),
            prop::collection::btree_set(0..size, 0..=most).prop_map(|s| s.into_iter().collect()),
        )
    })
}

proptest! {
    /// R4: any flipped bit, wrong place, missing or surplus hash makes a proof fail.
    #[test]
    fn a_changed_inclusion_proof_fails(size in 1..=N, at in any::<u64>(), bit in 0_usize..256, which in any::<prop::sample::Index>()) {
        let (t, index) = (tree(), at % size);
        let path = Plan::inclusion(index, size).unwrap().assemble(&t.nodes).unwrap();
        let (root, leaf) = (t.roots[size as usize], leaf_hash(index));
        let mut other = leaf;
        flip(&mut other, bit);
        prop_assert_eq!(verify_inclusion(index, size, other, &path, &root), Err(ProofError::Root));
        let longer: Vec<_> = path.iter().copied().chain([leaf]).collect();
        prop_assert_eq!(verify_inclusion(index, size, leaf, &longer, &root), Err(ProofError::Length));
        if !path.is_empty() {
            let mut changed = path.clone();
            flip(&mut changed[which.index(path.len())], bit);
            prop_assert_eq!(verify_inclusion(index, size, leaf, &changed, &root), Err(ProofError::Root));
            prop_assert_eq!(verify_inclusion(index, size, leaf, &path[1..], &root), Err(ProofError::Length));
            prop_assert!(verify_inclusion(index ^ 1, size, leaf, &path, &root).is_err());
        }
    }

    #[test]
    fn a_changed_consistency_proof_fails(new in 2..=N, at in any::<u64>(), bit in 0_usize..256, which in any::<prop::sample::Index>()) {
        let (t, old) = (tree(), 1 + at % (new - 1));
        let proof = Plan::consistency(old, new).unwrap().assemble(&t.nodes).unwrap();
        let (old_root, new_root) = (t.roots[old as usize], t.roots[new as usize]);
        prop_assert!(verify_consistency(old, new, &old_root, &new_root, &proof).is_ok());
        let mut changed = proof.clone();
        flip(&mut changed[which.index(proof.len())], bit);
        prop_assert_eq!(verify_consistency(old, new, &old_root, &new_root, &changed), Err(ProofError::Root));
        prop_assert!(verify_consistency(old, new, &old_root, &new_root, &proof[1..]).is_err());
        let mut other = old_root;
        flip(&mut other, bit);
        prop_assert_eq!(verify_consistency(old, new, &other, &new_root, &proof), Err(ProofError::Root));
    }

    /// R45: a multiproof leads to the root for any set of leaves, and to another or none when anything is changed.
    #[test]
    fn multiproofs_hold_for_any_subset((size, indexes) in subset(), bit in 0_usize..256, which in any::<prop::sample::Index>()) {
        let t = tree();
        let fillers = Plan::multiproof(&indexes, size).unwrap().assemble(&t.nodes).unwrap();
        let leaves: Vec<_> = indexes.iter().map(|&i| (i, leaf_hash(i))).collect();
        let root = t.roots[size as usize];
        prop_assert_eq!(verify_multiproof(&leaves, size, &fillers, &root), Ok(()));
        let longer: Vec<_> = fillers.iter().copied().chain([root]).collect();
        prop_assert_eq!(multiproof_root(&leaves, size, &longer), Err(ProofError::Length));
        if !fillers.is_empty() {
            let mut changed = fillers.clone();
            flip(&mut changed[which.index(fillers.len())], bit);
            prop_assert_eq!(verify_multiproof(&leaves, size, &changed, &root), Err(ProofError::Root));
            prop_assert_eq!(multiproof_root(&leaves, size, &fillers[1..]), Err(ProofError::Length));
        }
        if !leaves.is_empty() {
            let mut changed = leaves.clone();
            flip(&mut changed[which.index(leaves.len())].1, bit);
            prop_assert_eq!(verify_multiproof(&changed, size, &fillers, &root), Err(ProofError::Root));
        }
    }
}
