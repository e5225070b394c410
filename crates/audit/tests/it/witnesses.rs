//! Witnesses: the published example, an independent implementation, and a log that tries to show two histories.

use audit::bundle::{Bundle, Scope, Witnessed};
use audit::checkpoint::{Checkpoint, CheckpointError, origin_for};
use audit::cosignature::{WitnessKey, claimed, cosign};
use audit::proof::Plan;
use audit::verify::{Cosigner, Report, Trusted, Verdict, verify_bundle, verify_bytes};
use audit::witness::{AddCheckpoint, NotARequest, Refusal, Seen, judge};
use domain::digest::Digest;
use ed25519_dalek::SigningKey;
use signed_note::{Note, StandardVerifier, VerifierList};

use crate::sample::{Log, ORG, key, vkey};

const NAME: &str = "witness.example/w1";

fn witness() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn witness_key() -> WitnessKey {
    WitnessKey::new(NAME, witness().verifying_key()).unwrap()
}

fn ask(log: &Log, old: u64, size: u64) -> AddCheckpoint {
    AddCheckpoint {
        old,
        proof: Plan::consistency(old, size).unwrap().assemble(&log.nodes).unwrap(),
        note: log.note(size),
    }
}

/// R4: a cosignature is of one text, by one key, at one time: no other byte passes.
#[test]
fn a_cosignature_is_of_exactly_this_checkpoint() {
    let note = Log::story().note(9);
    let line = cosign(&note, NAME, &witness(), 1_772_333_229).unwrap();
    let cosigned = format!("{note}{line}");
    assert_eq!(witness_key().cosigned(&cosigned), Ok(Some(1_772_333_229)));
    assert_eq!(witness_key().cosigned(&note), Ok(None), "not cosigned");
    assert_eq!(claimed(&cosigned), [NAME]);
    assert_eq!(
        Checkpoint::verify(&cosigned, &vkey()).unwrap().size,
        9,
        "the log's own line still counts"
    );
    let other = WitnessKey::new(NAME, SigningKey::from_bytes(&[8; 32]).verifying_key()).unwrap();
    assert_eq!(
        other.cosigned(&cosigned),
        Ok(None),
        "another key of that name has another id"
    );
    // Only the text and this witness's own line are its business; the log's line is the log's.
    let of_log = note.find('\u{2014}').unwrap()..note.len();
    for at in (0..cosigned.len()).filter(|at| !of_log.contains(at)) {
        for bit in [at % 5, 5] {
            let mut bytes = cosigned.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(bytes) {
                let found = witness_key().cosigned(&changed);
                assert!(!matches!(found, Ok(Some(_))), "byte {at} bit {bit}");
            }
        }
    }
    let line = line.trim_end().to_owned();
    let later = cosign(&note, NAME, &witness(), 1_772_333_300).unwrap();
    assert_eq!(
        witness_key().cosigned(&format!("{note}{line}\n{later}")),
        Ok(Some(1_772_333_300)),
        "the latest counts"
    );
    assert!(cosign(&note, NAME, &witness(), u64::MAX).is_err());
    assert!(cosign("no note", NAME, &witness(), 1).is_err());
}

/// The signed text of the specification's own example, and the key's text, in their exact form.
#[test]
fn the_formats_are_those_of_the_specification() {
    let note =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} x AAAAAAAA\n";
    let line = cosign(note, NAME, &witness(), 1_679_315_147).unwrap();
    let text = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::STANDARD
        .decode(line.trim_end().rsplit(' ').next().unwrap())
        .unwrap();
    assert_eq!(raw.len(), 4 + 8 + 64);
    assert_eq!(raw[..4], witness_key().id());
    assert_eq!(raw[4..12], 1_679_315_147_u64.to_be_bytes());
    let signature = ed25519_dalek::Signature::from_slice(&raw[12..]).unwrap();
    witness()
        .verifying_key()
        .verify_strict(text.as_bytes(), &signature)
        .unwrap();

    let shown = witness_key().to_string();
    assert_eq!(shown.parse::<WitnessKey>(), Ok(witness_key()));
    assert_eq!(
        vkey().to_string().parse::<WitnessKey>(),
        Err(CheckpointError::NotAKey),
        "a log's key is no witness's"
    );
    for bad in ["", "a+b+c", &shown.replace("w1", "w2"), &format!("{shown}=")] {
        assert_eq!(bad.parse::<WitnessKey>(), Err(CheckpointError::NotAKey), "{bad}");
    }
}

