//! Private keys: PEM, OpenSSH, PGP and SSH2 blocks, from their BEGIN line to their END line.

use std::ops::Range;

use memchr::memmem;

use super::text::{run, run_back};

/// Longest label between BEGIN and the dashes after it, in bytes.
const LABEL: usize = 64;

/// The first BEGIN marker of a private key.
pub(crate) fn begin(bytes: &[u8]) -> Option<Range<usize>> {
    marker(bytes, b"BEGIN ")
}

/// The first END marker of a private key.
pub(crate) fn end(bytes: &[u8]) -> Option<Range<usize>> {
    marker(bytes, b"END ")
}

fn marker(bytes: &[u8], word: &[u8]) -> Option<Range<usize>> {
    memmem::find_iter(bytes, word).find_map(|at| {
        let dash = |b: u8| b == b'-';
        let blank = usize::from(run_back(bytes, at, 1, |b| b == b' ') == 1);
        let dashes = run_back(bytes, at - blank, 5, dash);
        let label_at = at + word.len();
        let label = run(bytes, label_at, LABEL, |b| {
            b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' '
        });
        let after = run(bytes, label_at + label, 5, dash);
        let names_key = memmem::find(&bytes[label_at..label_at + label], b"PRIVATE KEY").is_some();
        (dashes >= 4 && after >= 4 && names_key).then(|| at - blank - dashes..label_at + label + after)
    })
}
