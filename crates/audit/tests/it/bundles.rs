//! Bundles: verified as made; the three verdicts told apart.

use audit::bundle::{Bundle, GroupData, Pin};
use audit::leaf::{self, Sealed};
use audit::verify::{Report, Trusted, Verdict, verify_bundle, verify_bytes};
use serde_json::json;

use crate::sample::{ACTION, Log, SESSION, vkey};

pub(crate) fn verify(log: &Log, bundle: &Bundle) -> Report {
    verify_bundle(bundle, Some(&log.pin()), &[])
}

#[track_caller]
pub(crate) fn assert_altered(r: &Report, index: Option<u64>, words: &str) {
    assert_eq!(
        (r.verdict, r.first_wrong.as_ref().map(|w| w.index)),
        (Verdict::Altered, index),
        "{r:#?}"
    );
    assert!(
        r.problems.iter().any(|p| p.what.contains(words)),
        "no problem says {words:?}: {r:#?}"
    );
}

#[track_caller]
pub(crate) fn assert_cannot(r: &Report, words: &str) {
    assert_eq!(
        (r.verdict, r.first_wrong.is_none()),
        (Verdict::CannotVerify, true),
        "{r:#?}"
    );
    assert!(r.sentence.contains(words), "{:?} does not say {words:?}", r.sentence);
}

