//! What holds for all bytes, whoever made them. Used by the replays in `fuzz.rs` and by the libFuzzer targets in `/fuzz`.
//! Each says whether something in its input was taken.

use std::sync::LazyLock;

use audit::bundle::{Bundle, Pin};
use audit::checkpoint::{Checkpoint, Vkey, origin_for};
use audit::cosignature::{WitnessKey, claimed, cosign};
use audit::leaf::{self, Leaf, is_canonical_object};
use audit::proof::{Plan, ProofError, verify_consistency, verify_inclusion, verify_multiproof};
use audit::tiles::Tile;
use audit::tree::{Frontier, NodeId, Nodes};
use audit::verify::{Trusted, Verdict, verify_bytes};
use audit::witness::{AddCheckpoint, Seen, judge};
use domain::canonical;
use domain::digest::Digest;
use ed25519_dalek::SigningKey;
use serde_json::Value;

/// The log's key of the corpus, and its witness's, which is known by [`WITNESS`].
const LOG: [u8; 32] = [7; 32];
const ORG: &str = "0198f0c4-0000-7000-8000-000000000001";
const WITNESS: &str = "witness.example/w1";

/// A bundle is taken in one spelling alone, and is never verified by what stands in it: without a link's pin it can't be,
/// with a pin that its own maker could have made it is only where every leaf, the root and the signature fit.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn bundle(bytes: &[u8]) -> bool {
    let unpinned = verify_bytes(bytes, Trusted::default());
    assert!(
        unpinned.verdict != Verdict::Verified,
        "there is nothing to compare with"
    );
    let Ok(bundle) = Bundle::parse(bytes) else {
        return false;
    };
    let json = bundle.to_json().expect("what was read can be written");
    assert!(json.as_bytes() == bytes, "written differently");
    let Ok(vkey) = bundle.vkey.parse::<Vkey>() else {
        return true;
    };
    let pin = bundle.pin(vkey.fingerprint()).to_string();
    if verify_bytes(bytes, Trusted::link(&pin)).verdict == Verdict::Verified {
        for l in &bundle.leaves {
            assert!(leaf::hash(l.leaf.as_bytes()) == l.leaf_hash, "a leaf is another");
            assert!(Leaf::parse(l.leaf.as_bytes()).is_ok_and(|read| read.header.index == l.index));
        }
        let signed = Checkpoint::verify(&bundle.checkpoint, &vkey).expect("it was verified");
        assert!(signed.size == bundle.size && signed.root == bundle.root);
    }
    true
}

/// A leaf is taken in one spelling alone; and what is an object in canonical JSON is so by a general parser and the writer
/// of canonical JSON too, which share no code with our reader.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn leaf(bytes: &[u8]) -> bool {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let value = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
        let other = value.is_some_and(|v| canonical::to_string(&v).is_ok_and(|written| written == text));
        assert!(is_canonical_object(text) == other, "the two readers don't agree");
    }
    let Ok(leaf) = Leaf::parse(bytes) else {
        return false;
    };
    let written = leaf.to_bytes().expect("what was read can be written");
    assert!(written == bytes, "written differently");
    true
}

/// A signed note, or a witness's request that holds one: what is verified is what it says, and the signature is over it.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn note(text: &str) -> bool {
    let (log_key, witness_key) = (SigningKey::from_bytes(&LOG), SigningKey::from_bytes(&[9; 32]));
    let log = Vkey::new(origin_for(ORG), log_key.verifying_key()).expect("a key's name");
    let witness = WitnessKey::new(WITNESS, witness_key.verifying_key()).expect("a key's name");
    let read = Checkpoint::read_unverified(text);
    if let Ok(checkpoint) = &read {
        assert!(text.starts_with(&checkpoint.body()), "read differently than written");
    }
    if let Ok(checkpoint) = Checkpoint::verify(text, &log) {
        assert!(read.as_ref() == Ok(&checkpoint), "read differently with its signature");
        // A note may carry lines behind origin, size and root; ours never does, so nothing of that kind is signed.
        let signed = checkpoint.sign(&log_key);
        let line = signed.as_ref().ok().and_then(|note| note.lines().last());
        assert!(line.is_some_and(|line| text.contains(line)), "verified and not signed");
    }
    if let Ok(Some(time)) = witness.cosigned(text) {
        let line = cosign(text, WITNESS, &witness_key, time).expect("it was cosigned");
        assert!(text.contains(&line), "cosigned by nobody");
        assert!(claimed(text).iter().any(|name| name == WITNESS));
    }
    let _ = claimed(text);
    let asked = text.parse::<AddCheckpoint>();
    if let Ok(asked) = &asked {
        assert!(asked.to_string() == text, "written differently");
        let new = Checkpoint::verify(&asked.note, &log);
        let before = Seen {
            size: asked.old,
            root: new.as_ref().map_or(Digest([0; 32]), |new| new.root),
        };
        for seen in [None, Some(before)] {
            if let Ok(now) = judge(asked, &log, seen) {
                let new = new.as_ref().expect("what is cosigned is signed");
                assert!(now.size == new.size && now.root == new.root && asked.old <= now.size);
            }
        }
    }
    read.is_ok() || asked.is_ok()
}

