//! IP addresses, where the settings ask for them.

use std::net::Ipv6Addr;

use domain::finding::FindingKind;

use super::text::{before, byte, run, run_back};
use crate::matches::Match;
use crate::scan::{Gap, Group};

/// Looks for a dotted quad that starts with the first of `groups`. Longer dotted numbers are versions or object ids.
pub(crate) fn v4(bytes: &[u8], groups: &[Group]) -> Option<(Match, usize)> {
    let [a, b, c, d, rest @ ..] = groups else { return None };
    let dotted = a.gap != Gap::Dot && [b, c, d].iter().all(|g| g.gap == Gap::Dot);
    let octet = |g: &&Group| {
        g.len() <= 3
            && bytes[g.start..g.end]
                .iter()
                .fold(0, |n, b| n * 10 + u32::from(b - b'0'))
                < 256
    };
    let longer = rest.first().is_some_and(|g| g.gap == Gap::Dot);
    let joined = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let free = !joined(before(bytes, a.start)) && !joined(byte(bytes, d.end));
    (dotted && !longer && free && [a, b, c, d].iter().all(octet))
        .then(|| (Match::new(FindingKind::IpAddress, "ip.v4", a.start..d.end), 4))
}

/// Looks for an IPv6 address around a colon. `done` is where the last one looked at ended, so that none is looked at twice.
pub(crate) fn v6(bytes: &[u8], colon: usize, done: &mut usize) -> Option<Match> {
    const LONGEST: usize = 45;
    if colon < *done {
        return None;
    }
    let class = |b: u8| b.is_ascii_hexdigit() || b == b':' || b == b'.';
    let start = colon - run_back(bytes, colon, LONGEST, class);
    let len = run(bytes, start, LONGEST + 1, class);
    *done = start + len;
    let text = std::str::from_utf8(&bytes[start..start + len])
        .ok()?
        .trim_end_matches('.');
    let text = if text.ends_with("::") {
        text
    } else {
        text.trim_end_matches(':')
    };
    let end = start + text.len();
    let joined = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let free = !joined(before(bytes, start)) && !joined(byte(bytes, end));
    let address = text.len() <= LONGEST && text.bytes().any(|b| b.is_ascii_digit()) && text.parse::<Ipv6Addr>().is_ok();
    (free && address).then(|| Match::new(FindingKind::IpAddress, "ip.v6", start..end))
}