/// R7, R45: a session's bundle verifies from its bytes and the link's fragment alone.
#[test]
fn a_bundle_as_made_is_verified() {
    let log = Log::story();
    let json = log.session_bundle().to_json().unwrap();
    assert_eq!(Bundle::parse(json.as_bytes()).unwrap(), log.session_bundle());
    let r = verify_bytes(json.as_bytes(), Trusted::link(&format!("#{}", log.pin())));
    assert_eq!(
        (r.verdict, r.verdict.exit_code(), r.problems_total),
        (Verdict::Verified, 0, 0),
        "{r:#?}"
    );
    assert_eq!(
        (r.leaves_checked, r.groups_withheld, r.size, r.root),
        (9, 0, Some(12), Some(log.frontier.root()))
    );
    assert_eq!(r.key, Some(vkey().fingerprint()));
    assert!(
        r.checks
            .iter()
            .any(|c| c.contains("All 8 leaves before the session's end")),
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

    let whole = verify(&log, &log.whole_bundle());
    assert_eq!(whole.verdict, Verdict::Verified, "{whole:#?}");
    assert!(
        whole.checks.iter().any(|c| c.contains("Every leaf")),
        "{:#?}",
        whole.checks
    );
}

/// R45: without a readable pin nothing is verified, and the report says why.
#[test]
fn without_a_pin_nothing_is_verified() {
    let log = Log::story();
    let json = log.session_bundle().to_json().unwrap();
    let pin = log.pin().to_string();
    for none in [None, Some(""), Some("#")] {
        assert_cannot(
            &verify_bytes(
                json.as_bytes(),
                Trusted {
                    fragment: none,
                    ..Trusted::default()
                },
            ),
            "no pin",
        );
    }
    assert_cannot(
        &verify_bytes(json.as_bytes(), Trusted::link(&pin.replacen("v1", "v2", 1))),
        "version 2",
    );
    for damaged in [
        &pin[..pin.len() - 1],
        &pin.to_uppercase(),
        "x",
        "v1.12",
        &format!("{pin}.x"),
        &pin.replacen("12", "012", 1),
    ] {
        assert_cannot(
            &verify_bytes(json.as_bytes(), Trusted::link(damaged)),
            "damaged or incomplete",
        );
    }
    assert_eq!(pin.parse::<Pin>(), Ok(log.pin()));
    let to_an_action = format!("#{pin}/action-3");
    assert!(to_an_action.parse::<Pin>().is_err(), "the place is no part of the pin");
    assert_eq!(Pin::of_link(&to_an_action), Ok(log.pin()));
    let r = verify_bytes(json.as_bytes(), Trusted::link(&to_an_action));
    assert_eq!(r.verdict, Verdict::Verified, "{r:#?}");
}

/// A contradiction inside the bundle outweighs the missing pin.
#[test]
fn a_contradiction_outweighs_a_lack() {
    let mut b = Log::story().session_bundle();
    b.leaves[0].leaf_hash.0[0] ^= 1;
    assert_altered(&verify_bundle(&b, None, &[]), Some(1), "hash that was recorded");
}

#[test]
fn what_is_no_bundle_cannot_be_verified() {
    let log = Log::story();
    let (json, pin) = (log.session_bundle().to_json().unwrap(), log.pin().to_string());
    for garbled in [
        "",
        "{",
        "[]",
        "null",
        "{\"format\":\"countersign-bundle\"}",
        &json[..json.len() - 1],
        &format!(" {json}"),
        &format!("{json}\n"),
    ] {
        assert_cannot(
            &verify_bytes(garbled.as_bytes(), Trusted::link(&pin)),
            "could not be read",
        );
    }
    assert_cannot(&verify_bytes(b"\xff", Trusted::link(&pin)), "could not be read");
    let later = json.replacen("\"version\":1,", "\"version\":2,", 1);
    assert_cannot(
        &verify_bytes(later.as_bytes(), Trusted::link(&pin)),
        "version 2 of the format",
    );
    let unknown = json.replacen("\"version\":1,", "\"version\":1,\"vextra\":1,", 1);
    assert_cannot(
        &verify_bytes(unknown.as_bytes(), Trusted::link(&pin)),
        "could not be read",
    );
    let empty = Bundle {
        leaves: vec![],
        ..log.session_bundle()
    };
    assert!(
        verify(&log, &empty)
            .problems
            .iter()
            .any(|p| p.what.contains("holds no leaves"))
    );
}

/// R45: a withheld group leaves the bundle verified, with the gap counted; a silent gap makes it altered.
#[test]
fn withheld_groups_are_counted_and_silent_gaps_are_altered() {
    let log = Log::story();
    let mut b = log.session_bundle();
    b.leaves[0].groups.insert("text".into(), GroupData::Withheld);
    let r = verify(&log, &b);
    assert_eq!((r.verdict, r.groups_withheld), (Verdict::Verified, 1), "{r:#?}");
    assert!(r.checks.iter().any(|c| c.contains("1 are withheld")), "{:#?}", r.checks);
    b.leaves[0].groups.remove("text");
    assert_altered(&verify(&log, &b), Some(b.leaves[0].index), "its group `text` is gone");
    b = log.session_bundle();
    b.leaves[0].groups.insert("extra".into(), GroupData::Withheld);
    assert_altered(&verify(&log, &b), Some(1), "does not commit to");
}

fn story_without(order: &[(&str, bool)]) -> Report {
    let mut log = Log::default();
    for (kind, of_action) in order {
        let refs = [("session", SESSION), ("action", ACTION)];
        log.event(kind, if *of_action { &refs } else { &[] }, &[("what", json!({}))]);
    }
    verify(&log, &log.whole_bundle())
}

/// R6: the order by position, even in a record that was signed that way.
#[test]
fn steps_out_of_order_are_found_and_named() {
    let all = [
        "approval.approved",
        "action.authorised",
        "action.dispatched",
        "action.started",
        "action.finished",
    ];
    let right: Vec<_> = all.iter().map(|k| (*k, true)).collect();
    assert_eq!(story_without(&right).verdict, Verdict::Verified);
    for at in 0..all.len() - 1 {
        let mut wrong = right.clone();
        wrong.swap(at, at + 1);
        let r = story_without(&wrong);
        assert_eq!(r.verdict, Verdict::Altered, "{wrong:?}: {r:#?}");
        assert!(r.first_wrong.is_some());
    }
    assert_altered(
        &story_without(&[("action.dispatched", true)]),
        Some(0),
        "without an earlier `action.authorised`",
    );
    assert_altered(
        &story_without(&[right[0], right[1], ("action.refused", true), right[2]]),
        Some(3),
        "comes after `action.refused`",
    );
    assert_eq!(
        story_without(&[("action.dispatched", false)]).verdict,
        Verdict::Verified,
        "of no action"
    );
}

fn raw_leaf(text: &str) -> (Log, Bundle) {
    let bytes = text.as_bytes().to_vec();
    let sealed = Sealed {
        hash: leaf::hash(&bytes),
        leaf: bytes,
        groups: vec![],
    };
    let mut log = Log::default();
    log.nodes
        .insert(audit::tree::NodeId { level: 0, index: 0 }, sealed.hash);
    log.frontier.push(sealed.hash);
    log.leaves.push(sealed);
    let bundle = log.whole_bundle();
    (log, bundle)
}

/// A leaf that was signed and is of a later version can't be judged; one that no version of the product makes is wrong.
#[test]
fn signed_leaves_of_unknown_or_no_form() {
    let (log, bundle) = raw_leaf("{\"groups\":{},\"more\":[1],\"v\":2}");
    assert_cannot(&verify(&log, &bundle), "of version 2");
    for odd in ["{\"v\":1}", "hello", "{ \"v\":2}"] {
        let (log, bundle) = raw_leaf(odd);
        assert_altered(&verify(&log, &bundle), Some(0), "not a leaf in canonical form");
    }
}
