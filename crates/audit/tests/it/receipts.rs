//! Receipts: what a server that holds its own keys can write of an action, and what its endpoint signed.
//!
//! Every log here is sealed and signed as the server's own, so that only the endpoint's signature tells a lie.

use std::collections::BTreeMap;

use audit::bundle::Scope;
use audit::verify::{LogVerifier, Report, Trusted, Verdict, verify_bytes};
use domain::canonical;
use domain::digest::{Digest, hex};
use domain::fingerprint::fingerprint;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use crate::sample::{ACTION, Log, SESSION, groups, vkey};

/// What is said where all was compared.
const SIGNED: &str = "of 1, order, command, approved statement, result and output are what it signed";

fn device() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn sha(text: &str) -> String {
    Digest::of(&[text.as_bytes()]).to_string()
}

/// One action's leaves, to be lied about.
struct Story {
    enrolled: Value,
    proposed: Value,
    approved: Value,
    dispatched: Value,
    /// Group `what` and the text.
    output: Vec<(Value, Value)>,
    who: Value,
    result: Value,
}

/// As `wire::Finish` is signed, put together here by itself: `finish` without what the record adds.
fn sign(purpose: &str, finish: &Value, order: &str) -> String {
    let signed = json!({"action": ACTION, "order": order, "finish": finish});
    let text = format!("{purpose}{}", canonical::to_string(&signed).unwrap());
    hex(&device().sign(text.as_bytes()).to_bytes())
}

impl Story {
    /// Of protocol 2, or of protocol 1.
    fn honest(protocol: u32) -> Self {
        let public = device().verifying_key();
        let hash = Digest::of(&[public.as_bytes()]).to_string();
        let (order, command, statement) = (sha("order"), sha("command"), sha("statement"));
        let texts = [
            ("stdout", "POSPrint é\n"),
            ("stderr", "slow\u{1b}[0m\n"),
            ("stdout", ""),
        ];
        let mut chain = Digest::of(&[b"countersign output v1\n"]);
        let mut output = Vec::new();
        for (n, (stream, text)) in texts.iter().enumerate() {
            let tag = if *stream == "stdout" { [1] } else { [2] };
            chain = Digest::of(&[
                chain.as_bytes(),
                &tag,
                &(text.len() as u64).to_be_bytes(),
                text.as_bytes(),
            ]);
            let what = json!({"as_sent": true, "findings": [], "lines": 1, "n": n + 1, "raw_bytes": text.len(), "stream": stream});
            output.push((what, json!({"text": text})));
        }
        let mut finish = json!({
            "outcome": "failed", "exit": 3, "started": "2026-03-01T02:47:07.000000000Z", "finished": "2026-03-01T02:47:08.000000000Z",
            "duration_ms": 1000, "stdout_bytes": 12, "stderr_bytes": 9, "lines": 2, "chunks": 3, "findings": {"card": 1},
            "output": chain, "note": "\"slow\"\n", "receipt": "",
        });
        let receipt = sign("countersign receipt v1\n", &finish, &order);
        finish["receipt"] = json!(receipt);
        finish["ran"] = json!({"command": command, "statement": statement, "agent_version": "0.3.0", "receipt": ""});
        let second = sign("countersign receipt v2\n", &finish, &order);
        let newer = |value: Value| if protocol == 1 { Value::Null } else { value };
        let result = json!({
            "outcome": "failed", "exit": 3, "agent_started": finish["started"], "agent_finished": finish["finished"],
            "duration_ms": 1000, "stdout_bytes": 12, "stderr_bytes": 9, "lines": 2, "chunks": 3, "findings": {"card": 2},
            "endpoint_findings": {"card": 1}, "output": chain, "note": "\"slow\"\n", "order": order, "receipt": receipt,
            "command": newer(json!(command)), "statement": newer(json!(statement)), "agent_version": newer(json!("0.3.0")),
            "ran_receipt": newer(json!(second)), "key": hex(public.as_bytes()), "as_signed": true,
        });
        Self {
            enrolled: json!({"key": hash}),
            proposed: json!({"digest": command}),
            approved: json!({"statement": statement}),
            dispatched: json!({"order": order}),
            output,
            who: json!({"kind": "agent", "key": hash}),
            result,
        }
    }

    fn log(&self) -> Log {
        let mut log = Log::default();
        let (s, a) = (("session", SESSION), ("action", ACTION));
        log.event("endpoint.enrolled", &[], &[("what", self.enrolled.clone())]);
        log.event(
            "session.opened",
            &[s],
            &[("text", json!({"reason": "failing register"}))],
        );
        log.event_of_version(2, "action.proposed", &[s, a], &[("what", self.proposed.clone())]);
        log.event("approval.approved", &[s, a], &[("what", self.approved.clone())]);
        log.event("action.authorised", &[s, a], &[("what", json!({"basis": "one_time"}))]);
        log.event("action.dispatched", &[s, a], &[("what", self.dispatched.clone())]);
        log.event("action.started", &[s, a], &[("what", json!({"resource": "x"}))]);
        for (what, text) in &self.output {
            let piece = [("what", what.clone()), ("text", text.clone())];
            log.event_of_version(2, "output.chunk", &[s, a], &piece);
        }
        let end = [("who", self.who.clone()), ("result", self.result.clone())];
        log.event_of_version(3, "action.finished", &[s, a], &end);
        log
    }

