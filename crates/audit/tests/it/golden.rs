//! The bytes of version 1, pinned: what was once written must read the same for ever.
//!
//! To pin a new version, add files; never change these. `COUNTERSIGN_GOLDEN=write` writes missing files only.

use std::path::PathBuf;

use audit::bundle::{Bundle, Pin};
use audit::checkpoint::Checkpoint;
use audit::leaf::Leaf;
use audit::verify::{Trusted, Verdict, verify_bytes};

use crate::sample::{Log, vkey};

fn pinned(name: &str, now: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("COUNTERSIGN_GOLDEN").is_some() && !path.exists() {
        std::fs::write(&path, now).unwrap();
    }
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn the_bytes_of_a_leaf_are_pinned() {
    let log = Log::story();
    let sealed = &log.leaves[8];
    let now = String::from_utf8(sealed.leaf.clone()).unwrap();
    let golden = pinned("leaf.v1.json", &now);
    assert_eq!(now, golden);
    assert_eq!(
        sealed.hash.to_string(),
        "2be361e8d1d91141a2fed10a04f417f1245dd79872a3f56929cd35825caf8d05"
    );
    assert_eq!(
        Leaf::parse(golden.as_bytes()).unwrap().to_bytes().unwrap(),
        golden.as_bytes()
    );
}

#[test]
fn the_bytes_of_a_checkpoint_are_pinned() {
    let log = Log::story();
    let golden = pinned("checkpoint.v1.txt", &log.note(12));
    assert_eq!(log.note(12), golden);
    assert_eq!(Checkpoint::verify(&golden, &vkey()).unwrap().root, log.frontier.root());
}

#[test]
fn the_bytes_of_a_bundle_and_its_pin_are_pinned() {
    let log = Log::story();
    let now = log.session_bundle().to_json().unwrap();
    let golden = pinned("bundle.v1.json", &now);
    let fragment = pinned("bundle.v1.pin", &log.pin().to_string());
    assert_eq!(now, golden);
    assert_eq!(fragment.parse::<Pin>().unwrap(), log.pin());
    assert_eq!(Bundle::parse(golden.as_bytes()).unwrap(), log.session_bundle());
    assert_eq!(
        verify_bytes(golden.as_bytes(), Trusted::link(&fragment)).verdict,
        Verdict::Verified
    );
}
