//! Which version this program is, and for which system it was built.
//!
//! The version stands in the program at a place of its own ([`wire::STAMP_MARK`]), where `cargo xtask stamp` can write
//! another one. So a release is the very program that was tested, and a test has a second version without a second build.
//! What was not stamped has the version of its package.

use std::hint::black_box;
use std::sync::LazyLock;

use wire::{STAMP_LEN, STAMP_MARK, Version};

/// The version of this agent.
pub static VERSION: LazyLock<String> = LazyLock::new(|| {
    // Without the black box the compiler would read the stamp once and for all.
    let text = &black_box(&STAMP)[AT..];
    let text = text.split(|b| *b == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
});

/// What it was built for, as Rust calls it.
pub const TARGET: &str = env!("COUNTERSIGN_TARGET");

/// Where the version begins in the stamp. A constant, so that the mark itself is nowhere else in the program.
const AT: usize = STAMP_MARK.len();

#[used]
static STAMP: [u8; AT + STAMP_LEN] = stamp(env!("CARGO_PKG_VERSION").as_bytes());

/// The version of this agent, as it compares; none for a build that has no released version's name.
pub fn running() -> Option<Version> {
    VERSION.parse().ok()
}

const fn stamp(version: &[u8]) -> [u8; AT + STAMP_LEN] {
    let mark = STAMP_MARK.as_bytes();
    assert!(version.len() < STAMP_LEN, "the version is too long for its place");
    let mut stamp = [0; AT + STAMP_LEN];
    let mut at = 0;
    while at < mark.len() {
        stamp[at] = mark[at];
        at += 1;
    }
    let mut at = 0;
    while at < version.len() {
        stamp[AT + at] = version[at];
        at += 1;
    }
    stamp
}
