//! A bounded run of the fuzzing of everything that is read: the committed corpora (`tests/corpus`, a folder for each target
//! and an input a file; for statements `tests/golden`), and seeded changes of them. The same checks run without bounds under
//! libFuzzer: see `/fuzz`.

mod decoding;
#[path = "../../../../fuzz/replay.rs"]
mod replay;

use replay::Replay;

/// Pieces that mean something to a reader of names, scopes or JSON.
const PIECES: [&str; 28] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "18446744073709551616",
    "\\u0000",
    "*",
    "**",
    "/",
    "/../",
    "/./",
    "//",
    "\\\\?\\",
    "C:",
    "HKLM\\",
    "(\"",
    "\")",
    "{lines=1}",
    "{since=7d}",
    "\u{202e}",
    "\u{130}",
    "\0",
    "\n",
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

/// R21: a scope says one thing, and comparing two of any kind agrees with what they cover.
#[test]
fn scopes_of_any_bytes_are_survived() {
    replay("tests/corpus/scopes", 3_000, |input| {
        decoding::scopes(&String::from_utf8_lossy(input))
    });
}

/// R21, R25: a name has one form, and nothing that is shown hides anything.
#[test]
fn names_of_any_bytes_are_survived() {
    replay("tests/corpus/names", 300, |input| {
        decoding::names(&String::from_utf8_lossy(input))
    });
}

/// R10, R21: a command has one form, and the narrowest scope covers it.
#[test]
fn commands_of_any_bytes_are_survived() {
    replay("tests/corpus/commands", 20_000, decoding::command);
}

/// R20, R22: a policy that can be read can be written, and answers.
#[test]
fn policies_of_any_bytes_are_survived() {
    replay("tests/corpus/policies", 10_000, decoding::policy);
}

/// R24, R25: a statement has one spelling, and its prompt hides nothing.
#[test]
fn statements_of_any_bytes_are_survived() {
    replay("tests/golden", 10_000, decoding::statement);
}
