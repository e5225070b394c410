//! IP and hardware addresses, where the settings ask for them.

use std::net::Ipv6Addr;

use domain::finding::FindingKind;

use super::text::{before, behind, byte, run, run_back};
use crate::groups::{Gap, Group};
use crate::matches::Match;
use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        by_setting: true,
        version: 2,
        examples: &[
            "from «192.168.1.200»:443",
            "Version 4: «192.168.1.200»",
            "url http://«10.0.0.0»/x",
        ],
        counter_examples: &[
            "1.2.3.4.5 256.1.1.1 v1.2.3.4",
            "Chrome/120.0.0.0 Safari/537.36",
            "DisplayVersion    REG_SZ    13.31.11.107",
            "version 1.2.3.4, FileVersion : 10.0.3.4 \"ver\": \"1.2.3.4\"",
        ],
        ..Rule::certain("ip.v4", FindingKind::IpAddress, "four octets, not part of a version")
    },
    Rule {
        by_setting: true,
        examples: &["via «2001:db8::ff00:42:8329»."],
        counter_examples: &["10:22:33 std::vec ab::cd"],
        ..Rule::certain("ip.v6", FindingKind::IpAddress, "RFC 4291 text form with a digit in it")
    },
    Rule {
        by_setting: true,
        examples: &["ether «00:1a:2b:3c:4d:5e» x", "Physical Address: «00-1A-2B-3C-4D-5E»"],
        counter_examples: &["00:1a:2b:3c:4d:5e:6f", "00-1a:2b-3c:4d-5e"],
        ..Rule::certain(
            "mac.eui48",
            FindingKind::MacAddress,
            "six pairs of hex digits with one separator",
        )
    },
];

/// Looks for a hardware address whose first separator is at `at`.
pub(crate) fn mac(bytes: &[u8], at: usize) -> Option<Match> {
    const LEN: usize = 17;
    let start = at.checked_sub(2)?;
    let text = bytes.get(start..start + LEN)?;
    let separator = text[2];
    let fits = text.iter().enumerate().all(|(i, &b)| match i % 3 {
        2 => b == separator,
        _ => b.is_ascii_hexdigit(),
    });
    let joins = |b: u8| b.is_ascii_alphanumeric() || b == separator || b == b'_';
    let free = !joins(before(bytes, start)) && !joins(byte(bytes, start + LEN));
    (fits && free).then(|| Match::new(FindingKind::MacAddress, "mac.eui48", start..start + LEN))
}

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
    // A browser says of itself no more than its major version.
    let agent = before(bytes, a.start) == b'/'
        && before(bytes, a.start - 1).is_ascii_alphabetic()
        && bytes[a.end..d.end] == *b".0.0.0";
    (dotted && !longer && free && !agent && [a, b, c, d].iter().all(octet) && !is_version(bytes, a.start))
        .then(|| (Match::new(FindingKind::IpAddress, "ip.v4", a.start..d.end), 4))
}

/// Whether what is at `at` is assigned to a word for a version, or stands right behind one.
fn is_version(bytes: &[u8], at: usize) -> bool {
    let separators = |at: usize| {
        at - run_back(bytes, at, 32, |b| {
            matches!(b, b' ' | b'\t' | b':' | b'=' | b'"' | b'\'' | b'>' | b'|')
        })
    };
    let name = separators(at);
    let name = if behind(bytes, name, "reg_sz") {
        separators(name - 6)
    } else {
        name
    };
    let whole = || behind(bytes, name, "ver") && !before(bytes, name - 3).is_ascii_alphabetic();
    name < at && (behind(bytes, name, "version") || whole())
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