/// R4: a note with cosignatures is one that the crate `signed_note` still accepts for the log's own key.
#[test]
fn a_cosigned_note_is_accepted_by_an_independent_implementation() {
    let log = Log::story();
    let note = log.note(12);
    let cosigned = format!("{note}{}", cosign(&note, NAME, &witness(), 1).unwrap());
    let theirs = Note::from_bytes(cosigned.as_bytes()).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&vkey().to_string()).unwrap())]);
    let (verified, unverified) = theirs.verify(&known).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 1));
}

#[test]
fn a_request_reads_back_and_what_is_none_is_refused() {
    let log = Log::story();
    let asked = ask(&log, 3, 12);
    let text = asked.to_string();
    assert!(
        text.starts_with("old 3\n") && text.contains("\n\ncountersign/"),
        "{text}"
    );
    assert_eq!(text.parse::<AddCheckpoint>(), Ok(asked.clone()));
    assert_eq!(asked.origin(), Ok(origin_for(ORG)));
    let hash = text.lines().nth(1).unwrap();
    for bad in [
        String::new(),
        "old 3\n".into(),
        text.replace("old 3", "old 03"),
        text.replace("old 3", "new 3"),
        text.replace(hash, &hash[1..]),
        format!("old 3\n{}\nx", format!("{hash}\n").repeat(64)),
    ] {
        assert_eq!(bad.parse::<AddCheckpoint>(), Err(NotARequest), "{bad:?}");
    }
}

/// R4: from every size that was cosigned to every later one, and nowhere else.
#[test]
fn a_log_that_only_grew_is_cosigned_from_every_size_to_every_later_one() {
    let log = Log::story();
    let state = |size| (size > 0).then(|| judge(&ask(&log, 0, size), &vkey(), None).unwrap());
    for old in 0..=log.size() {
        for size in old.max(1)..=log.size() {
            let seen = judge(&ask(&log, old, size), &vkey(), state(old)).unwrap();
            assert_eq!(seen.size, size);
            let late = judge(&ask(&log, old, size), &vkey(), state(size));
            let expected = if old == size {
                Ok(seen)
            } else {
                Err(Refusal::OtherOldSize(size))
            };
            assert_eq!(late, expected, "{old} to {size}");
        }
    }
}

/// R4: a fork, a roll-back, a wrong proof, a foreign signature.
#[test]
fn a_log_with_two_histories_is_refused() {
    let log = Log::story();
    let mut fork = Log::default();
    for leaf in &log.leaves[..8] {
        fork.push(leaf.clone());
    }
    for _ in 8..log.size() {
        fork.event("org.created", &[], &[("what", serde_json::json!({"name": "Other"}))]);
    }
    let seen = judge(&ask(&log, 0, 10), &vkey(), None).unwrap();
    assert_eq!(
        judge(&ask(&fork, 10, 10), &vkey(), Some(seen)),
        Err(Refusal::OtherRoot(10))
    );
    assert_eq!(
        judge(&ask(&fork, 10, 12), &vkey(), Some(seen)),
        Err(Refusal::Inconsistent)
    );
    let rolled_back = AddCheckpoint {
        old: 10,
        proof: vec![],
        note: log.note(5),
    };
    assert_eq!(judge(&rolled_back, &vkey(), Some(seen)), Err(Refusal::OldBeyondNew));
    assert_eq!(
        judge(&ask(&log, 5, 12), &vkey(), Some(seen)),
        Err(Refusal::OtherOldSize(10))
    );
    let mut wrong = ask(&log, 10, 12);
    wrong.proof[0] = Digest([1; 32]);
    assert_eq!(judge(&wrong, &vkey(), Some(seen)), Err(Refusal::Inconsistent));
    wrong.proof.clear();
    assert_eq!(judge(&wrong, &vkey(), Some(seen)), Err(Refusal::Inconsistent));
    let foreign = Checkpoint {
        origin: origin_for(ORG),
        size: 12,
        root: Digest([2; 32]),
    };
    let foreign = AddCheckpoint {
        note: foreign.sign(&SigningKey::from_bytes(&[3; 32])).unwrap(),
        ..ask(&log, 10, 12)
    };
    assert_eq!(judge(&foreign, &vkey(), Some(seen)), Err(Refusal::NotSigned));
    let elsewhere = Checkpoint {
        origin: origin_for("other"),
        size: 12,
        root: Digest([2; 32]),
    };
    let elsewhere = AddCheckpoint {
        note: elsewhere.sign(&key()).unwrap(),
        ..ask(&log, 10, 12)
    };
    assert_eq!(judge(&elsewhere, &vkey(), Some(seen)), Err(Refusal::NotSigned));
    let statuses = [
        Refusal::NotSigned,
        Refusal::OldBeyondNew,
        Refusal::OtherOldSize(1),
        Refusal::OtherRoot(1),
        Refusal::Inconsistent,
    ];
    assert_eq!(statuses.map(|r| r.status()), [403, 400, 409, 409, 422]);
    assert_eq!(seen, Seen { size: 10, ..seen });
}

