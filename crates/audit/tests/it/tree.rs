//! The tree against published roots and independent implementations.

use audit::leaf;
use audit::proof;
use audit::tree::{Frontier, NodeId, Nodes, empty_root};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use domain::digest::unhex;

/// The leaves that certificate-transparency's own tests use, and the roots that they publish for the first n of them.
pub(crate) const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
pub(crate) const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// R4: roots of RFC 6962, as published.
#[test]
fn roots_are_the_published_ones() {
    let mut frontier = Frontier::new();
    assert_eq!(frontier.root(), empty_root());
    assert_eq!(
        empty_root().to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    for (leaf, root) in LEAVES.iter().zip(ROOTS) {
        assert!(frontier.push(leaf::hash(&unhex(leaf).unwrap())).is_empty());
        assert_eq!(frontier.root().to_string(), root);
    }
}

/// R4: the tree agrees with ct-merkle at every size across a tile's boundary.
#[test]
fn roots_agree_with_an_independent_implementation() {
    let (mut frontier, mut oracle) = (Frontier::new(), MemoryBackedTree::<sha2_next::Sha256, Vec<u8>>::new());
    for i in 0..600_u64 {
        let bytes = i.to_be_bytes().to_vec();
        frontier.push(leaf::hash(&bytes));
        oracle.push(bytes);
        assert_eq!(
            frontier.root().as_bytes()[..],
            oracle.root().as_bytes()[..],
            "at size {}",
            i + 1
        );
    }
}

#[test]
fn complete_nodes_are_reported_once_where_tiles_end() {
    let (mut frontier, mut reported) = (Frontier::new(), Vec::new());
    for i in 0..(1 << 16) + 300_u64 {
        reported.extend(
            frontier
                .push(leaf::hash(&i.to_be_bytes()))
                .into_iter()
                .map(|(id, _)| id),
        );
    }
    let level_8 = (0..257).map(|index| NodeId { level: 8, index });
    let mut expected: Vec<_> = level_8.collect();
    expected.insert(256, NodeId { level: 16, index: 0 });
    assert_eq!(reported, expected);
}

#[test]
fn a_frontier_is_resumed_from_the_store_and_from_json() {
    let (mut frontier, mut nodes) = (Frontier::new(), Nodes::new());
    for i in 0..1000_u64 {
        let resumed = proof::frontier(i, &nodes).unwrap();
        assert_eq!(resumed, frontier, "at size {i}");
        let json = serde_json::to_string(&frontier).unwrap();
        assert_eq!(serde_json::from_str::<Frontier>(&json).unwrap(), frontier);
        let hash = leaf::hash(&i.to_be_bytes());
        nodes.insert(NodeId { level: 0, index: i }, hash);
        frontier
            .push(hash)
            .into_iter()
            .for_each(|(id, hash)| nodes.insert(id, hash));
    }
    let short = format!("{{\"size\":3,\"nodes\":[\"{}\"]}}", empty_root());
    assert!(
        serde_json::from_str::<Frontier>(&short).is_err(),
        "two hashes make a tree of three, not one"
    );
}