    fn verify(&self) -> Report {
        verify(&self.log())
    }
}

fn verify(log: &Log) -> Report {
    let mut v = LogVerifier::new(vkey());
    v.checkpoint(log.size(), &log.note(log.size()));
    for (index, leaf) in (0..).zip(&log.leaves) {
        v.leaf(index, &leaf.leaf, &leaf.hash, &groups(leaf));
    }
    v.finish()
}

/// What the report says of receipts.
fn said(r: &Report) -> &str {
    let told = r.checks.iter().find(|c| c.contains("ended actions"));
    told.map_or("", |c| c)
}

/// R6, R8: what endpoints signed is found in order, with the key's fingerprint as the endpoint shows it; what an agent of protocol 1
/// did not sign is told.
#[test]
fn an_end_that_its_endpoint_signed_is_found_in_order() {
    for protocol in [1, 2] {
        let r = Story::honest(protocol).verify();
        assert_eq!(r.verdict, Verdict::Verified, "protocol {protocol}: {r:#?}");
        assert!(said(&r).contains(SIGNED) == (protocol == 2), "{r:#?}");
        assert!(said(&r).contains("named no command") == (protocol == 1), "{r:#?}");
        assert!(
            said(&r).contains(&fingerprint(device().verifying_key().as_bytes())),
            "{r:#?}"
        );
    }
}

/// R6, R8: whoever holds the server and its keys can't write that an endpoint ran, printed or ended otherwise than it signed.
#[test]
fn what_the_endpoint_did_not_sign_is_altered_whoever_sealed_it() {
    type Lie = fn(&mut Story);
    let lies: [(&str, &str, Lie); 22] = [
        ("another order", "another order", |s| {
            s.dispatched["order"] = json!(sha("other"))
        }),
        ("no order", "another order", |s| s.dispatched = json!({})),
        ("another command", "another command", |s| {
            s.proposed["digest"] = json!(sha("other"))
        }),
        ("another statement", "another statement", |s| {
            s.approved["statement"] = json!(sha("other"))
        }),
        ("never decided", "another statement", |s| s.approved = json!({})),
        ("another line", "output", |s| s.output[0].1["text"] = json!("Nothing\n")),
        ("another stream", "output", |s| {
            s.output[0].0["stream"] = json!("stderr")
        }),
        ("a piece less", "output", |s| drop(s.output.pop())),
        ("a piece more", "output", |s| {
            s.output
                .push((json!({"as_sent": true, "stream": "stdout"}), json!({"text": ""})))
        }),
        ("pieces in another order", "output", |s| s.output.swap(0, 1)),
        ("pieces joined", "output", |s| {
            let rest = s.output.remove(2);
            let joined = format!(
                "{}{}",
                s.output[0].1["text"].as_str().unwrap(),
                rest.1["text"].as_str().unwrap()
            );
            s.output[0].1["text"] = json!(joined);
        }),
        ("another exit code", "receipt", |s| s.result["exit"] = json!(0)),
        ("another outcome", "receipt", |s| {
            s.result["outcome"] = json!("succeeded")
        }),
        ("an earlier end", "receipt", |s| {
            s.result["agent_finished"] = s.result["agent_started"].clone()
        }),
        ("another note", "receipt", |s| s.result["note"] = json!("")),
        ("fewer findings at the endpoint", "receipt", |s| {
            s.result["endpoint_findings"] = json!({})
        }),
        ("another agent version", "receipt", |s| {
            s.result["agent_version"] = json!("0.2.0")
        }),
        ("order and end both", "receipt", |s| {
            s.dispatched["order"] = json!(sha("other"));
            s.result["order"] = json!(sha("other"));
        }),
        ("a field less", "receipt", |s| {
            drop(s.result.as_object_mut().unwrap().remove("lines"))
        }),
        ("no signature", "receipt", |s| s.result["ran_receipt"] = json!("")),
        ("a key that did not enrol", "not its endpoint's", |s| {
            s.enrolled["key"] = json!(sha("other"))
        }),
        ("another endpoint", "not its endpoint's", |s| {
            s.who["key"] = json!(sha("other"))
        }),
    ];
    for (lie, words, tell) in lies {
        let mut story = Story::honest(2);
        tell(&mut story);
        let log = story.log();
        let r = verify(&log);
        let named = r.first_wrong.as_ref().map(|w| w.index);
        assert_eq!(
            (r.verdict, named),
            (Verdict::Altered, Some(log.size() - 1)),
            "{lie}: {r:#?}"
        );
        assert!(r.sentence.contains(words), "{lie}: {}", r.sentence);
    }
}