/// A bundle at size 10 with a checkpoint of size 12 that the witness cosigned.
fn witnessed(log: &Log) -> Bundle {
    let note = log.note(12);
    let scope = Scope {
        text: String::new(),
        session: None,
        whole: false,
    };
    let bundle = log.bundle_at(10, &[3, 8], scope);
    Bundle {
        witnessed: Some(Witnessed {
            checkpoint: format!("{note}{}", cosign(&note, NAME, &witness(), 1_772_333_229).unwrap()),
            consistency: Plan::consistency(10, 12).unwrap().assemble(&log.nodes).unwrap(),
        }),
        ..bundle
    }
}

fn verify(log: &Log, bundle: &Bundle, witnesses: &[WitnessKey]) -> Report {
    let pin = bundle.pin(log.pin().key_hash);
    verify_bundle(bundle, Some(&pin), witnesses)
}

/// R4, R7: what a witness cosigned later holds for the record before it; who asks for a witness gets its word or is told.
#[test]
fn a_record_carries_its_witnesses_word() {
    let log = Log::story();
    let bundle = witnessed(&log);
    let json = bundle.to_json().unwrap();
    assert_eq!(Bundle::parse(json.as_bytes()), Ok(bundle.clone()));
    let known = verify(&log, &bundle, &[witness_key()]);
    assert_eq!(known.verdict, Verdict::Verified, "{known:?}");
    let cosigner = |time| Cosigner {
        name: NAME.into(),
        time,
    };
    assert_eq!(known.cosigners, [cosigner(Some(1_772_333_229))]);
    assert!(
        known.checks.iter().any(|c| c.contains("cosigned it at 2026-03-01")),
        "{known:?}"
    );
    let unknown = verify(&log, &bundle, &[]);
    assert_eq!(
        (unknown.verdict, unknown.cosigners),
        (Verdict::Verified, vec![cosigner(None)])
    );
    let pin = bundle.pin(log.pin().key_hash).to_string();
    let trusted = Trusted {
        fragment: Some(&pin),
        witnesses: &[witness_key()],
    };
    assert_eq!(verify_bytes(json.as_bytes(), trusted).verdict, Verdict::Verified);

    let other = WitnessKey::new("other.example", SigningKey::from_bytes(&[8; 32]).verifying_key()).unwrap();
    let lacking = verify(&log, &bundle, &[witness_key(), other]);
    assert_eq!(lacking.verdict, Verdict::CannotVerify);
    assert!(
        lacking.sentence.contains("no cosignature by the witness other.example"),
        "{lacking:?}"
    );
    let plain = Bundle {
        witnessed: None,
        ..bundle
    };
    assert_eq!(verify(&log, &plain, &[witness_key()]).verdict, Verdict::CannotVerify);
}

/// R4: a cosigned checkpoint of another history, a wrong proof, a changed cosignature.
#[test]
fn a_record_that_its_witness_did_not_see_is_altered() {
    let log = Log::story();
    let good = witnessed(&log);
    let altered = |change: &dyn Fn(&mut Witnessed)| {
        let mut bundle = good.clone();
        change(bundle.witnessed.as_mut().unwrap());
        assert_eq!(verify(&log, &bundle, &[witness_key()]).verdict, Verdict::Altered);
    };
    altered(&|w| w.consistency.clear());
    altered(&|w| w.consistency[0] = Digest([1; 32]));
    altered(&|w| w.checkpoint = w.checkpoint.replacen("12", "13", 1));
    altered(&|w| {
        let end = w.checkpoint.trim_end().len();
        let last = if w.checkpoint.ends_with("A==\n") { "B" } else { "A" };
        w.checkpoint.replace_range(end - 6..end - 5, last);
    });
    let other = Checkpoint {
        origin: origin_for(ORG),
        size: 12,
        root: Digest([5; 32]),
    };
    altered(&|w| w.checkpoint = other.sign(&key()).unwrap());
}
