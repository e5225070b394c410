//! Whole logs as a database gives them: verified as written, and every way to change one is found and named.

use std::collections::BTreeMap;

use audit::bundle::{GroupData, PIN_VERSION, Pin};
use audit::checkpoint::{Checkpoint, origin_for};
use audit::leaf::{self, Leaf, Sealed, commitment};
use audit::tree::{Frontier, NodeId};
use audit::verify::{LogVerifier, Report, Verdict};
use domain::digest::Digest;
use proptest::prelude::*;
use serde_json::json;

use crate::sample::{Log, ORG, groups, key, vkey};

/// Index, bytes, hash and groups, as a leaf is stored.
type Row = (u64, Vec<u8>, Digest, BTreeMap<String, GroupData>);

/// A log's rows.
#[derive(Clone)]
struct Rows {
    leaves: Vec<Row>,
    checkpoints: Vec<(u64, String)>,
    nodes: BTreeMap<NodeId, Digest>,
}

impl Rows {
    fn of(log: &Log, checkpoints: &[u64]) -> Self {
        let row = |(i, s): (usize, &Sealed)| (i as u64, s.leaf.clone(), s.hash, groups(s));
        Self {
            leaves: log.leaves.iter().enumerate().map(row).collect(),
            checkpoints: checkpoints.iter().map(|&size| (size, log.note(size))).collect(),
            nodes: log.stored.clone(),
        }
    }

    fn verify(&self) -> Report {
        self.verify_with(&[])
    }

    fn verify_with(&self, pins: &[Pin]) -> Report {
        let mut v = LogVerifier::new(vkey());
        pins.iter().for_each(|p| v.pin(p));
        self.checkpoints
            .iter()
            .for_each(|(size, note)| v.checkpoint(*size, note));
        for (index, leaf, hash, groups) in &self.leaves {
            v.leaf(*index, leaf, hash, groups);
            for (id, _) in v.completed().to_vec() {
                v.node(id, self.nodes.get(&id));
            }
        }
        v.finish()
    }
}

fn story() -> (Log, Rows) {
    let log = Log::story();
    let rows = Rows::of(&log, &[1, 5, 9, 11]);
    (log, rows)
}

#[track_caller]
fn assert_altered(r: &Report, range: (u64, u64), words: &str) {
    let named = r.first_wrong.as_ref().map(|w| (w.index, w.last));
    assert_eq!((r.verdict, named), (Verdict::Altered, Some(range)), "{r:#?}");
    assert!(r.sentence.contains(words), "{:?} does not say {words:?}", r.sentence);
}

/// R4, R7: a log as written, its unsigned end told apart.
#[test]
fn a_log_as_written_is_verified() {
    let (log, rows) = story();
    let r = rows.verify();
    assert_eq!(
        (r.verdict, r.leaves_checked, r.size),
        (Verdict::Verified, 12, Some(11)),
        "{r:#?}"
    );
    assert!(
        r.checks.iter().any(|c| c.contains("1 leaves at the end are newer")),
        "{:#?}",
        r.checks
    );
    assert!(
        r.checks
            .iter()
            .any(|c| c.contains("1 actions: decision before dispatch")),
        "{:#?}",
        r.checks
    );
    assert_eq!(rows.verify_with(&[log.pin()]).verdict, Verdict::Verified);
}

/// Checkpoints may be given as they come due, which keeps memory constant, as well as all at once.
#[test]
fn checkpoints_may_come_due_one_by_one() {
    let (_, rows) = story();
    let mut v = LogVerifier::new(vkey());
    let mut due = rows.checkpoints.iter().peekable();
    for (index, leaf, hash, groups) in &rows.leaves {
        while let Some((size, note)) = due.next_if(|(size, _)| *size <= v.size()) {
            v.checkpoint(*size, note);
        }
        v.leaf(*index, leaf, hash, groups);
    }
    due.for_each(|(size, note)| v.checkpoint(*size, note));
    let (one_by_one, at_once) = (v.finish(), rows.verify());
    assert_eq!(one_by_one, at_once);
}

#[test]
fn a_log_without_any_signature_cannot_be_verified() {
    let (log, _) = story();
    assert_eq!(Rows::of(&log, &[]).verify().verdict, Verdict::CannotVerify);
    assert_eq!(LogVerifier::new(vkey()).finish().verdict, Verdict::CannotVerify);
}

