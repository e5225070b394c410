//! Checkpoints: published notes, independent implementations, and every changed byte.

use audit::checkpoint::{Checkpoint, CheckpointError, Vkey, origin_for};
use ed25519_dalek::SigningKey;
use signed_note::{Note, StandardVerifier, VerifierList};

use crate::sample::{Log, ORG, key, vkey};

/// Verifier keys published with C2SP signed-note's reference implementation and with a port of it.
#[test]
fn published_verifier_keys_are_read_and_written() {
    for (text, name) in [
        (
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann",
        ),
        (
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo",
        ),
    ] {
        let vkey: Vkey = text.parse().unwrap();
        assert_eq!((vkey.name(), vkey.to_string().as_str()), (name, text));
    }
}

#[test]
fn texts_that_are_no_verifier_key_are_refused() {
    let good = vkey().to_string();
    let (name, rest) = good.split_once('+').unwrap();
    for bad in [
        "",
        "a+b",
        "a+00000000+AQ==",
        &good.to_uppercase(),
        &format!("{name}x+{rest}"),
        &format!("{good} "),
        rest,
    ] {
        assert_eq!(bad.parse::<Vkey>(), Err(CheckpointError::NotAKey), "{bad}");
    }
    for name in ["", "a b", "a+b", "a\nb"] {
        assert_eq!(
            Vkey::new(name, key().verifying_key()),
            Err(CheckpointError::NotAKey),
            "{name:?}"
        );
    }
}

/// R4: what we sign, the crates `signed_note` and `tlog_tiles` accept.
#[test]
fn our_checkpoint_is_accepted_by_independent_implementations() {
    let log = Log::story();
    let note = log.note(log.size());
    let theirs = Note::from_bytes(note.as_bytes()).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&vkey().to_string()).unwrap())]);
    let (verified, unverified) = theirs.verify(&known).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(theirs.text()).unwrap();
    assert_eq!(
        (checkpoint.origin(), checkpoint.size()),
        (origin_for(ORG).as_str(), log.size())
    );
    assert_eq!(checkpoint.hash().0, log.frontier.root().0);
}

#[test]
fn a_signed_checkpoint_reads_back_and_other_keys_lines_are_ignored() {
    let log = Log::story();
    let note = log.note(5);
    let ours = Checkpoint::verify(&note, &vkey()).unwrap();
    assert_eq!((ours.size, ours.origin.clone()), (5, origin_for(ORG)));
    assert_eq!(Checkpoint::read_unverified(&note), Ok(ours.clone()));

    let witness = Checkpoint {
        origin: "witness.example".into(),
        ..ours.clone()
    }
    .sign(&SigningKey::from_bytes(&[9; 32]))
    .unwrap();
    let line = witness.lines().last().unwrap();
    assert_eq!(Checkpoint::verify(&format!("{note}{line}\n"), &vkey()), Ok(ours));

    let other = Vkey::new(origin_for(ORG), SigningKey::from_bytes(&[9; 32]).verifying_key()).unwrap();
    assert_eq!(
        Checkpoint::verify(&note, &other),
        Err(CheckpointError::NoSignature(origin_for(ORG)))
    );
}

/// R4: no changed byte, and no cut, of a checkpoint goes unnoticed.
#[test]
fn every_flipped_byte_and_every_cut_is_noticed() {
    let note = Log::story().note(12);
    for at in 0..note.len() {
        assert!(
            Checkpoint::verify(note.get(..at).unwrap_or(""), &vkey()).is_err(),
            "cut at {at}"
        );
        for bit in [at % 5, 5] {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(Checkpoint::verify(&changed, &vkey()).is_err(), "byte {at} bit {bit}");
            }
        }
    }
}

#[test]
fn signed_text_that_is_no_checkpoint_is_refused() {
    for body in ["o\n", "o\n5\n", "o\n05\nroot\n", "\n5\nx\n", "o\n5\nAA==\n"] {
        assert_eq!(
            Checkpoint::read_unverified(&format!("{body}\n\u{2014} o AAAAAAAA\n")),
            Err(CheckpointError::NotACheckpoint),
            "{body:?}"
        );
    }
    assert_eq!(Checkpoint::read_unverified("no note"), Err(CheckpointError::NotANote));
    assert_eq!(
        Checkpoint::read_unverified(&format!("{}\n\n\u{2014} o AAAA\n", "x".repeat(70_000))),
        Err(CheckpointError::NotANote)
    );
}