/// Keys, pins and paths of tiles, one a line: each is taken in one spelling alone.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn words(text: &str) -> bool {
    let mut all = true;
    for line in text.lines() {
        let (vkey, witness) = (line.parse::<Vkey>(), line.parse::<WitnessKey>());
        let (pin, tile) = (line.parse::<Pin>(), line.parse::<Tile>());
        let written = [
            vkey.as_ref().map(ToString::to_string).ok(),
            witness.as_ref().map(ToString::to_string).ok(),
            pin.as_ref().map(|p| format!("#{p}")).ok(),
            tile.as_ref().map(ToString::to_string).ok(),
        ];
        for written in written.iter().flatten() {
            assert!(
                written.trim_start_matches('#') == line.trim_start_matches('#'),
                "written differently"
            );
        }
        if let Ok(tile) = &tile {
            for size in [0, 1, 256, 65_793, u64::MAX] {
                let run = tile.run(size);
                assert!(run.is_none_or(|run| (1..=256).contains(&run.count) && run.first < size));
            }
        }
        all &= written.iter().flatten().count() == 1;
    }
    all
}

/// The tree that proofs are about.
struct Tree {
    nodes: Nodes,
    leaves: Vec<Digest>,
    /// The root at each size.
    roots: Vec<Digest>,
}

static TREE: LazyLock<Tree> = LazyLock::new(|| {
    let (mut nodes, mut frontier) = (Nodes::default(), Frontier::new());
    let (mut leaves, mut roots) = (vec![], vec![frontier.root()]);
    for index in 0..600_u64 {
        let hash = leaf::hash(&index.to_be_bytes());
        nodes.insert(NodeId { level: 0, index }, hash);
        for (id, node) in frontier.push(hash) {
            nodes.insert(id, node);
        }
        leaves.push(hash);
        roots.push(frontier.root());
    }
    Tree { nodes, leaves, roots }
});

/// Proofs of any leaf at any size. The first bytes say which, the others how the proof is changed: unchanged it holds, and
/// changed it does not. Sizes that no tree has are planned for as well.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn proof(bytes: &[u8]) -> bool {
    let Some((a, rest)) = bytes.split_first_chunk::<8>() else {
        return false;
    };
    let Some((b, changes)) = rest.split_first_chunk::<8>() else {
        return false;
    };
    let (a, b) = (u64::from_le_bytes(*a), u64::from_le_bytes(*b));
    let plans = [
        Plan::inclusion(a, b),
        Plan::consistency(a, b),
        Plan::multiproof(&[a, a.saturating_add(9)], b),
        Ok(Plan::frontier(b)),
    ];
    for plan in plans.into_iter().flatten() {
        assert!(plan.needed().iter().all(|run| (1..=256).contains(&run.count)));
    }
    let tree = &*TREE;
    let size = a % (tree.leaves.len() as u64 + 1);
    let at = |n: u64| usize::try_from(n).expect("below 600");
    let old = b % (size + 1);
    let (root, old_root) = (&tree.roots[at(size)], &tree.roots[at(old)]);
    check(Plan::consistency(old, size), changes, |given| {
        verify_consistency(old, size, old_root, root, given)
    });
    if old < size {
        check(Plan::inclusion(old, size), changes, |given| {
            verify_inclusion(old, size, tree.leaves[at(old)], given, root)
        });
    }
    let mut indexes: Vec<u64> = changes.iter().map(|c| u64::from(*c) * 3 % size.max(1)).collect();
    indexes.sort_unstable();
    indexes.dedup();
    indexes.retain(|i| *i < size);
    let leaves: Vec<(u64, Digest)> = indexes.iter().map(|i| (*i, tree.leaves[at(*i)])).collect();
    check(Plan::multiproof(&indexes, size), changes, |given| {
        verify_multiproof(&leaves, size, given, root)
    });
    true
}

fn check(plan: Result<Plan, ProofError>, changes: &[u8], verify: impl Fn(&[Digest]) -> Result<(), ProofError>) {
    let honest = plan.expect("they are in the tree");
    let honest = honest.assemble(&TREE.nodes).expect("the tree has them");
    assert_eq!(verify(&honest), Ok(()), "an honest proof");
    let mut given = honest.clone();
    for change in changes.chunks_exact(3).take(8) {
        let at = usize::from(change[1]) % (given.len() + 1);
        match change[0] % 4 {
            0 if at < given.len() => given[at].0[usize::from(change[2] >> 3)] ^= 1 << (change[2] & 7),
            1 if at < given.len() => drop(given.remove(at)),
            2 => given.insert(at, Digest([change[2]; 32])),
            _ if at < given.len() => given.insert(at, given[at]),
            _ => {}
        }
    }
    assert!(
        verify(&given).is_ok() == (given == honest),
        "a proof that was changed holds"
    );
}