/// R8: a receipt of the first protocol can't be passed off for one of the second, nor the other way round.
#[test]
fn the_two_receipts_are_not_each_other() {
    for (from, to) in [("receipt", "ran_receipt"), ("ran_receipt", "receipt")] {
        let mut story = Story::honest(2);
        story.result[to] = story.result[from].clone();
        assert_eq!(story.verify().verdict, Verdict::Altered, "{from}");
    }
    let mut story = Story::honest(1);
    story.result["command"] = json!(sha("command"));
    assert_eq!(
        story.verify().verdict,
        Verdict::Altered,
        "a command that no receipt names"
    );
}

/// R8, R30: what can't be checked is counted and said, and is never called signed.
#[test]
fn what_cannot_be_checked_is_said() {
    type Change = fn(&mut Story);
    let cases: [(&str, Change); 3] = [
        ("the server took more out", |s| {
            s.output[1].0["as_sent"] = json!(false);
            s.output[1].1["text"] = json!("[card \u{2022}\u{2022}\u{2022}\u{2022} 4242]\n");
        }),
        ("the server took more out", |s| {
            s.result["as_signed"] = json!(false);
            s.result["note"] = json!("[card \u{2022}\u{2022}\u{2022}\u{2022} 4242]");
        }),
        ("is not here", |s| {
            drop(s.output[0].0.as_object_mut().unwrap().remove("as_sent"))
        }),
    ];
    for (words, change) in cases {
        let mut story = Story::honest(2);
        change(&mut story);
        let r = story.verify();
        assert_eq!(r.verdict, Verdict::Verified, "{r:#?}");
        assert!(said(&r).contains(words), "{r:#?}");
    }
}

/// R8: in a bundle too; withheld output leaves the rest of the receipt checked, and a bundle of some leaves compares what it has.
#[test]
fn a_bundle_is_held_to_its_receipts() {
    let bundle = |story: &Story, indexes: &[u64], session: Option<&str>, withhold: bool| {
        let log = story.log();
        let scope = Scope {
            text: "failing register".into(),
            session: session.map(str::to_owned),
            whole: false,
        };
        let mut bundle = log.bundle(indexes, scope);
        for leaf in bundle.leaves.iter_mut().filter(|_| withhold) {
            let texts: BTreeMap<_, _> = std::mem::take(&mut leaf.groups);
            let kept = texts.into_iter().map(|(name, group)| {
                let group = if name == "text" {
                    audit::leaf::GroupData::Withheld
                } else {
                    group
                };
                (name, group)
            });
            leaf.groups = kept.collect();
        }
        verify_bytes(
            bundle.to_json().unwrap().as_bytes(),
            Trusted::link(&log.pin().to_string()),
        )
    };
    let all: Vec<u64> = (1..=10).collect();
    let honest = Story::honest(2);
    let r = bundle(&honest, &all, Some(SESSION), false);
    assert_eq!(r.verdict, Verdict::Verified, "{r:#?}");
    assert!(said(&r).contains(SIGNED), "{r:#?}");
    let r = bundle(&honest, &all, Some(SESSION), true);
    assert_eq!(r.verdict, Verdict::Verified, "{r:#?}");
    assert!(!said(&r).contains(SIGNED) && said(&r).contains("is not here"), "{r:#?}");
    let r = bundle(&honest, &[5, 10], None, false);
    assert_eq!(r.verdict, Verdict::Verified, "{r:#?}");

    let mut lie = Story::honest(2);
    lie.output[0].1["text"] = json!("Nothing\n");
    let r = bundle(&lie, &all, Some(SESSION), false);
    assert_eq!(
        (r.verdict, r.first_wrong.map(|w| w.index)),
        (Verdict::Altered, Some(10))
    );
    let mut lie = Story::honest(2);
    lie.dispatched["order"] = json!(sha("other"));
    for (leaves, session, withhold) in [(&all[..], Some(SESSION), true), (&[5, 10], None, false)] {
        let r = bundle(&lie, leaves, session, withhold);
        assert_eq!(
            (r.verdict, r.first_wrong.map(|w| w.index)),
            (Verdict::Altered, Some(10))
        );
    }
}

/// R4: an end that is put in a second time is named by the place where it was put, not by the one that it was copied from.
#[test]
fn an_end_put_in_again_is_named_where_it_stands() {
    let log = Story::honest(2).log();
    let end = log.leaves.last().unwrap();
    let mut v = LogVerifier::new(vkey());
    v.checkpoint(log.size(), &log.note(log.size()));
    for (index, leaf) in (0..).zip(log.leaves.iter().chain([end])) {
        v.leaf(index, &leaf.leaf, &leaf.hash, &groups(leaf));
    }
    let r = v.finish();
    let named = r.first_wrong.as_ref().map(|w| w.index);
    assert_eq!((r.verdict, named), (Verdict::Altered, Some(log.size())), "{r:#?}");
}

/// R4: what older servers wrote is counted, and is no alteration.
#[test]
fn an_end_of_an_older_version_is_said_to_have_none() {
    let mut log = Log::default();
    log.event_of_version(
        2,
        "action.finished",
        &[("action", ACTION)],
        &[("result", json!({"exit": 0}))],
    );
    let r = verify(&log);
    assert_eq!(r.verdict, Verdict::Verified, "{r:#?}");
    assert!(said(&r).contains("from before"), "{r:#?}");
}
