//! Private keys: PEM, OpenSSH, PGP and SSH2 blocks, from their BEGIN line to their END line; PuTTY's, from the count of
//! private lines to the line with their MAC.

use std::ops::Range;

use memchr::memmem;

use domain::finding::FindingKind;

use super::text::{run, run_back};
use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[Rule {
    version: 2,
    examples: &[
        "«-----BEGIN RSA PRIVATE KEY-----»",
        "«-----BEGIN OPENSSH PRIVATE KEY-----»",
        "«Private-Lines: 14»",
    ],
    counter_examples: &[
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
        "the PRIVATE KEY BEGIN marker",
        "Public-Lines: 6",
    ],
    ..Rule::certain(
        "key.private",
        FindingKind::PrivateKey,
        "a BEGIN line that names a private key, up to its END",
    )
}];

/// Longest label between BEGIN and the dashes after it, in bytes.
const LABEL: usize = 64;

/// The first BEGIN marker of a private key.
pub(crate) fn begin(bytes: &[u8]) -> Option<Range<usize>> {
    earlier(
        marker(bytes, b"BEGIN "),
        putty(bytes, b"Private-Lines: ", |b| b.is_ascii_digit()),
    )
}

/// The first END marker of a private key.
pub(crate) fn end(bytes: &[u8]) -> Option<Range<usize>> {
    let putty_end = |name: &[u8]| putty(bytes, name, |b| b.is_ascii_hexdigit());
    let mac = earlier(putty_end(b"Private-MAC: "), putty_end(b"Private-Hash: "));
    earlier(marker(bytes, b"END "), mac)
}

fn earlier(a: Option<Range<usize>>, b: Option<Range<usize>>) -> Option<Range<usize>> {
    a.into_iter().chain(b).min_by_key(|r| r.start)
}

/// A header of a PuTTY key file with its value.
fn putty(bytes: &[u8], name: &[u8], class: impl Fn(u8) -> bool) -> Option<Range<usize>> {
    memmem::find_iter(bytes, name).find_map(|at| {
        let len = run(bytes, at + name.len(), 64, &class);
        (len > 0).then(|| at..at + name.len() + len)
    })
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