/// R4: each byte of each leaf, each byte of each group, each stored hash. The contradiction is inside the leaf, so most
/// of this does without checkpoints, whose signatures take the time.
#[test]
fn every_flipped_byte_names_its_leaf() {
    let (_, good) = story();
    for (n, row) in good.leaves.iter().enumerate() {
        let at = (n as u64, n as u64);
        for byte in 0..row.1.len() {
            let mut rows = good.clone();
            rows.leaves[n].1[byte] ^= 1 << (byte % 8);
            rows.checkpoints.clear();
            assert_altered(&rows.verify(), at, "do not have the hash");
        }
        for (name, data) in &row.3 {
            let GroupData::Open { salt, json } = data else {
                unreachable!("all groups are open")
            };
            for byte in 0..json.len() {
                let mut changed = json.clone().into_bytes();
                changed[byte] ^= 1 << (byte % 8);
                let json = String::from_utf8_lossy(&changed).into_owned();
                let mut rows = good.clone();
                rows.checkpoints.clear();
                rows.leaves[n]
                    .3
                    .insert(name.clone(), GroupData::Open { salt: *salt, json });
                assert_altered(&rows.verify(), at, "were changed");
            }
        }
        let mut rows = good.clone();
        rows.leaves[n].2.0[n] ^= 1;
        assert_altered(&rows.verify(), at, "do not have the hash");
    }
}

/// R4: a changed leaf doesn't hide that the rest is as signed, as its stored hash still leads to the signed root.
#[test]
fn the_stored_hash_tells_that_only_one_leaf_was_changed() {
    let (_, mut rows) = story();
    let last = rows.leaves[3].1.len() - 10;
    rows.leaves[3].1[last] ^= 1;
    let r = rows.verify();
    assert_eq!((r.problems_total, r.size), (1, Some(11)), "{r:#?}");
    let (_, mut rows) = story();
    rows.leaves[3].2.0[0] ^= 1;
    let r = rows.verify();
    assert_eq!((r.problems_total, r.size), (1, Some(11)), "{r:#?}");
}

/// R4: rows deleted at the start, in the middle, at the end.
#[test]
fn missing_leaves_are_named() {
    for n in 0..11 {
        let (_, mut rows) = story();
        rows.leaves.remove(n);
        assert_altered(&rows.verify(), (n as u64, n as u64), "missing");
    }
    let (_, mut rows) = story();
    rows.leaves.drain(2..5);
    assert_altered(&rows.verify(), (2, 4), "Leaves 2 to 4: they are missing");
    let (_, mut rows) = story();
    rows.leaves.truncate(7);
    assert_altered(&rows.verify(), (7, 10), "the record ends before it");
    let (_, mut rows) = story();
    rows.leaves.clear();
    assert_altered(&rows.verify(), (0, 10), "the record ends before it");
    let (_, mut rows) = story();
    rows.leaves[4].3.remove("who");
    assert_altered(&rows.verify(), (4, 4), "`who` is gone");
}

/// R4: deleted and renumbered, so that no gap shows.
#[test]
fn a_deleted_and_renumbered_leaf_is_named() {
    let (_, mut rows) = story();
    rows.leaves.remove(4);
    (0..).zip(&mut rows.leaves).for_each(|(i, row)| row.0 = i);
    assert_altered(&rows.verify(), (4, 4), "says that it is leaf 5");
}

/// R4: swapped, doubled and inserted rows.
#[test]
fn moved_and_added_leaves_are_named() {
    let (_, mut rows) = story();
    rows.leaves.swap(5, 6);
    (rows.leaves[5].0, rows.leaves[6].0) = (5, 6);
    assert_altered(&rows.verify(), (5, 5), "says that it is leaf 6");
    let (_, mut rows) = story();
    let twice = rows.leaves[5].clone();
    rows.leaves.insert(6, twice);
    assert_altered(&rows.verify(), (5, 5), "twice");
    let (_, mut rows) = story();
    let mut extra = rows.leaves[5].clone();
    extra.0 = 6;
    rows.leaves.insert(6, extra);
    rows.leaves[7..].iter_mut().for_each(|row| row.0 += 1);
    assert_altered(&rows.verify(), (6, 6), "says that it is leaf 5");
}

/// Replaces a leaf so that bytes, hash and groups agree with one another.
fn replace(rows: &mut Rows, n: usize) {
    let json = json!({"what": "was never so"}).to_string();
    let mut leaf = Leaf::parse(&rows.leaves[n].1).unwrap();
    leaf.groups = BTreeMap::from([("what".into(), commitment(&[3; 16], &json))]);
    let bytes = leaf.to_bytes().unwrap();
    let groups = BTreeMap::from([("what".into(), GroupData::Open { salt: [3; 16], json })]);
    rows.leaves[n] = (n as u64, bytes.clone(), leaf::hash(&bytes), groups);
}

/// R4: a consistent rewrite is found by the next checkpoint and narrowed to the leaves since the last good one.
#[test]
fn a_consistent_rewrite_is_narrowed_to_its_range() {
    for (n, range) in [(0, (0, 0)), (2, (1, 4)), (7, (5, 8)), (10, (9, 10))] {
        let (_, mut rows) = story();
        replace(&mut rows, n);
        assert_altered(&rows.verify(), range, "one of them was replaced");
    }
}

