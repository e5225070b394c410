//! Every way to change a bundle is found, and the leaf is named where the evidence names it.

use audit::bundle::{Bundle, BundleLeaf, GroupData, Pin, Scope};
use audit::checkpoint::{Checkpoint, Vkey, origin_for};
use audit::leaf::{self, Leaf, commitment};
use audit::verify::{Trusted, Verdict, verify_bundle, verify_bytes};
use domain::digest::Digest;
use ed25519_dalek::SigningKey;
use serde_json::json;

use crate::bundles::{assert_altered, assert_cannot, verify};
use crate::sample::Log;

/// R4, R45: any changed character of a leaf, its hash, a salt or a group names that leaf.
#[test]
fn any_change_inside_a_leaf_names_it() {
    let log = Log::story();
    let good = log.bundle(
        &[3, 8],
        Scope {
            text: String::new(),
            session: None,
            whole: false,
        },
    );
    let change = |s: &str, at: usize| -> String {
        s.char_indices()
            .map(|(i, c)| if i == at { if c == 'x' { 'y' } else { 'x' } } else { c })
            .collect()
    };
    let text = good.leaves[1].leaf.clone();
    for at in (0..text.len()).step_by(3) {
        let mut b = good.clone();
        b.leaves[1].leaf = change(&text, at);
        assert_altered(&verify(&log, &b), Some(8), "Leaf 8: its bytes");
    }
    for (name, data) in &good.leaves[1].groups {
        let GroupData::Open { salt, json } = data else {
            unreachable!("all groups are open")
        };
        for at in json.char_indices().map(|(i, _)| i) {
            let mut b = good.clone();
            b.leaves[1].groups.insert(
                name.clone(),
                GroupData::Open {
                    salt: *salt,
                    json: change(json, at),
                },
            );
            assert_altered(&verify(&log, &b), Some(8), &format!("group `{name}` were changed"));
        }
        let mut b = good.clone();
        let salt = salt.map(|byte| byte ^ 1);
        b.leaves[1].groups.insert(
            name.clone(),
            GroupData::Open {
                salt,
                json: json.clone(),
            },
        );
        assert_altered(&verify(&log, &b), Some(8), "were changed");
    }
    let mut b = good.clone();
    b.leaves[1].leaf_hash.0[31] ^= 0x80;
    assert_altered(&verify(&log, &b), Some(8), "hash that was recorded");
}

/// R4, R45: no flipped bit anywhere in the file, other than in its captions, leaves it verified.
#[test]
fn no_flipped_byte_of_the_file_goes_unnoticed() {
    let log = Log::story();
    let bundle = log.bundle(
        &[8],
        Scope {
            text: "C".into(),
            session: None,
            whole: false,
        },
    );
    let json = Bundle {
        title: "C".into(),
        ..bundle
    }
    .to_json()
    .unwrap()
    .replacen("Northwind", "C", 1);
    let captions: Vec<usize> = json.match_indices("\"C\"").map(|(at, _)| at + 1).collect();
    assert_eq!(captions.len(), 3);
    let fragment = log.pin().to_string();
    assert_eq!(
        verify_bytes(json.as_bytes(), Trusted::link(&fragment)).verdict,
        Verdict::Verified
    );
    for at in (0..json.len()).filter(|at| !captions.contains(at)) {
        for bit in [at % 5, 5] {
            let mut bytes = json.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let r = verify_bytes(&bytes, Trusted::link(&fragment));
            assert_ne!(
                r.verdict,
                Verdict::Verified,
                "byte {at} bit {bit}: {}",
                String::from_utf8_lossy(&bytes)
            );
        }
        assert_ne!(
            verify_bytes(&json.as_bytes()[..at], Trusted::link(&fragment)).verdict,
            Verdict::Verified,
            "cut at {at}"
        );
    }
}

/// R4: any changed character of the pin.
#[test]
fn no_changed_pin_is_verified() {
    let log = Log::story();
    let (bundle, pin) = (log.session_bundle(), log.pin());
    let verdict = |pin: &Pin| verify_bundle(&bundle, Some(pin), &[]);
    assert_altered(&verdict(&Pin { size: 11, ..pin }), None, "pins size 11");
    assert_altered(
        &verdict(&Pin {
            root: Digest([0; 32]),
            ..pin
        }),
        None,
        "not the one that the link pins",
    );
    assert_altered(
        &verdict(&Pin {
            key_hash: Digest([0; 32]),
            ..pin
        }),
        None,
        "another key",
    );
}

/// R4, R45: leaves dropped, swapped, doubled or inserted.
#[test]
fn moved_and_missing_leaves_are_found() {
    let log = Log::story();
    let good = log.session_bundle();
    let changed = |change: &dyn Fn(&mut Vec<BundleLeaf>)| {
        let mut b = good.clone();
        change(&mut b.leaves);
        verify(&log, &b)
    };
    assert_altered(&changed(&|l| drop(l.remove(0))), None, "another root");
    assert_altered(
        &changed(&|l| drop(l.remove(0))),
        None,
        "the leaf that opened it is not here",
    );
    assert_altered(
        &changed(&|l| drop(l.remove(6))),
        None,
        "closed with 8 leaves before its end, and 7 are here",
    );
    assert_altered(
        &changed(&|l| drop(l.remove(3))),
        Some(6),
        "without an earlier `action.authorised`",
    );
    assert_altered(&changed(&|l| drop(l.pop())), None, "another root");
    assert_altered(&changed(&|l| l.swap(2, 3)), Some(4), "out of order");
    assert_altered(&changed(&|l| l.insert(1, l[0].clone())), Some(1), "out of order");
    let foreign = BundleLeaf::open(3, &log.leaves[3]);
    assert_altered(
        &changed(&|l| l.insert(2, foreign.clone())),
        None,
        "do not fit their proof",
    );
    // The contents of two leaves exchanged, places kept.
    let exchange = |l: &mut Vec<BundleLeaf>| {
        l.swap(2, 3);
        (l[2].index, l[3].index) = (l[3].index, l[2].index);
    };
    assert_altered(&changed(&exchange), Some(4), "says that it is leaf 5");
    let beyond = BundleLeaf {
        index: 40,
        ..good.leaves[0].clone()
    };
    assert_altered(
        &changed(&|l| l.push(beyond.clone())),
        Some(40),
        "beyond the record's size",
    );
}

