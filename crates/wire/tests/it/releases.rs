//! Manifests of releases and the messages that carry them.

use domain::digest::Digest;
use ed25519_dalek::SigningKey;
use wire::{
    AgentMessage, DecodeError, MAX_FRAME, MAX_PART, MAX_RELEASE, Manifest, NotARelease, NotAVersion, ServerMessage,
    SignedManifest, UpdatePart, UpdateStage, UpdateState, UpdateWant, Version,
};

use crate::samples::v2::{manifest, release, release_key};

/// R10: only what the release key signed is a release, to the byte.
#[test]
fn a_manifest_is_believed_only_as_the_release_key_signed_it() {
    let (signed, key) = (release(), release_key().verifying_key());
    assert_eq!(signed.open(&key), Ok(manifest()));
    let other = SigningKey::from_bytes(&[5; 32]).verifying_key();
    assert_eq!(signed.open(&other), Err(NotARelease::BadSignature));
    let newer = SignedManifest {
        manifest: signed.manifest.replace("0.2.0", "0.3.0"),
        ..signed.clone()
    };
    assert_eq!(newer.open(&key), Err(NotARelease::BadSignature));
    assert_eq!(newer.claimed().unwrap().version, "0.3.0".parse().unwrap());
    assert_ne!(newer.digest(), signed.digest());
}

/// R10: what is signed with the key but is not as it must be is refused as well.
#[test]
fn a_signed_manifest_of_another_shape_is_refused() {
    let key = release_key();
    let changed = |change: fn(&mut Manifest)| {
        let mut manifest = manifest();
        change(&mut manifest);
        SignedManifest::sign(&manifest, &key)
            .unwrap()
            .open(&key.verifying_key())
    };
    assert_eq!(changed(|m| m.v = 2), Err(NotARelease::Unsupported));
    assert_eq!(changed(|m| m.size = 0), Err(NotARelease::Malformed));
    assert_eq!(changed(|m| m.size = MAX_RELEASE + 1), Err(NotARelease::Malformed));
    assert_eq!(changed(|m| m.target = "../x".into()), Err(NotARelease::Malformed));
    assert_eq!(changed(|m| m.target = String::new()), Err(NotARelease::Malformed));
    assert!(changed(|m| m.size = MAX_RELEASE).is_ok());
}

#[test]
fn versions_are_three_numbers_and_compare_as_numbers() {
    let v = |t: &str| t.parse::<Version>();
    assert!(v("0.9.0").unwrap() < v("0.10.0").unwrap());
    assert!(v("1.0.0").unwrap() > v("0.99.99").unwrap());
    assert!(v("1.2.3").unwrap() < v("1.2.4").unwrap());
    assert_eq!(v("10.20.30").unwrap().to_string(), "10.20.30");
    for bad in [
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "1.2.x",
        "1.2.3-rc1",
        "+1.2.3",
        "01.2.3",
        "1..3",
        "1.2.4294967296",
    ] {
        assert_eq!(v(bad), Err(NotAVersion), "{bad}");
    }
}

#[test]
fn the_largest_piece_fits_a_frame_and_a_larger_one_is_refused() {
    let piece = |n: usize| ServerMessage::UpdatePart(UpdatePart::new(Digest::of(&[]), 0, &vec![0xff; n]));
    let frame = piece(MAX_PART).encode().unwrap();
    assert!(frame.len() < MAX_FRAME);
    let ServerMessage::UpdatePart(part) = ServerMessage::decode(&frame).unwrap() else {
        panic!("it is a piece")
    };
    assert_eq!(part.bytes().unwrap(), vec![0xff; MAX_PART]);
    for n in [0, MAX_PART + 1] {
        let read = ServerMessage::decode(&piece(n).encode().unwrap());
        assert_eq!(read, Err(DecodeError::Limits("update_part")), "{n} bytes");
    }
    let far = AgentMessage::UpdateWant(UpdateWant {
        release: Digest::of(&[]),
        offset: MAX_RELEASE + 1,
    });
    let read = AgentMessage::decode(&far.encode().unwrap());
    assert_eq!(read, Err(DecodeError::Limits("update_want")));
}

#[test]
fn a_long_detail_is_cut_between_characters() {
    let from = "0.1.0".parse().unwrap();
    let state = UpdateState::new(Digest::of(&[]), UpdateStage::Refused, from, &"é".repeat(600));
    assert_eq!(state.detail.len(), 1024);
    assert!(AgentMessage::decode(&AgentMessage::UpdateState(state).encode().unwrap()).is_ok());
}
