//! Decoding of frames under libFuzzer: `cargo +nightly fuzz run frames ../crates/wire/tests/corpus/frames`. The check is the one
//! that the tests of `wire` replay; what is found becomes a file of that corpus.

#![no_main]

#[path = "../../crates/wire/tests/it/decoding.rs"]
mod decoding;

libfuzzer_sys::fuzz_target!(|frame: &[u8]| {
    decoding::frame(&String::from_utf8_lossy(frame));
});
