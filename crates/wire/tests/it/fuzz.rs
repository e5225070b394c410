//! A bounded run of the decoders' fuzzing: the committed corpora (`tests/corpus`, a folder for each target and an input a
//! file), and seeded changes of them. The same checks run without bounds under libFuzzer: see `/fuzz`.

use crate::decoding;
use crate::replay::Replay;

/// Pieces that mean something to a JSON reader or to this protocol.
const PIECES: [&str; 24] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "\\u0000",
    "\\ud800",
    "\"type\":",
    "\"protocol\":2",
    "\"about\":null",
    "\"ran\":null",
    "\"more\":null",
    "\"evidence\":\"\"",
    "\u{202e}",
    "\0",
    "\n",
];

fn replay(folder: &str, changes: usize, check: fn(&str) -> bool) {
    let replay = Replay {
        package: env!("CARGO_MANIFEST_DIR"),
        folders: &[folder],
        pieces: &PIECES,
        changes,
    };
    replay.run(|input| check(&String::from_utf8_lossy(input)));
}

/// R16, R72: whatever a peer sends, decoding says yes or no, and means one thing by it.
#[test]
fn frames_and_a_hundred_thousand_changes_of_them_are_survived() {
    replay("tests/corpus/frames", 100_000, decoding::frame);
}

/// R10, R16: a signature over something that is no order, or no release, makes it neither.
#[test]
fn what_is_signed_is_read_in_its_one_spelling_alone() {
    replay("tests/corpus/signed", 3_000, decoding::signed);
}

/// R16: whatever is said in whatever order, a side that saw a violation says and takes nothing more.
#[test]
fn both_sides_survive_any_conversation() {
    replay("tests/corpus/conversations", 5_000, decoding::conversation);
}
