//! The fuzz targets, as functions of any bytes. Each is a check that a crate's tests replay over a committed corpus, taken in
//! from there: what libFuzzer finds becomes a file of that corpus. The README beside says how they are run.

#![expect(missing_docs, reason = "each is named as its target, and explained where its check is")]

use std::borrow::Cow;

#[path = "../../agent/tests/it/decoding.rs"]
mod agent_side;
#[path = "../../crates/gate/tests/fuzz/decoding.rs"]
mod allowed;
#[path = "../../crates/audit/tests/it/decoding.rs"]
mod record;
#[path = "../../crates/redact/tests/it/decoding.rs"]
mod redaction;
#[path = "../../crates/wire/tests/it/decoding.rs"]
mod said;

fn text(input: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(input)
}

/// Settings, cuts and claims that go with an input; the same each time (FNV-1a).
fn with(input: &[u8]) -> redaction::Random {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    redaction::Random(input.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

pub fn frames(input: &[u8]) {
    said::frame(&text(input));
}

pub fn signed(input: &[u8]) {
    said::signed(&text(input));
}

pub fn conversations(input: &[u8]) {
    said::conversation(&text(input));
}

pub fn bundles(input: &[u8]) {
    record::bundle(input);
}

pub fn leaves(input: &[u8]) {
    record::leaf(input);
}

pub fn notes(input: &[u8]) {
    record::note(&text(input));
}

pub fn words(input: &[u8]) {
    record::words(&text(input));
}

pub fn proofs(input: &[u8]) {
    record::proof(input);
}

pub fn scopes(input: &[u8]) {
    allowed::scopes(&text(input));
}

pub fn names(input: &[u8]) {
    allowed::names(&text(input));
}

pub fn commands(input: &[u8]) {
    allowed::command(input);
}

pub fn policies(input: &[u8]) {
    allowed::policy(input);
}

pub fn statements(input: &[u8]) {
    allowed::statement(input);
}

pub fn output(input: &[u8]) {
    redaction::output(input, &mut with(input));
}

pub fn chunks(input: &[u8]) {
    redaction::chunks(input, &mut with(input));
}

pub fn settings(input: &[u8]) {
    redaction::settings_of(&text(input), &mut with(input));
}

pub fn streams(input: &[u8]) {
    agent_side::stream(input);
}

pub fn files(input: &[u8]) {
    agent_side::file(input);
}

pub fn spools(input: &[u8]) {
    agent_side::spool(input);
}