/// R45: a leaf left out and the proof made anew, so that everything fits, still contradicts the session's own count.
#[test]
fn a_session_cut_down_with_a_fitting_proof_is_found() {
    let log = Log::story();
    let scope = log.session_bundle().scope;
    let r = verify(&log, &log.bundle(&[1, 2, 4, 5, 6, 7, 9, 10], scope));
    assert_altered(&r, None, "closed with 8 leaves");
    let mut other = log.session_bundle();
    other.scope.session = Some(crate::sample::ACTION.into());
    assert_altered(&verify(&log, &other), None, "the leaf that opened it is not here");
    other.scope.session = None;
    let r = verify(&log, &other);
    assert!(
        r.checks.iter().any(|c| c.contains("some leaves of the record")),
        "less is claimed, and the report says so"
    );
    let whole = Scope {
        text: String::new(),
        session: None,
        whole: true,
    };
    assert_altered(
        &verify(&log, &log.bundle(&[0, 1, 2, 4], whole)),
        Some(3),
        "Leaf 3: it is missing",
    );
}

/// R4: a leaf replaced consistently (fields, commitment, bytes, hash) no longer leads to the root.
#[test]
fn a_consistently_replaced_leaf_is_found() {
    let log = Log::story();
    let mut b = log.session_bundle();
    let l = &mut b.leaves[0];
    let json = json!({"reason": "something else", "ticket": "T-1"}).to_string();
    let mut leaf = Leaf::parse(l.leaf.as_bytes()).unwrap();
    leaf.groups.insert("text".into(), commitment(&[1; 16], &json));
    l.groups.insert("text".into(), GroupData::Open { salt: [1; 16], json });
    l.leaf = String::from_utf8(leaf.to_bytes().unwrap()).unwrap();
    l.leaf_hash = leaf::hash(l.leaf.as_bytes());
    assert_altered(&verify(&log, &b), None, "another root than the signed one");
}

/// R4: a fork, signed by the very same key, or everything made anew under another key.
#[test]
fn forks_and_other_keys_are_found() {
    let (log, mut forked) = (Log::story(), Log::story());
    forked.leaves.pop();
    let mut fork = Log::default();
    for sealed in forked.leaves {
        let h = Leaf::parse(&sealed.leaf).unwrap().header;
        fork.event(&h.kind, &[], &[("what", json!({"other": 1}))]);
    }
    fork.event("history.searched", &[], &[("what", json!({"found": 2}))]);
    assert_altered(
        &verify(&log, &fork.whole_bundle()),
        None,
        "not the one that the link pins",
    );

    let other = SigningKey::from_bytes(&[8; 32]);
    let mut b = log.session_bundle();
    b.vkey = Vkey::new(origin_for(&b.org.id), other.verifying_key())
        .unwrap()
        .to_string();
    assert_eq!(
        verify(&log, &b).verdict,
        Verdict::Altered,
        "the old signature under a new key"
    );
    b.checkpoint = Checkpoint {
        origin: origin_for(&b.org.id),
        size: b.size,
        root: b.root,
    }
    .sign(&other)
    .unwrap();
    assert_altered(&verify(&log, &b), None, "another key than the one that the link pins");
}

#[test]
fn signatures_that_are_wrong_and_those_that_are_missing_differ() {
    let log = Log::story();
    let mut b = log.session_bundle();
    b.checkpoint = log.note(11);
    assert_altered(&verify(&log, &b), None, "another size or root");
    b.checkpoint = log.session_bundle().checkpoint.replacen("\n12\n", "\n13\n", 1);
    assert_altered(&verify(&log, &b), None, "is wrong");
    b.checkpoint = log
        .session_bundle()
        .checkpoint
        .replacen("\u{2014} countersign", "\u{2014} countersigm", 1);
    assert_cannot(&verify(&log, &b), "no signature by the key");
    b.checkpoint = "nothing".into();
    assert_cannot(&verify(&log, &b), "not a signed note");
    b = log.session_bundle();
    b.vkey = "nothing".into();
    assert_cannot(&verify(&log, &b), "public key can't be read");
    b = log.session_bundle();
    b.org.id = "0198f0c4-0000-7000-8000-000000000002".into();
    assert_altered(&verify(&log, &b), Some(1), "another organisation");
}

#[test]
fn fillers_added_removed_and_changed() {
    let log = Log::story();
    let good = log.session_bundle();
    assert!(!good.proof.is_empty());
    for at in 0..good.proof.len() {
        let mut b = good.clone();
        b.proof[at].0[0] ^= 1;
        assert_altered(&verify(&log, &b), None, "another root");
        b.proof.remove(at);
        assert_altered(&verify(&log, &b), None, "do not fit their proof");
    }
    let mut b = good;
    b.proof.push(Digest([0; 32]));
    assert_altered(&verify(&log, &b), None, "do not fit their proof");
}