/// R4: rewritten and signed anew by whoever holds the key: what somebody noted earlier still tells.
#[test]
fn a_fork_signed_by_the_key_contradicts_a_pin() {
    let (log, mut rows) = story();
    replace(&mut rows, 2);
    let mut frontier = Frontier::new();
    rows.leaves.iter().for_each(|row| drop(frontier.push(row.2)));
    let checkpoint = Checkpoint {
        origin: origin_for(ORG),
        size: 12,
        root: frontier.root(),
    };
    rows.checkpoints = vec![(12, checkpoint.sign(&key()).unwrap())];
    assert_eq!(rows.verify().verdict, Verdict::Verified, "nothing inside it tells");
    assert_altered(&rows.verify_with(&[log.pin()]), (0, 11), "not those that the link pins");

    rows.checkpoints.push((12, log.note(12)));
    assert!(
        rows.verify().sentence.contains("the record was forked"),
        "{:#?}",
        rows.verify()
    );
}

/// R4: rolled back together with its checkpoints.
#[test]
fn a_rollback_contradicts_a_pin() {
    let (log, mut rows) = story();
    rows.leaves.truncate(5);
    rows.checkpoints.truncate(2);
    assert_eq!(rows.verify().verdict, Verdict::Verified, "nothing inside it tells");
    assert_altered(&rows.verify_with(&[log.pin()]), (5, 11), "a size of 12 is pinned");
    let other = Pin {
        version: PIN_VERSION,
        size: 5,
        root: Digest([0; 32]),
        key_hash: Digest([0; 32]),
    };
    assert_eq!(rows.verify_with(&[other]).verdict, Verdict::Altered);
}

#[test]
fn changed_checkpoints_are_found() {
    let (_, good) = story();
    let note = good.checkpoints[2].1.clone();
    for byte in 0..note.len() {
        let mut changed = note.clone().into_bytes();
        changed[byte] ^= 1;
        let mut rows = good.clone();
        rows.checkpoints = vec![(9, String::from_utf8_lossy(&changed).into_owned())];
        assert_ne!(rows.verify().verdict, Verdict::Verified, "byte {byte}");
    }
    let mut rows = good.clone();
    rows.checkpoints[2].0 = 8;
    assert_eq!(rows.verify().verdict, Verdict::Altered);
    let mut rows = good.clone();
    rows.checkpoints.swap(1, 2);
    assert_eq!(rows.verify().verdict, Verdict::Altered);
}

/// R4: the tree's stored nodes are recomputed too.
#[test]
fn changed_and_missing_tree_nodes_are_found() {
    let log = Log::of(300);
    let good = Rows::of(&log, &[300]);
    assert_eq!(good.verify().verdict, Verdict::Verified);
    let id = NodeId { level: 8, index: 0 };
    let mut rows = good.clone();
    rows.nodes.get_mut(&id).unwrap().0[0] ^= 1;
    assert!(
        rows.verify().sentence.contains("over leaves 0 to 255"),
        "{:#?}",
        rows.verify()
    );
    rows.nodes.remove(&id);
    assert_eq!(rows.verify().verdict, Verdict::Altered);
}

#[test]
fn a_report_lists_fifty_problems_and_counts_all() {
    let mut rows = Rows::of(&Log::of(300), &[300]);
    rows.leaves.iter_mut().for_each(|row| row.2.0[0] ^= 1);
    let r = rows.verify();
    assert_eq!(
        (r.problems.len(), r.problems_total),
        (50, 300),
        "{:#?}",
        r.problems.last()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// R4: whatever single thing is done to a longer log, it is found, and the leaf or its range is named.
    #[test]
    fn any_tampering_is_found_and_named(n in 0_u64..400, kind in 0_u8..6, byte in any::<prop::sample::Index>()) {
        static LOG: std::sync::OnceLock<Rows> = std::sync::OnceLock::new();
        let mut rows = LOG.get_or_init(|| Rows::of(&Log::of(400), &[100, 250, 399, 400])).clone();
        let at = usize::try_from(n).unwrap();
        match kind {
            0 => {
                let byte = byte.index(rows.leaves[at].1.len());
                rows.leaves[at].1[byte] ^= 1;
            }
            1 => drop(rows.leaves.remove(at)),
            2 => rows.leaves.truncate(at),
            3 => replace(&mut rows, at),
            4 => rows.leaves[at].2.0[0] ^= 1,
            _ => rows.leaves[at].3.clear(),
        }
        let r = rows.verify();
        prop_assert_eq!(r.verdict, Verdict::Altered);
        let wrong = r.first_wrong.unwrap();
        prop_assert!((wrong.index..=wrong.last).contains(&n), "{:?}", wrong);
    }
}
