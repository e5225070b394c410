//! A bounded run of the fuzzing of what the agent reads: the committed corpora (`tests/corpus`, a folder for each target and
//! an input a file), and seeded changes of them. The same checks run without bounds under libFuzzer: see `/fuzz`.

use crate::decoding;
use crate::replay::Replay;

/// Pieces that mean something to a reader of CLIXML, UTF-16, JSON or TOML.
const PIECES: [&str; 24] = [
    "#< CLIXML\n",
    "<Objs>",
    "</Objs>",
    "<S S=\"Error\">",
    "</S>",
    "_x000A_",
    "_xD83D_",
    "&amp;",
    "&#x0;",
    "4242424242424242",
    "\u{feff}",
    "\0",
    "\r",
    "\n",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "null",
    "-1",
    "18446744073709551616",
    "\u{e9}",
];

fn replay(folder: &str, changes: usize, check: fn(&[u8]) -> bool) {
    let replay = Replay {
        package: env!("CARGO_MANIFEST_DIR"),
        folders: &[folder],
        pieces: &PIECES,
        changes,
    };
    replay.run(check);
}

/// R11: whatever a program writes, it is read in one way, however it comes.
#[test]
fn streams_of_any_bytes_are_survived() {
    replay("tests/corpus/streams", 10_000, decoding::stream);
}

/// R3, R10: whatever stands in the data folder, the agent reads it or says that it can't, and runs nothing twice.
#[test]
fn files_of_any_bytes_are_survived() {
    replay("tests/corpus/files", 500, decoding::file);
}

/// R3: whatever happened to the spool, what is lost is said to be.
#[test]
fn spools_of_any_bytes_are_survived() {
    replay("tests/corpus/spools", 300, decoding::spool);
}
