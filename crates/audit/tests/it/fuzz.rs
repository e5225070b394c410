//! A bounded run of the fuzzing of all readers: the committed corpora (`tests/corpus`, a folder for each target and an input
//! a file), and seeded changes of them. The same checks run without bounds under libFuzzer: see `/fuzz`.

use crate::decoding;
use crate::replay::Replay;

/// Pieces that mean something to a reader of canonical JSON, notes or paths.
const PIECES: [&str; 22] = [
    "\"",
    "\\",
    "\\u001f",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "-0",
    "9007199254740992",
    "18446744073709551616",
    "\"withheld\"",
    ",\"whole\":true",
    "\n\n",
    "\n\u{2014} a ",
    "old 0",
    "x001/",
    ".p/1",
    "\u{202e}",
    "\0",
];

fn replay(folder: &str, changes: usize, check: impl Fn(&[u8]) -> bool) {
    let replay = Replay {
        package: env!("CARGO_MANIFEST_DIR"),
        folders: &[folder],
        pieces: &PIECES,
        changes,
    };
    replay.run(check);
}

/// R4, R45: whatever is given to the verifier, it says what it is; and a bundle has one spelling.
#[test]
fn bundles_of_any_bytes_are_survived() {
    replay("tests/corpus/bundles", 5_000, decoding::bundle);
}

/// R4: a leaf has one spelling.
#[test]
fn leaves_of_any_bytes_are_survived() {
    replay("tests/corpus/leaves", 50_000, decoding::leaf);
}

/// R4: a checkpoint, with or without cosignatures, says what was signed.
#[test]
fn notes_of_any_bytes_are_survived() {
    replay("tests/corpus/notes", 3_000, |input| {
        decoding::note(&String::from_utf8_lossy(input))
    });
}

/// R4: keys, pins and paths have one spelling.
#[test]
fn words_of_any_bytes_are_survived() {
    replay("tests/corpus/words", 20_000, |input| {
        decoding::words(&String::from_utf8_lossy(input))
    });
}

/// R4: a proof that was changed anywhere does not hold.
#[test]
fn proofs_of_any_bytes_are_survived() {
    replay("tests/corpus/proofs", 1_500, decoding::proof);
}
